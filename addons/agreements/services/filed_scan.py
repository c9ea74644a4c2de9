"""Which scan an agreement is signed with: the last version, when it is a signed scan that no reopening superseded."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from addons.agreements.models.agreement_version import AgreementVersion
from app.addon import Conflict
from app.addon import lazy_gettext as _l

JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The markers of a JPEG that tell its height and width."""


def last_number(session: Session, agreement_id: int) -> int:
    """The number of the last version, archived ones included; 0 without any."""
    statement = select(func.max(AgreementVersion.number)).where(AgreementVersion.agreement_id == agreement_id)
    return session.scalar(statement) or 0


def has_filed_scan(session: Session, agreement_id: int, reopened_after: int | None) -> bool:
    """Whether the agreement can be signed with what is filed: neither a later draft nor a reopening followed it."""
    statement = select(AgreementVersion.number, AgreementVersion.kind)
    statement = statement.where(AgreementVersion.agreement_id == agreement_id, AgreementVersion.active)
    last = session.execute(statement.order_by(AgreementVersion.number.desc()).limit(1)).first()
    return last is not None and last.kind == "signed" and last.number > (reopened_after or 0)


def scan_filed(*columns: str) -> Conflict:
    """The refusal of a change of what the filed scan shows, with the way out."""
    message = _l("The signed scan shows something else.")
    summary = _l(
        "The signed scan is filed already. To change what it shows, first add a new draft and say why, under "
        "“Versions”. A new signed scan is needed then."
    )
    return Conflict(summary, {name: [message] for name in columns}, code="scan_filed")


def is_readable_scan(content: bytes) -> bool:
    """Whether ``content`` is a PDF with its end, or a PNG or JPG that tells its size."""
    if b"%PDF-" in content[:16]:
        return b"%%EOF" in content[-1024:]
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return content[12:16] == b"IHDR" and any(content[16:20]) and any(content[20:24])
    return content.startswith(b"\xff\xd8") and _has_jpeg_frame(content)


def _has_jpeg_frame(content: bytes) -> bool:
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker in JPEG_FRAMES:
            return any(content[place + 5 : place + 7]) and any(content[place + 7 : place + 9])
        place += 1 if marker == 0xFF else 2 + int.from_bytes(content[place + 2 : place + 4])
    return False


def unreadable(name: Any) -> str:
    """The sentence about a scan that does not open."""
    return _l("%(name)s cannot be read as PDF, PNG or JPG. Scan the signed paper again.", name=str(name)[:200])
