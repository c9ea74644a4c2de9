"""Jobs of procedures."""

from datetime import date

from sqlalchemy.orm import Session

from addons.organization.services.work_schedule import CALENDAR_CHANGED
from addons.procedures.services import clock, reminder
from addons.procedures.services.procedure_version import put_due_in_force
from addons.procedures.services.promise_clock import count_clocks
from app.addon import db, defer, job, on
from app.addon import lazy_gettext as _l


@on(CALENDAR_CHANGED)
def count_anew(first: date, last: date | None) -> None:
    """Other office hours: the tasks of these days are counted anew, after the change is saved."""
    defer(db.session(), "procedures.count_durations", first=first.isoformat(), last=last.isoformat() if last else None)


@job(
    "procedures.count_durations",
    title=_l("Count the times of tasks in office hours"),
    reason="everybody's tasks are counted, whoever may read them",
    every="15 1 * * *",
)
def count_durations(session: Session, first: str | None = None, last: str | None = None) -> None:
    """Count tasks anew between two days; by the clock those of before the calendar, which were never counted."""
    begin, end = date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None
    clock.count_durations(session, begin, end)
    if begin is not None:
        count_clocks(session, begin, end)


@job(
    "procedures.remind",
    title=_l("Remind of limits"),
    reason="whoever is to act is reminded, whoever may read the task",
    every="*/5 * * * *",
)
def remind(session: Session) -> None:
    """Before and at the limit of tasks and service promises, later to the superior; also asked for at those moments."""
    reminder.remind(session)


@job(
    "procedures.put_in_force",
    title=_l("Put versions of procedures in force on their day"),
    reason="the day decides, whoever may approve procedures",
    every="*/10 * * * *",
)
def put_in_force(session: Session) -> None:
    """Every ten minutes, so that a worker that slept over midnight makes up for it."""
    put_due_in_force(session)
