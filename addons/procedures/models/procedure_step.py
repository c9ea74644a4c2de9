"""A step of a procedure with its papers, outputs and ways on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.organization.services.working_calendar import CLOCK_MODES, OFFICE_HOURS
from addons.procedures.models.procedure import Procedure
from addons.procedures.models.procedure_executor import ProcedureExecutor
from addons.procedures.services.standard_time import standard_time_words
from app.addon import InstitutionOwned, Model, column, reference, unique
from app.addon import lazy_gettext as _l

ONCE_MORE = _l("Once more")
AGAIN = "again"
"""The key of the way that begins a repeating step once more."""


@dataclass(frozen=True, slots=True)
class OnceMore:
    """The way of a repeating step back to itself; whoever reads branches reads it like one."""

    step: "ProcedureStep"
    label: Any = ONCE_MORE
    key: str = AGAIN
    note: str | None = None
    needs_remark: bool = False
    nothing_on_return: bool = False
    condition: dict[str, Any] | None = None
    optional_steps: Sequence[Any] = ()
    parallel_steps: Sequence[Any] = ()
    is_printed: bool = True

    @property
    def next_step(self) -> "ProcedureStep":
        """The step itself."""
        return self.step


class ProcedureStep(InstitutionOwned, Model):
    """One row of the form: activity, executor, standard quality (papers, time, output), remark."""

    __title__ = _l("Step")
    __plural__ = _l("Steps")
    __display__ = "activity"
    __constraints__ = (unique("procedure_id", "key"),)

    procedure_id: Mapped[int] = reference("procedures_procedure.id", label=_l("Procedure"), ondelete="CASCADE")
    key: Mapped[str] = column(String(20), label=_l("Number"))
    place: Mapped[int] = column(label=_l("Order"))
    activity: Mapped[str] = column(Text, label=_l("Activity"))
    executor_id: Mapped[int] = reference("procedures_procedure_executor.id", label=_l("Executor"))
    standard_minutes: Mapped[int | None] = column(label=_l("Standard time (minutes)"))
    clock_mode: Mapped[str] = column(
        String(20),
        label=_l("Time is counted in"),
        choices=CLOCK_MODES,
        default=OFFICE_HOURS,
        server_default=OFFICE_HOURS,
    )
    remark: Mapped[str | None] = column(Text, label=_l("Remark"))
    question: Mapped[str | None] = column(String(300), label=_l("Question"))
    may_repeat: Mapped[bool] = column(
        label=_l("May be done once more"),
        help=_l("Whoever finishes the step may begin it again, such as another round of negotiation."),
        default=False,
        server_default="false",
    )
    waits_for_all: Mapped[bool] = column(
        label=_l("Waits for all ways that lead here"),
        help=_l("The step begins when no parallel step is open any more that could still lead to it."),
        default=False,
        server_default="false",
    )
    is_printed: Mapped[bool] = column(
        label=_l("Stands in the written procedure"),
        help=_l("Off for a step that we added so that the procedure can be carried out."),
        default=True,
        server_default="true",
    )

    procedure: Mapped[Procedure] = relationship(back_populates="steps")
    executor: Mapped[ProcedureExecutor] = relationship(lazy="joined", innerjoin=True)
    papers: Mapped[list["StepPaper"]] = relationship(
        back_populates="step", order_by="StepPaper.place", cascade="all, delete-orphan"
    )
    outputs: Mapped[list["StepOutput"]] = relationship(
        back_populates="step", order_by="StepOutput.place", cascade="all, delete-orphan"
    )
    branches: Mapped[list["StepBranch"]] = relationship(
        back_populates="step",
        order_by="StepBranch.place",
        cascade="all, delete-orphan",
        foreign_keys="StepBranch.step_id",
    )
    gates: Mapped[list["StepGate"]] = relationship(
        back_populates="step", order_by="StepGate.id", cascade="all, delete-orphan"
    )

    @property
    def standard_time(self) -> str:
        """The standard time in words: ``30 minutes``, ``1 working day``; empty when it has none."""
        return standard_time_words(self.standard_minutes, self.clock_mode)

    @property
    def ways(self) -> list[Any]:
        """The branches, and of a repeating step the way back to itself."""
        return [*self.branches, *([OnceMore(self)] if self.may_repeat else [])]
