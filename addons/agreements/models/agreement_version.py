"""Versions of agreements: every draft that was shown to somebody, and the signed scan."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, relationship

from app.addon import Record, check, column, reference, unique
from app.addon import lazy_gettext as _l

KINDS = {
    "draft": _l("Draft"),
    "signed": _l("Signed scan"),
}


class AgreementVersion(Record):
    """One state of the paper with its files. It never changes: what is wrong with it is mended by the next version,
    which says why.
    """

    __title__ = _l("Version")
    __plural__ = _l("Versions")
    __display__ = "title"
    __labels__ = {"title": _l("Version")}
    __case_through__ = "agreement"
    __constraints__ = (
        unique("agreement_id", "number"),
        check("kind", "kind IN ('draft', 'signed')"),
        check("number", "number > 0"),
    )

    agreement_id: Mapped[int] = reference("agreements_agreement.id", label=_l("Agreement"))
    agreement: Mapped["Agreement"] = relationship(back_populates="versions")  # type: ignore[name-defined]  # by name
    number: Mapped[int] = column(label=_l("Version number"))
    kind: Mapped[str] = column(
        String(20),
        label=_l("Kind"),
        choices=KINDS,
        default="draft",
        server_default="draft",
        help=_l("A draft without a file is made from what the agreement says; a signed scan needs its file."),
    )
    reason: Mapped[str | None] = column(
        Text,
        multiline=True,
        label=_l("What changed and why"),
        help=_l("Needed from the second draft on, and for whatever takes the place of a signed scan."),
    )

    @property
    def title(self) -> str:
        """``Version 2 (signed scan)``."""
        words = {"number": self.number, "kind": KINDS.get(self.kind, self.kind)}
        return str(_l("Version %(number)s: %(kind)s", **words))
