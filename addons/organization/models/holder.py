"""Holders: who holds a position, in which capacity, from when until when."""

from datetime import date
from typing import Any

from sqlalchemy import String, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, relationship
from sqlalchemy.schema import SchemaItem

from addons.organization.models.position import Position
from app.addon import Record, check, column, index, reference, today_here
from app.addon import lazy_gettext as _l

KINDS = {
    "definitive": _l("Definitive"),
    "acting": _l("Acting (Plt.)"),
    "daily_acting": _l("Daily acting (Plh.)"),
}
PREFIXES = {"acting": "Plt. ", "daily_acting": "Plh. "}
"""What stands before the title of an acting holder in letters and signature blocks (tata naskah dinas)."""

SOLE_DEFINITIVE_HOLDER = "ex_organization_holder_sole_definitive"


def sole_definitive_holder(_cls: Any) -> SchemaItem:
    """No position has two definitive holders on one day; the last day counts as held."""
    return ExcludeConstraint(
        (text("position_id"), "="),
        (text("daterange(date_from, date_to, '[]')"), "&&"),
        where=text("kind = 'definitive' AND active"),
        name=SOLE_DEFINITIVE_HOLDER,
        using="gist",
    )


class Holder(Record):
    """A person holding a position; both dates are inclusive, no last date means until further notice."""

    __title__ = _l("Position holder")
    __plural__ = _l("Position holders")
    __display__ = "official_title"
    __affects_access__ = True
    __constraints__ = (
        check("kind", "kind IN ('definitive', 'acting', 'daily_acting')"),
        check("dates", "date_to >= date_from"),
        sole_definitive_holder,
        index("user_id", "date_from"),
    )

    position_id: Mapped[int] = reference("organization_position.id", label=_l("Position"))
    position: Mapped[Position] = relationship()
    user_id: Mapped[int] = reference("ab_user.id", label=_l("Person"))
    user: Mapped[Any] = relationship("User", foreign_keys="Holder.user_id")
    kind: Mapped[str] = column(
        String(20), label=_l("Kind"), choices=KINDS, default="definitive", server_default="definitive"
    )
    date_from: Mapped[date] = column(label=_l("From"))
    date_to: Mapped[date | None] = column(label=_l("Until"), help=_l("The last day, included."))
    name_in_letters: Mapped[str | None] = column(
        String(200),
        label=_l("Name in letters"),
        help=_l("With degrees. Left empty, the person's name is taken."),
        personal="name",
    )
    rank: Mapped[str | None] = column(String(100), label=_l("Rank"), help=_l("Pangkat, such as Pembina."))
    civil_servant_number: Mapped[str | None] = column(
        String(30),
        label=_l("NIP"),
        help=_l("The civil servant's number; stands under the signature."),
        personal=True,
        widget="nip",
    )

    def keeps_personal(self) -> Any:
        """The NIP of who holds a position is needed as long as papers are signed."""
        if self.date_to is not None and self.date_to < today_here():
            return None
        return _l("The person holds the position and signs papers.")

    @property
    def official_title(self) -> str:
        """The title as letters write it: ``Plt. Kepala Dinas``."""
        return f"{PREFIXES.get(self.kind, '')}{self.position}"
