"""Steps that a branch begins at the same time as the way on."""

from sqlalchemy.orm import Mapped, relationship

from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.step_branch import StepBranch
from app.addon import InstitutionOwned, Model, column, reference, unique
from app.addon import lazy_gettext as _l


class ParallelStep(InstitutionOwned, Model):
    """A mandatory step that begins beside the next one; a later step with ``waits_for_all`` joins the ways again."""

    __title__ = _l("Parallel step")
    __plural__ = _l("Parallel steps")
    __constraints__ = (unique("branch_id", "step_id"),)

    branch_id: Mapped[int] = reference("procedures_step_branch.id", label=_l("Branch"), ondelete="CASCADE")
    step_id: Mapped[int] = reference("procedures_procedure_step.id", label=_l("Step"), ondelete="CASCADE")
    place: Mapped[int] = column(label=_l("Order"))

    branch: Mapped[StepBranch] = relationship(back_populates="parallel_steps")
    step: Mapped[ProcedureStep] = relationship()
