"""The ways on from a step."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, relationship

from addons.procedures.models.procedure_step import ProcedureStep
from app.addon import InstitutionOwned, Model, column, reference, unique
from app.addon import lazy_gettext as _l

ONLY_WAY = "next"
"""The key of the branch of a step that asks nothing."""


class StepBranch(InstitutionOwned, Model):
    """A way on: to ``next_step``, or to the end of the case when there is none; beside it optional steps may begin."""

    __title__ = _l("Branch")
    __plural__ = _l("Branches")
    __display__ = "label"
    __constraints__ = (unique("step_id", "key"),)

    step_id: Mapped[int] = reference("procedures_procedure_step.id", label=_l("Step"), ondelete="CASCADE")
    key: Mapped[str] = column(String(40), label=_l("Key"))
    label: Mapped[str] = column(String(200), label=_l("Choice"), default="", server_default="")
    next_step_id: Mapped[int | None] = reference(
        "procedures_procedure_step.id", label=_l("Next step"), ondelete="CASCADE"
    )
    note: Mapped[str | None] = column(String(300), label=_l("Note"))
    needs_remark: Mapped[bool] = column(label=_l("Needs a remark"), default=False, server_default="false")
    nothing_on_return: Mapped[bool] = column(
        label=_l("Asks for no output when the step comes again"), default=False, server_default="false"
    )
    place: Mapped[int] = column(label=_l("Order"))

    step: Mapped[ProcedureStep] = relationship(back_populates="branches", foreign_keys=[step_id])
    next_step: Mapped[ProcedureStep | None] = relationship(foreign_keys=[next_step_id])
    optional_steps: Mapped[list["OptionalStep"]] = relationship(
        back_populates="branch", order_by="OptionalStep.place", cascade="all, delete-orphan"
    )
