"""The ways on from a step."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, relationship

from addons.procedures.models.procedure_step import ProcedureStep
from app.addon import InstitutionOwned, Model, column, reference, unique
from app.addon import lazy_gettext as _l

ONLY_WAY = "next"
"""The key of the branch of a step that asks nothing."""


class StepBranch(InstitutionOwned, Model):
    """A way on: to ``next_step``, or to the end of the case when there is none. Beside it parallel steps begin, which
    the case waits for, and optional ones. With a ``condition`` the data of the case decide (services/condition.py).
    """

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
    condition: Mapped[dict[str, Any] | None] = column(
        JSONB(none_as_null=True), label=_l("Condition"), help=_l("Empty leaves the choice to the executor.")
    )
    is_printed: Mapped[bool] = column(label=_l("Stands in the written procedure"), default=True, server_default="true")
    place: Mapped[int] = column(label=_l("Order"))

    step: Mapped[ProcedureStep] = relationship(back_populates="branches", foreign_keys=[step_id])
    next_step: Mapped[ProcedureStep | None] = relationship(foreign_keys=[next_step_id])
    optional_steps: Mapped[list["OptionalStep"]] = relationship(
        back_populates="branch", order_by="OptionalStep.place", cascade="all, delete-orphan"
    )
    parallel_steps: Mapped[list["ParallelStep"]] = relationship(
        back_populates="branch", order_by="ParallelStep.place", cascade="all, delete-orphan"
    )
