"""A step of a case, waiting for or done by the holder of a position."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import DateTime, String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.organization.models.position import Position
from addons.procedures.models.case import Case
from addons.procedures.models.optional_step import OptionalStep
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.step_output import StepOutput
from app.addon import Record, Transition, check, clock, column, index, reference
from app.addon import lazy_gettext as _l

STATES = {
    "held": _l("Waits for other steps"),
    "waiting": _l("Waiting"),
    "taken": _l("Taken"),
    "done": _l("Done"),
    "skipped": _l("Skipped"),
}
OPEN_TASKS = ("waiting", "taken")
"""States of a task that somebody can do."""


class Task(Record):
    """One visit to a step; a loop makes a new one. An optional one may be skipped, with a reason as its remark.

    All moments are UTC; durations are seconds of office hours and are counted when the task is taken and done
    (services/clock.py).
    """

    __title__ = _l("Task")
    __plural__ = _l("Tasks")
    __display__ = "title"
    __labels__ = {
        "title": _l("Task"),
        "finisher": _l("Finished by"),
        "choice": _l("Choice"),
        "papers": _l("Papers"),
        "outputs": _l("Outputs"),
        "choices": _l("Choices"),
    }
    __reads__ = {"taker": ("taken_by", "taken_as"), "finisher": ("finished_as",), "choice": ("branch_key",)}
    __constraints__ = (
        index("state", "arrived_at"),
        check("durations", "waiting_seconds >= 0 AND handling_seconds >= 0"),
    )
    __transitions__ = (
        Transition("take", _l("Take"), ("waiting",), "taken"),
        Transition("done", _l("Done"), ("taken",), "done"),
        Transition("skip", _l("Skip"), ("waiting", "taken"), "skipped", primary=False),
    )
    __actions__: ClassVar[dict[str, Any]] = {
        "delegate": _l("Name someone for a task"),
        "pause": _l("Pause"),
        "resume": _l("Resume"),
        "enter_late": _l("Enter later what was done on paper"),
    }

    case_id: Mapped[int] = reference("procedures_case.id", label=_l("Case"))
    step_id: Mapped[int] = reference("procedures_procedure_step.id", label=_l("Step"))
    state: Mapped[str] = column(
        String(20), label=_l("State"), choices=STATES, default="waiting", server_default="waiting"
    )
    arrived_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Arrived at"))
    taken_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Taken at"))
    done_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Done at"))
    waiting_seconds: Mapped[int | None] = column(
        label=_l("Waited (seconds)"), help=_l("From arrived to taken, in office hours.")
    )
    handling_seconds: Mapped[int | None] = column(
        label=_l("Handled in (seconds)"), help=_l("From taken to done less pauses, in office hours.")
    )
    due_at: Mapped[datetime | None] = column(
        DateTime(timezone=True), label=_l("Due at"), help=_l("When the standard time of the step is over.")
    )
    paused_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Paused at"))
    paused_seconds: Mapped[int] = column(
        label=_l("Paused (seconds)"), help=_l("Of ended pauses, in office hours."), default=0, server_default="0"
    )
    entered_late_at: Mapped[datetime | None] = column(
        DateTime(timezone=True),
        label=_l("Entered later at"),
        help=_l("When a step that was done on paper was entered with its real times."),
    )
    reminded: Mapped[int] = column(
        label=_l("Reminders sent"),
        help=_l("1: before the limit, 2: at the limit, 3: to the superior."),
        default=0,
        server_default="0",
    )
    taken_by_id: Mapped[int | None] = reference("ab_user.id", label=_l("Taken by"), ondelete="SET NULL")
    taken_as: Mapped[str | None] = column(
        String(250), label=_l("Taken as"), help=_l("The title of an acting official (Plt., Plh.).")
    )
    finished_as: Mapped[str | None] = column(
        String(250), label=_l("Finished as"), help=_l("The title of an acting official (Plt., Plh.).")
    )
    position_id: Mapped[int | None] = reference(
        "organization_position.id", label=_l("Position"), help=_l("Set when the case was handed over to another unit.")
    )
    offer_id: Mapped[int | None] = reference("procedures_optional_step.id", label=_l("Optional step"))
    branch_key: Mapped[str | None] = column(String(40), label=_l("Choice"))
    remark: Mapped[str | None] = column(Text, label=_l("Remark"))

    case: Mapped[Case] = relationship(back_populates="tasks")
    step: Mapped[ProcedureStep] = relationship()
    position: Mapped[Position | None] = relationship()
    delegates: Mapped[list["TaskDelegate"]] = relationship(back_populates="task", order_by="TaskDelegate.id")  # type: ignore[name-defined]  # declared in task_delegate.py
    finished_by: Mapped["User | None"] = relationship(foreign_keys="Task.changed_by_id", viewonly=True)  # type: ignore[name-defined]  # whoever changed it last finished it
    offer: Mapped[OptionalStep | None] = relationship()
    pauses: Mapped[list["TaskPause"]] = relationship(back_populates="task", order_by="TaskPause.id")  # type: ignore[name-defined]  # declared in task_pause.py
    taken_by: Mapped["User | None"] = relationship(foreign_keys=[taken_by_id])  # type: ignore[name-defined]  # FAB's user, by name

    @property
    def title(self) -> str:
        """The number and activity of the step, or what an optional task asks of it."""
        return f"{self.step.key}. {(self.offer.name if self.offer else None) or self.step.activity}"

    @property
    def taker(self) -> str:
        """Who took it, an acting official with the title: ``Sekretaris Contoh (Plh. Kepala Dinas)``."""
        return _with_title(self.taken_by, self.taken_as)

    @property
    def finisher(self) -> str:
        """Who did or skipped it, an acting official with the title."""
        return _with_title(self.finished_by, self.finished_as)

    @property
    def is_optional(self) -> bool:
        """Whether the task stands beside the way and may be skipped."""
        return self.offer_id is not None

    @property
    def wanted_outputs(self) -> list[StepOutput]:
        """What this visit to the step asks for: of an optional task perhaps only a part."""
        wanted = self.offer.output_names if self.offer else []
        return [output for output in self.step.outputs if not wanted or output.name in wanted]

    @property
    def position_wanted_id(self) -> int | None:
        """The id of the position whose holder does the task; None for an outside party."""
        return self.position_id or self.step.executor.position_id

    def accepted_states(self, output: StepOutput) -> list[str]:
        """In which states a record is taken as ``output`` here: what an optional task asks, else what the step asks."""
        return (self.offer.states if self.offer else None) or output.states

    @property
    def choice(self) -> str:
        """What was chosen at the end of the step; empty where there was only one way on."""
        return next((str(branch.label) for branch in self.step.ways if branch.key == self.branch_key), "")

    @property
    def papers(self) -> list[dict[str, Any]]:
        """What must be at hand, for programs: ids are what ``done`` takes."""
        return [{"id": item.id, "name": item.name, "mandatory": item.is_mandatory} for item in self.step.papers]

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """What the step brings forth, for programs; ``choice`` names the branch on which alone it is asked for."""
        return [
            {
                "id": item.id,
                "name": item.name,
                "kind": item.kind,
                "mandatory": item.is_mandatory,
                "choice": item.branch_key,
            }
            for item in self.wanted_outputs
        ]

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The ways on, for programs: ``key`` is what ``done`` takes as ``choice``."""
        return [{"key": way.key, "label": str(way.label)} for way in self.step.ways if way.label]

    @property
    def is_over_standard(self) -> bool:
        """Whether handling took longer than the standard time; never when the step has none."""
        standard = self.step.standard_minutes
        return standard is not None and self.handling_seconds is not None and self.handling_seconds > 60 * standard

    @property
    def urgency(self) -> str:
        """``in_time``, ``soon`` (the last quarter of the standard time) or ``late`` for a task in work; else empty, as
        while it is paused in time.
        """
        if self.state != "taken" or self.due_at is None or self.taken_at is None:
            return ""
        now = clock.now()
        if now > self.due_at:
            return "late"
        last_quarter = timedelta(minutes=self.step.standard_minutes or 0) / 4
        return "soon" if now >= self.due_at - last_quarter else "in_time"


def _with_title(person: Any, title: str | None) -> str:
    return f"{person} ({title})" if person and title else str(person or "")
