"""Opening, driving and closing cases. The procedure decides what follows; no step is known here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, inspect, select

from addons.organization.models.unit import Unit
from addons.partners.models.partner import Partner
from addons.procedures.models.case import Case
from addons.procedures.models.optional_step import OptionalStep
from addons.procedures.models.procedure import Procedure
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.promise_event import CASE_CANCELLED, CASE_CLOSED, CASE_OPENED
from addons.procedures.models.task import Task
from addons.procedures.services.case_kind import likely_kind
from addons.procedures.services.flow import begin, release_joins, undone_tasks
from addons.procedures.services.promise_clock import happened
from addons.procedures.services.undone import refuse_undone_outputs
from app.addon import Conflict, Invalid, RecordService, as_system, clock, declare_register, next_number, today_here
from app.addon import lazy_gettext as _l

NUMBER = declare_register("procedures.case", _l("Cases"))


class CaseService(RecordService):
    """A case begins with the first step of its procedure and closes when no step is left."""

    model = Case

    def before_create(self, record: Case, extra: Mapping[str, Any]) -> None:
        """Check the procedure and the moment at which the case began, and take the case number, last."""
        if record.procedure.state != "in_force" or not record.procedure.active:
            message = _l("This procedure is not in force.")
            raise Invalid(message, {"procedure": [message]})
        record.unit = record.unit or unit_in_charge(record.procedure)
        record.kind = record.kind or likely_kind(record)
        now = clock.now()
        record.opened_at = record.opened_at or now
        if record.opened_at > now:
            message = _l("This moment lies in the future.")
            raise Invalid(message, {"opened_at": [message]})
        record.number = next_number(self.session, NUMBER, today_here())

    def after_create(self, record: Case, extra: Mapping[str, Any]) -> None:
        """Hand out the first task."""
        begin(self.session, record, first_step(record.procedure), at=record.opened_at)
        release_joins(self.session, record, record.opened_at)
        happened(record, CASE_OPENED, record.opened_at)

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
        if undone_tasks(self.session, record):
            raise Conflict(_l("There are tasks that are not done yet."), code="tasks_open")
        super().archive(record)

    def transition(self, record: Case, name: str, values: Mapping[str, Any] | None = None) -> Case:
        """Close the case if nothing is left to do, cancel it with a reason, or open it again with a reason."""
        self.get(record.id, lock=True)
        if name == "close" and self._mandatory_open(record):
            raise Conflict(_l("There are tasks that are not done yet."), code="tasks_open")
        with self.saving(record):
            before = record.state
            super().transition(record, name, values)
            if name == "reopen":
                self._begin_again(record, before)
            else:
                self._end(record, record.state)
        return record

    def go_on(self, case: Case, way: Any, at: datetime | None = None) -> None:
        """Follow ``way`` after a task was done, at the moment ``at`` or now: new tasks, or the end of the case when no
        mandatory one is open.
        """
        if way.next_step is not None:
            begin(self.session, case, way.next_step, at=at)
        for item in way.parallel_steps:
            begin(self.session, case, item.step, at=at)
        for offer in way.optional_steps:
            if not self._was_offered(case, offer):
                begin(self.session, case, offer.step, offer, at)
        release_joins(self.session, case, at)
        if not self._mandatory_open(case):
            self._end(case, "closed", at and self._last_done(case))

    def _end(self, case: Case, state: str, at: datetime | None = None) -> None:
        """End the case in ``state``; what still waits ends with it. Only a finished case answers for its outputs."""
        if state == "closed":
            with as_system(self.session, "what a case was finished with holds, whoever may read it"):
                refuse_undone_outputs(self.session, case)
        case.state, case.closed_at = state, at or clock.now()
        happened(case, CASE_CLOSED if state == "closed" else CASE_CANCELLED, case.closed_at)
        for task in undone_tasks(self.session, case):
            task.state, task.done_at = "skipped", case.closed_at

    def _begin_again(self, case: Case, before: str) -> None:
        """What ended with a cancelled case waits again; a closed one goes on with the step that was done last."""
        ended_at, case.closed_at = case.closed_at, None
        with as_system(self.session, "whether a case is finished depends on all its tasks"):
            tasks = list(
                self.session.scalars(select(Task).where(Task.case_id == case.id).order_by(Task.done_at, Task.id))
            )
        cut = [task for task in tasks if task.state == "skipped" and not task.remark and task.done_at == ended_at]
        done = [task for task in tasks if task.state == "done" and not task.is_optional]
        if before == "cancelled" and any(not task.is_optional for task in cut):
            for task in cut:
                begin(self.session, case, task.step, task.offer)
            release_joins(self.session, case)
        else:
            step = done[-1].step if done else first_step(case.procedure)
            begin(self.session, case, step)
            release_joins(self.session, case)

    def _last_done(self, case: Case) -> datetime | None:
        """When the last task was done: that of two ways which was entered last need not be it."""
        with as_system(self.session, "whether a case is finished depends on all its tasks"):
            return self.session.scalar(select(func.max(Task.done_at)).where(Task.case_id == case.id))

    def _mandatory_open(self, case: Case) -> bool:
        return any(not task.is_optional for task in undone_tasks(self.session, case))

    def _was_offered(self, case: Case, offer: OptionalStep) -> bool:
        # A loop passes the same branch again; what was done, skipped or still waits is not offered twice.
        with as_system(self.session, "whether an optional step was offered depends on all tasks of the case"):
            statement = select(Task.id).where(Task.case_id == case.id, Task.offer_id == offer.id)
            return self.session.scalar(statement.limit(1)) is not None


def unit_in_charge(procedure: Procedure) -> Unit | None:
    """The unit with which cases of ``procedure`` begin: that of the position that does the first step."""
    position = first_step(procedure).executor.position
    return position.unit if position is not None else None


def first_step(procedure: Procedure) -> ProcedureStep:
    """The step with which cases of ``procedure`` begin."""
    return next(step for step in procedure.steps if step.key == procedure.start_key)


def open_case(
    procedure: Procedure, title: str, partner: Partner | None = None, origin: str = "own", kind: str | None = None
) -> Case:
    """Open a case under ``procedure``. Without a ``kind`` it gets the likely one. Raises `Forbidden`, or `Invalid` when
    the procedure is not in force.
    """
    values = {"procedure": procedure, "title": title, "partner": partner, "origin": origin, "kind": kind}
    case: Case = CaseService().create(values)
    return case


def done_words(task: Any) -> Any:
    """What is told to whoever has just done ``task``: the case goes on, or this was its last task."""
    return _l("Done. The case goes on.") if task.case.state == "open" else _l("Done. The case is closed.")
