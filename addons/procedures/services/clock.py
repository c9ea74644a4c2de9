"""The clock of tasks: seconds in office hours, kept with the task, and counted anew when the calendar changes.

Waiting runs from arrived to taken, handling from taken to done less pauses; a standard time of an SOP is handling time
and is counted as its step says (office hours, days, round the clock). A step whose standard is unknown is never late.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from addons.organization.services.working_calendar import Pauses, WorkingCalendar, working_calendar
from addons.procedures.models.task import Task
from app.addon import clock, current_scope

AT_ONCE = 500
"""How many tasks are held in memory while they are counted."""


def pauses_of(task: Task) -> Pauses:
    """The pauses of ``task`` as the clock takes them: since it was taken, not those of whoever had it before."""
    taken = task.taken_at
    return [
        (pause.begun_at if taken is None else max(pause.begun_at, taken), pause.ended_at)
        for pause in task.pauses
        if taken is None or pause.ended_at is None or pause.ended_at > taken
    ]


def start_clock(task: Task, calendar: WorkingCalendar) -> None:
    """Note how long a task that was just taken had waited, and when its standard time is over."""
    if task.taken_at is None:
        return
    task.waiting_seconds = calendar.seconds(task.arrived_at, task.taken_at)
    standard, mode, pauses = (
        None if task.is_optional else task.step.standard_minutes,
        task.step.clock_mode,
        pauses_of(task),
    )
    task.due_at = calendar.due(task.taken_at, 60 * standard, pauses, mode) if standard else None
    task.paused_seconds = sum(calendar.seconds(since, until, mode) for since, until in pauses if until is not None)


def stop_clock(task: Task, calendar: WorkingCalendar) -> None:
    """Note how long a task that was just done had been in work; one skipped untaken was not. A pause ends with it."""
    if task.taken_at is None or task.done_at is None:
        return
    for pause in task.pauses:
        pause.ended_at = pause.ended_at or task.done_at
    task.paused_at = None
    start_clock(task, calendar)
    pauses, mode = pauses_of(task), task.step.clock_mode
    task.handling_seconds = calendar.net_seconds(task.taken_at, task.done_at, pauses, mode)


def count_durations(session: Session, first: date | None = None, last: date | None = None) -> None:
    """Count the tasks that were in work between two days (inclusive; None: no end) anew; without ``first`` those that
    were never counted.
    """
    calendar, after = working_calendar(session), 0
    wanted = _between(session, first, last) if first else _never_counted()
    while True:
        statement = select(Task).where(wanted, Task.id > after).order_by(Task.id).limit(AT_ONCE)
        tasks = list(session.scalars(statement.options(joinedload(Task.step), selectinload(Task.pauses))))
        if not tasks:
            return
        for task in tasks:
            start_clock(task, calendar)
            stop_clock(task, calendar)
        after = tasks[-1].id
        session.flush()


def _never_counted() -> Any:
    return or_(
        and_(Task.taken_at.is_not(None), Task.waiting_seconds.is_(None)),
        and_(Task.taken_at.is_not(None), Task.done_at.is_not(None), Task.handling_seconds.is_(None)),
    )


def _between(session: Session, first: date, last: date | None) -> Any:
    scope = current_scope(session)
    zone = ZoneInfo(scope.timezone if scope else "Asia/Jakarta")
    begin = datetime.combine(first, time.min, zone)
    parts = [
        Task.taken_at.is_not(None),
        # A due moment reaches further than the work that was done so far.
        func.greatest(func.coalesce(Task.done_at, clock.now()), Task.due_at) >= begin,
    ]
    if last is not None:
        end = datetime.combine(last + timedelta(days=1), time.min, zone)
        parts.append(Task.arrived_at < end)
    return and_(*parts)
