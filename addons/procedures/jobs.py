"""Jobs of procedures."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from addons.organization.services.work_schedule import CALENDAR_CHANGED
from addons.procedures.services import clock, reminder
from addons.procedures.services.procedure_file import JOB, import_procedure
from addons.procedures.services.procedure_version import put_due_in_force
from addons.procedures.services.promise_clock import count_clocks
from app.addon import Invalid, db, defer, job, offer_page, on
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


@job(JOB, title=_l("Read in a procedure"), as_person=True)
def import_document(session: Session, document: dict[str, Any]) -> None:
    """Take over a long document that was checked before, as a draft; whoever asked for it is led to the editor."""
    try:
        draft = import_procedure(document)
    except Invalid as refusal:
        told = [str(text) for text in refusal.errors.get("file", ())]
        raise Invalid(" ".join([str(refusal.message), *told])) from None
    offer_page(session, f"/procedures/editor/{draft.id}")


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
