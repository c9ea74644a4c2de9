"""Participants of a plan: the partner and the internal units concerned (PR.28.3, second activity)."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, relationship

from addons.organization.models.unit import Unit
from addons.partners.models.partner import Partner
from addons.polibatam.models.activity_plan import ActivityPlan
from app.addon import Record, check, column, reference
from app.addon import lazy_gettext as _l


class PlanParticipant(Record):
    """A partner or a unit that takes part, perhaps with the person who comes for it."""

    __title__ = _l("Participant")
    __plural__ = _l("Participants")
    __display__ = "side"
    __labels__ = {"side": _l("Participant")}
    __reads__ = {"side": ("partner", "unit")}
    __case_through__ = "plan"
    __constraints__ = (check("side", "partner_id IS NOT NULL OR unit_id IS NOT NULL"),)

    plan_id: Mapped[int] = reference("polibatam_activity_plan.id", label=_l("Activity plan"), ondelete="CASCADE")
    partner_id: Mapped[int | None] = reference("partners_partner.id", label=_l("Partner"))
    unit_id: Mapped[int | None] = reference("organization_unit.id", label=_l("Internal unit"))
    person: Mapped[str | None] = column(String(200), label=_l("Represented by"), personal="name")

    plan: Mapped[ActivityPlan] = relationship(back_populates="participants")
    partner: Mapped[Partner | None] = relationship()
    unit: Mapped[Unit | None] = relationship()

    @property
    def side(self) -> str:
        """Which side it is."""
        return str(self.partner or self.unit or "")
