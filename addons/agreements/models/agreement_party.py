"""Parties of agreements."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, relationship

from addons.agreements.models.agreement import Agreement
from addons.partners.models.partner import Partner
from app.addon import Record, check, column, reference, unique_active
from app.addon import lazy_gettext as _l

ROLES = {
    "own": _l("Our side"),
    "partner": _l("The partner"),
    "third": _l("Third party"),
}


class AgreementParty(Record):
    """One side named in an agreement, as the paper names it: who it is, and in which position it signs."""

    __title__ = _l("Party")
    __plural__ = _l("Parties")
    __constraints__ = (
        unique_active("agreement_id", "name"),
        check("role", "role IN ('own', 'partner', 'third')"),
    )

    agreement_id: Mapped[int] = reference("agreements_agreement.id", label=_l("Agreement"))
    agreement: Mapped[Agreement] = relationship()
    role: Mapped[str] = column(String(20), label=_l("Side"), choices=ROLES, default="partner", server_default="partner")
    partner_id: Mapped[int | None] = reference("partners_partner.id", label=_l("Partner"))
    partner: Mapped[Partner | None] = relationship()
    name: Mapped[str] = column(
        String(200),
        label=_l("Name in the agreement"),
        help=_l("Left empty, the partner's name is taken."),
        required=False,
    )
    position: Mapped[str | None] = column(String(200), label=_l("Signs as"))
