"""Files that belong to a record: of one institution, of a known kind, reached only through the owning record."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import filetype
from flask import current_app
from sqlalchemy import BigInteger, String, event, select
from sqlalchemy.orm import Mapped, Session, SessionTransaction

from app.database.base import Archivable, Audited, InstitutionOwned, Model
from app.database.columns import column, index
from app.database.session import GuardedSession
from app.errors import Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.registry.hooks import send

ALLOWED_KINDS = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}
"""Kinds that are taken, told from the bytes and never from the name."""

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\:*?\"<>|]+")
"""Control characters, those that turn the direction of writing (an ending could be hidden), and parts of paths."""


class Attachment(InstitutionOwned, Archivable, Audited, Model):
    """One file of the record ``model`` + ``record_id``; ``stored_name`` is ours and tells nothing."""

    __title__ = _l("File")
    __plural__ = _l("Files")
    __constraints__ = (index("model", "record_id"),)

    model: Mapped[str] = column(String(100), label=_l("Model"))
    record_id: Mapped[int] = column(label=_l("Record"))
    name: Mapped[str] = column(String(200), label=_l("Name"))
    kind: Mapped[str] = column(String(100), label=_l("Kind"))
    size: Mapped[int] = column(BigInteger, label=_l("Size"))
    sha256: Mapped[str] = column(String(64), label=_l("Checksum"))
    stored_name: Mapped[str] = column(String(80), label=_l("Stored name"))


@dataclass(frozen=True, slots=True)
class PendingFile:
    """A file under its temporary name, and the savepoint it was written in."""

    pending: Path
    final: Path
    savepoint: SessionTransaction | None

    def is_within(self, transaction: SessionTransaction) -> bool:
        """Whether ``transaction`` is the file's savepoint or one around it."""
        around = self.savepoint
        while around is not None and around is not transaction:
            around = around.parent
        return around is not None


def attach(session: Session, record: Model, name: str, stream: IO[bytes]) -> Attachment:
    """Keep ``stream`` as a file of ``record``. Raises `Invalid` when it is empty, too big or of a kind not taken, and
    whatever a receiver of ``kernel.file_added`` raises.

    The bytes are written under a temporary name and get their own when the transaction commits.
    """
    limit: int = current_app.config["MAX_UPLOAD_BYTES"]
    content = stream.read(limit + 1)
    clean = clean_name(name)
    if not content:
        raise Invalid(
            _l("The file %(name)s is empty.", name=clean), {"files": [_l("The file %(name)s is empty.", name=clean)]}
        )
    if len(content) > limit:
        raise _too_big(clean, limit)
    kind = kind_of(content)
    if kind is None:
        message = _l(
            "%(name)s is of a kind that is not accepted. Accepted: PDF, PNG, JPG, DOCX, XLSX, ODT, ODS.", name=clean
        )
        raise Invalid(message, {"files": [message]})
    stored_name = f"{secrets.token_hex(20)}.{ALLOWED_KINDS[kind]}"
    _write_pending(session, stored_name, content)
    attachment = Attachment(
        model=record.__model_key__,
        record_id=record.id,
        name=clean,
        kind=kind,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        stored_name=stored_name,
    )
    session.add(attachment)
    session.flush()
    institution_id = getattr(record, "institution_id", None)
    if institution_id is not None:
        send("kernel.file_added", institution_id, record=record, file=attachment)
    return attachment


def _too_big(name: str, limit: int) -> Invalid:
    message = _l("The file %(name)s is larger than %(limit)d MB.", name=name, limit=limit // 2**20)
    return Invalid(message, {"files": [message]})


def kind_of(content: bytes) -> str | None:
    """The media type the bytes show, if it is one that is taken."""
    guess = filetype.guess(content)
    return guess.mime if guess is not None and guess.mime in ALLOWED_KINDS else None


def clean_name(name: str) -> str:
    """A file name that is safe to show and to offer for download."""
    cleaned = " ".join(_UNSAFE.sub(" ", name).split()).strip(" .")
    stem, dot, ending = cleaned.rpartition(".")
    return (f"{stem[:180]}{dot}{ending[:10]}" if dot else cleaned[:190]) or "file"


def attachments_of(session: Session, record: Model) -> list[Attachment]:
    """The files of ``record``, oldest first, archived ones left out."""
    statement = select(Attachment).where(
        Attachment.model == record.__model_key__, Attachment.record_id == record.id, Attachment.active
    )
    return list(session.scalars(statement.order_by(Attachment.id)))


def attachment_of(session: Session, record: Model, attachment_id: int) -> Attachment:
    """One file of ``record``. Raises `NotFound` when it belongs to another record."""
    for attachment in attachments_of(session, record):
        if attachment.id == attachment_id:
            return attachment
    raise NotFound(_l("This file does not exist, or you may not see it."))


def files_folder() -> Path:
    """Where the files are kept."""
    return Path(current_app.config["DATA_DIR"]) / "files"


def path_of(attachment: Attachment) -> Path:
    """The file of ``attachment`` on disk. Raises `NotFound` when it is gone."""
    path = files_folder() / attachment.stored_name[:2] / attachment.stored_name
    if not path.is_file():
        raise NotFound(_l("The file is missing from the store. Tell your administrator."))
    return path


def is_unchanged(attachment: Attachment) -> bool:
    """Whether the file on disk is there and still has the checksum it came with."""
    try:
        with path_of(attachment).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == attachment.sha256
    except NotFound:
        return False


def _write_pending(session: Session, stored_name: str, content: bytes) -> None:
    folder = files_folder() / "pending"
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    path = folder / stored_name
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    final = files_folder() / stored_name[:2] / stored_name
    session.info.setdefault("pending_files", []).append(PendingFile(path, final, session.get_nested_transaction()))


@event.listens_for(GuardedSession, "after_commit")
def keep_files(session: Session) -> None:
    """Give the files of a committed transaction their own names."""
    if session.in_nested_transaction():
        return  # only a savepoint was released; the transaction may still be rolled back
    for file in session.info.pop("pending_files", []):
        file.final.parent.mkdir(exist_ok=True, mode=0o750)
        file.pending.replace(file.final)


@event.listens_for(GuardedSession, "after_soft_rollback")
def drop_files(session: Session, previous: SessionTransaction) -> None:
    """Remove the files that were written since the savepoint, or the whole transaction, that was rolled back."""
    kept = []
    for file in session.info.pop("pending_files", []):
        if previous.parent is None or file.is_within(previous):
            file.pending.unlink(missing_ok=True)
        else:
            kept.append(file)
    session.info["pending_files"] = kept


def sweep_pending_files(folder: Path, older_than: float) -> int:
    """Remove files that a crash left without a record; ``older_than`` is a POSIX time in seconds. Returns how many."""
    stale = [path for path in (folder / "pending").glob("*") if path.stat().st_mtime < older_than]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)
