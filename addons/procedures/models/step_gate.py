"""Gates: what must wait for a step."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, relationship

from addons.procedures.models.procedure_step import ProcedureStep
from app.addon import InstitutionOwned, Model, column, reference, unique
from app.addon import lazy_gettext as _l


class StepGate(InstitutionOwned, Model):
    """Until the step is done, no record of ``model`` that joined the case takes ``transition``. A ``condition`` over
    the record narrows which ones wait, such as agreements of the kind MoU.
    """

    __title__ = _l("Gate")
    __plural__ = _l("Gates")
    __constraints__ = (unique("step_id", "model", "transition"),)

    step_id: Mapped[int] = reference("procedures_procedure_step.id", label=_l("Step"), ondelete="CASCADE")
    model: Mapped[str] = column(String(100), label=_l("Kind"))
    transition: Mapped[str] = column(String(40), label=_l("Transition"))
    condition: Mapped[dict[str, Any] | None] = column(JSONB(none_as_null=True), label=_l("Condition"))

    step: Mapped[ProcedureStep] = relationship(back_populates="gates")
