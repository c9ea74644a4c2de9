"""Monitoring of cooperation by quarter (No.BO.28.1.2 Borang Monitoring Kerjasama).

The columns of the form are not in PR.28.3; they follow the institution's own later system (medium confidence).
"""

from datetime import date

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.organization.models.unit import Unit
from addons.partners.models.partner import LEVELS, Partner
from addons.procedures.models.joins_case import JoinsCase
from app.addon import Record, column, index, reference
from app.addon import lazy_gettext as _l

QUARTERS = {
    "1": _l("Quarter 1 (Jan–Mar)"),
    "2": _l("Quarter 2 (Apr–Jun)"),
    "3": _l("Quarter 3 (Jul–Sep)"),
    "4": _l("Quarter 4 (Oct–Dec)"),
}
FIELDS = {"education": _l("Education"), "research": _l("Research"), "service": _l("Community service")}


class Monitoring(JoinsCase, Record):
    """How a cooperation stood in a quarter; one of the data for the self-evaluation report (LED)."""

    __title__ = _l("Monitoring")
    __plural__ = _l("Monitoring")
    __display__ = "title"
    __constraints__ = (index("year", "quarter"),)

    title: Mapped[str] = column(String(300), label=_l("Title of the activity"))
    partner_id: Mapped[int] = reference("partners_partner.id", label=_l("Partner"))
    phone: Mapped[str | None] = column(String(40), label=_l("Phone"))
    starts_on: Mapped[date | None] = column(label=_l("Begins on"))
    ends_on: Mapped[date | None] = column(label=_l("Ends on"))
    unit_id: Mapped[int | None] = reference("organization_unit.id", label=_l("Unit"))
    field: Mapped[str | None] = column(String(20), label=_l("Field"), choices=FIELDS)
    level: Mapped[str | None] = column(String(20), label=_l("Level"), choices=LEVELS)
    year: Mapped[int] = column(label=_l("Year"))
    quarter: Mapped[str] = column(String(1), label=_l("Period"), choices=QUARTERS)
    benefit: Mapped[str | None] = column(Text, multiline=True, label=_l("Benefit"))
    evidence: Mapped[str | None] = column(Text, multiline=True, label=_l("Evidence"))
    status: Mapped[str | None] = column(String(100), label=_l("Status"))
    person_in_charge: Mapped[str | None] = column(String(200), label=_l("Person in charge"), personal="name")
    monitored_on: Mapped[date] = column(label=_l("Monitored on"))

    partner: Mapped[Partner] = relationship()
    unit: Mapped[Unit | None] = relationship()
