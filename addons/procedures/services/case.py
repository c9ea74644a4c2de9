"""Opening, driving and closing cases. The procedure decides what follows; no step is known here."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect, select

from addons.partners.models.partner import Partner
from addons.procedures.models.case import Case
from addons.procedures.models.optional_step import OptionalStep
from addons.procedures.models.procedure import Procedure
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.step_branch import StepBranch
from addons.procedures.models.task import Task
from addons.procedures.services.undone import refuse_undone_outputs
from app.addon import Conflict, Invalid, RecordService, as_system, clock, declare_register, next_number, today_here
from app.addon import lazy_gettext as _l

OPEN_TASKS = ("waiting", "taken")
NUMBER = declare_register("procedures.case", _l("Cases"))


class CaseService(RecordService):
    """A case begins with the first step of its procedure and closes when no step is left."""

    model = Case

    def before_create(self, record: Case, extra: Mapping[str, Any]) -> None:
        """Check the procedure and take the case number, last."""
        if record.procedure.state != "in_force" or not record.procedure.active:
            message = _l("This procedure is not in force.")
            raise Invalid(message, {"procedure": [message]})
        record.opened_at = clock.now()
        record.number = next_number(self.session, NUMBER, today_here())

    def after_create(self, record: Case, extra: Mapping[str, Any]) -> None:
        """Hand out the first task."""
        self._arrive(record, first_step(record.procedure))

    def before_update(self, record: Case) -> None:
        """A case keeps the procedure it began with, and says what it said when it was closed."""
        if record.state != "open" and self.session.is_modified(record):
            message = _l("Case %(number)s is closed; what belongs to it no longer changes.", number=record.number)
            raise Conflict(message, code="case_closed")
        if inspect(record).attrs.procedure.history.deleted:
            message = _l("A case runs to its end on the procedure with which it began.")
            raise Invalid(message, {"procedure": [message]})

    def archive(self, record: Case) -> None:
        """Put a case away that waits for nobody."""
        self.get(record.id, lock=True)
        if self._open_tasks(record):
            raise Conflict(_l("There are tasks that are not done yet."), code="tasks_open")
        super().archive(record)

    def transition(self, record: Case, name: str) -> Case:
        """Close the case, if nothing is left to do."""
        self.get(record.id, lock=True)
        if name == "close" and self._mandatory_open(record):
            raise Conflict(_l("There are tasks that are not done yet."), code="tasks_open")
        with self.saving(record):
            super().transition(record, name)
            self._close(record)
        return record

    def go_on(self, case: Case, branch: StepBranch) -> None:
        """Follow ``branch`` after a task was done: new tasks, or the end of the case when no mandatory one is open."""
        if branch.next_step is not None:
            self._arrive(case, branch.next_step)
        for offer in branch.optional_steps:
            if not self._was_offered(case, offer):
                self._arrive(case, offer.step, offer)
        if not self._mandatory_open(case):
            self._close(case)

    def _close(self, case: Case) -> None:
        with as_system(self.session, "what a case was finished with holds, whoever may read it"):
            refuse_undone_outputs(self.session, case)
        case.state, case.closed_at = "closed", clock.now()
        for task in self._open_tasks(case):
            task.state, task.done_at = "skipped", case.closed_at

    def _arrive(self, case: Case, step: ProcedureStep, offer: OptionalStep | None = None) -> Task:
        task = Task(case=case, step=step, arrived_at=clock.now(), state="waiting", offer=offer)
        self.session.add(task)
        self.session.flush()
        return task

    def _mandatory_open(self, case: Case) -> bool:
        return any(not task.is_optional for task in self._open_tasks(case))

    def _was_offered(self, case: Case, offer: OptionalStep) -> bool:
        # A loop passes the same branch again; what was done, skipped or still waits is not offered twice.
        with as_system(self.session, "whether an optional step was offered depends on all tasks of the case"):
            statement = select(Task.id).where(Task.case_id == case.id, Task.offer_id == offer.id)
            return self.session.scalar(statement.limit(1)) is not None

    def _open_tasks(self, case: Case) -> list[Task]:
        with as_system(self.session, "whether a case is finished depends on all its tasks"):
            statement = select(Task).where(Task.case_id == case.id, Task.state.in_(OPEN_TASKS))
            return list(self.session.scalars(statement))


def first_step(procedure: Procedure) -> ProcedureStep:
    """The step with which cases of ``procedure`` begin."""
    return next(step for step in procedure.steps if step.key == procedure.start_key)


def open_case(procedure: Procedure, title: str, partner: Partner | None = None) -> Case:
    """Open a case under ``procedure``. Raises `Forbidden`, or `Invalid` when it is not in force."""
    case: Case = CaseService().create({"procedure": procedure, "title": title, "partner": partner})
    return case
