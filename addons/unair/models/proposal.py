"""Proposals: one of the three records that the work instruction keeps (IK 5c)."""

from datetime import date

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.partners.models.partner import Partner
from addons.procedures.models.joins_case import JoinsCase
from app.addon import Record, column, index, reference
from app.addon import lazy_gettext as _l

AUTHORS = {"partner": _l("Written by the partner"), "own": _l("Written by us")}


class Proposal(JoinsCase, Record):
    """What somebody proposes to do together. Who writes it the instruction does not say; both ways are here."""

    __title__ = _l("Proposal")
    __plural__ = _l("Proposals")
    __display__ = "title"
    __constraints__ = (index("dated_on"),)

    title: Mapped[str] = column(String(300), label=_l("Title"))
    author: Mapped[str] = column(
        String(20), label=_l("Author"), choices=AUTHORS, default="partner", server_default="partner"
    )
    partner_id: Mapped[int | None] = reference("partners_partner.id", label=_l("Partner"))
    dated_on: Mapped[date] = column(label=_l("Dated"))
    summary: Mapped[str | None] = column(Text, multiline=True, label=_l("Summary"))

    partner: Mapped[Partner | None] = relationship()
