"""Steps that a branch offers beside the way on."""

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, relationship

from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.step_branch import StepBranch
from app.addon import InstitutionOwned, Model, column, reference, unique
from app.addon import lazy_gettext as _l


class OptionalStep(InstitutionOwned, Model):
    """A step that begins beside the way on when the branch is taken. It may be done or skipped; nothing follows it, and
    the case does not wait for it.
    """

    __title__ = _l("Optional step")
    __plural__ = _l("Optional steps")
    __constraints__ = (unique("branch_id", "step_id"),)

    branch_id: Mapped[int] = reference("procedures_step_branch.id", label=_l("Branch"), ondelete="CASCADE")
    step_id: Mapped[int] = reference("procedures_procedure_step.id", label=_l("Step"), ondelete="CASCADE")
    name: Mapped[str | None] = column(
        String(300), label=_l("Task"), help=_l("What is done here; empty means the step's activity.")
    )
    output_names: Mapped[list[str]] = column(
        JSONB, label=_l("Outputs"), default=list, server_default="[]", help=_l("Empty asks for all of the step's.")
    )
    states: Mapped[list[str]] = column(
        JSONB, label=_l("Accepted states"), default=list, server_default="[]", help=_l("Empty asks what the step asks.")
    )
    place: Mapped[int] = column(label=_l("Order"))

    branch: Mapped[StepBranch] = relationship(back_populates="optional_steps")
    step: Mapped[ProcedureStep] = relationship()
