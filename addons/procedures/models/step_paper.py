"""What must be at hand for a step (kelengkapan)."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, relationship

from addons.procedures.models.procedure_step import ProcedureStep
from app.addon import InstitutionOwned, Model, column, reference
from app.addon import lazy_gettext as _l


class StepPaper(InstitutionOwned, Model):
    """A document or tool; mandatory ones are ticked before the step is done."""

    __title__ = _l("Paper")
    __plural__ = _l("Papers")

    step_id: Mapped[int] = reference("procedures_procedure_step.id", label=_l("Step"), ondelete="CASCADE")
    name: Mapped[str] = column(String(300), label=_l("Name"))
    is_mandatory: Mapped[bool] = column(label=_l("Mandatory"), default=True, server_default="true")
    place: Mapped[int] = column(label=_l("Order"))

    step: Mapped[ProcedureStep] = relationship(back_populates="papers")
