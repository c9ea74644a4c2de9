"""Letterheads (kop): what stands on top of the papers of a unit."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, relationship

from addons.organization.models.unit import Unit
from app.addon import Record, column, reference, unique_active
from app.addon import lazy_gettext as _l


class Letterhead(Record):
    """The letterhead of a unit and of every unit below it that has none of its own (formats 3.4)."""

    __title__ = _l("Letterhead")
    __plural__ = _l("Letterheads")
    __constraints__ = (unique_active("unit_id"),)

    unit_id: Mapped[int] = reference(
        "organization_unit.id", label=_l("Unit"), help=_l("Units below use it too, unless they have their own.")
    )
    unit: Mapped[Unit] = relationship()
    authority: Mapped[str | None] = column(
        String(200), label=_l("First line"), help=_l("Whom the unit belongs to, such as the regional government.")
    )
    name: Mapped[str] = column(String(200), label=_l("Name on the letterhead"))
    address: Mapped[str | None] = column(String(300), label=_l("Address"))
    contact: Mapped[str | None] = column(String(300), label=_l("Phone, e-mail, website"))
    place: Mapped[str] = column(
        String(100), label=_l("Place of letters"), help=_l("Stands before the date: Kendal, 3 March 2025.")
    )
