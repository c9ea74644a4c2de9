"""A step of a procedure with its papers, outputs and ways on."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.organization.services.working_calendar import CLOCK_MODES, OFFICE_HOURS
from addons.procedures.models.procedure import Procedure
from addons.procedures.models.procedure_executor import ProcedureExecutor
from app.addon import InstitutionOwned, Model, column, reference, unique
from app.addon import lazy_gettext as _l


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

    procedure: Mapped[Procedure] = relationship(back_populates="steps")
    executor: Mapped[ProcedureExecutor] = relationship()
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
