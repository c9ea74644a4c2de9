"""Handovers: a case goes on in another unit."""

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, relationship

from addons.organization.models.unit import Unit
from addons.procedures.models.case import Case
from app.addon import Audited, InstitutionOwned, Model, column, reference
from app.addon import lazy_gettext as _l


class Handover(InstitutionOwned, Audited, Model):
    """One handing over of a case, with its reason; who and when stand in the audit columns."""

    __title__ = _l("Handover")
    __plural__ = _l("Handovers")

    case_id: Mapped[int] = reference("procedures_case.id", label=_l("Case"), ondelete="CASCADE")
    from_unit_id: Mapped[int | None] = reference("organization_unit.id", label=_l("From"))
    to_unit_id: Mapped[int] = reference("organization_unit.id", label=_l("Unit"))
    reason: Mapped[str] = column(Text, label=_l("Reason"))

    case: Mapped[Case] = relationship()
    from_unit: Mapped[Unit | None] = relationship(foreign_keys=[from_unit_id])
    to_unit: Mapped[Unit] = relationship(foreign_keys=[to_unit_id])
