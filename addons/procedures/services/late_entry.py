"""Late entry (entri susulan): a step that was done on paper is entered with the times at which it was really done."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from addons.procedures.models.task import Task
from addons.procedures.services.task_pause import PausesTasks
from app.addon import Conflict, Invalid, clock, current_scope, db, format_moment
from app.addon import lazy_gettext as _l


class EntersLate(PausesTasks):
    """What the service of tasks does with steps that were done on paper."""

    def take(self, task: Task, *, at: datetime | None = None) -> Task:
        """Begin a task, at the moment ``at`` or now."""
        raise NotImplementedError

    def done(
        self,
        task: Task,
        papers: list[int],
        outputs: Mapping[int, int],
        choice: str | None,
        remark: Any = None,
        *,
        at: datetime | None = None,
    ) -> Task:
        """Finish a task, at the moment ``at`` or now."""
        raise NotImplementedError

    def enter_late(
        self,
        task: Task,
        times: tuple[datetime, datetime],
        papers: list[int],
        outputs: Mapping[int, int],
        choice: str | None,
        remark: Any = None,
    ) -> Task:
        """Take and finish ``task`` at ``times`` (begun, done), which lie in the past and after the task arrived. What
        follows in the case arrives at the time it was really done. Raises `Invalid` for times that cannot be.
        """
        self.hold(task, "enter_late")
        if task.state not in ("waiting", "taken"):
            raise Conflict(_l("This task was already done."), code="state_changed")
        if task.paused_at is not None:
            raise Conflict(_l("Resume the task before you enter its times."), code="paused")
        begun, done = (_not_before(moment, task.arrived_at) for moment in times)
        check_times(task, begun, done)
        with self.saving(task):
            if task.state == "waiting":
                self.take(task, at=begun)
            task.taken_at, task.entered_late_at = begun, clock.now()
            self.done(task, papers, outputs, choice, remark, at=done)
        return task


def _not_before(moment: datetime, arrived: datetime) -> datetime:
    """``moment``, or ``arrived`` when it lies in the same minute: nobody writes seconds."""
    return max(moment, arrived) if arrived - moment < timedelta(minutes=1) else moment


def check_times(task: Task, begun: datetime, done: datetime) -> None:
    """Raise `Invalid` for times in the future, in the wrong order, or before the task arrived or the case began."""
    errors: dict[str, list[Any]] = {}
    now = clock.now()
    for name, moment in (("taken_at", begun), ("done_at", done)):
        if moment > now:
            errors[name] = [_l("This moment lies in the future.")]
    if done < begun:
        errors.setdefault("done_at", [_l("The step cannot be done before it was begun.")])
    if begun < task.case.opened_at:
        words = {"moment": format_moment(task.case.opened_at)}
        errors.setdefault("taken_at", [_l("The case began only on %(moment)s.", **words)])
    elif begun < task.arrived_at:
        words = {"moment": format_moment(task.arrived_at)}
        errors.setdefault("taken_at", [_l("The step before was done only on %(moment)s.", **words)])
    if errors:
        raise Invalid(_l("The times of the step cannot be right."), errors)


def read_moment(value: Any, field: str) -> datetime:
    """A moment as forms and programs write it (ISO 8601); without a zone it is meant in the institution's.

    Raises `Invalid` when it is none.
    """
    scope = current_scope(db.session())
    try:
        moment = datetime.fromisoformat(value.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(scope.timezone if scope else "Asia/Jakarta"))
        if not 1900 <= moment.year <= 9000:
            raise ValueError
    except (ValueError, AttributeError, TypeError):
        message = _l("Enter day and time.")
        raise Invalid(message, {field: [message]}) from None
    return moment
