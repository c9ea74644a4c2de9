"""The clocks of service promises: started and stopped by what happens to requests and cases."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from addons.organization.services.working_calendar import OFFICE_HOURS, Pauses, WorkingCalendar, working_calendar
from addons.procedures.models.case import Case
from addons.procedures.models.promise_clock import PromiseClock
from addons.procedures.models.promise_event import OF_REQUESTS
from addons.procedures.models.request import Request
from addons.procedures.models.service_promise import ServicePromise
from addons.procedures.models.task import Task
from addons.procedures.models.task_pause import TaskPause
from app.addon import RecordService, as_system, db, defer, setting

REMIND = "procedures.remind"


class PromiseClockService(RecordService):
    """Clocks are kept by the system; people read them."""

    model = PromiseClock


def happened(subject: Request | Case, event: str, at: datetime, step: str | None = None) -> None:
    """Start and stop the clocks that ``event`` of ``subject`` (of its ``step``) starts and stops; a second time changes
    nothing. What happens in a case also ends promises to its requests, and the other way round.
    """
    session = db.session()
    with as_system(session, "promises hold whoever works on the request"):
        promises = [
            promise
            for promise in session.scalars(select(ServicePromise).where(ServicePromise.active))
            if promise.begins_with(event, step) and _is_given_to(promise, subject)
        ]
        ending = [item for item in _running(session, subject) if item.promise.ends_with(event, step)]
        if not promises and not ending:
            return
        calendar = working_calendar(session)
        for item in ending:
            stop(item, at, calendar)
        known = set(session.scalars(select(PromiseClock.promise_id).where(_of(subject)))) if promises else set()
        for promise in promises:
            if promise.id not in known:
                _start(session, promise, subject, at, calendar)
        session.flush()
        for request in {item.request for item in ending} | {subject}:
            if isinstance(request, Request):
                session.expire(request, ["clocks"])


def clocks_of_case(session: Session, case: Case) -> list[PromiseClock]:
    """The clocks of ``case`` and of its requests, the most pressing first."""
    with as_system(session, "whoever reads a case reads what was promised"):
        statement = (
            select(PromiseClock).where(_in_case(case)).order_by(PromiseClock.stopped_at.desc(), PromiseClock.due_at)
        )
        return list(session.scalars(statement.options(joinedload(PromiseClock.promise))))


def forget_clocks(request: Request) -> None:
    """A request that is no request of its own is owed nothing: its clocks go."""
    session = db.session()
    with as_system(session, "promises hold whoever works on the request"):
        for item in session.scalars(select(PromiseClock).where(PromiseClock.request_id == request.id)):
            session.delete(item)
        session.flush()
        session.expire(request, ["clocks"])


def begin_anew(request: Request, events: Iterable[tuple[str, datetime]]) -> None:
    """Count the promises to ``request`` anew from its ``events``. What its case ended stays ended."""
    session = db.session()
    with as_system(session, "promises hold whoever works on the request"):
        clocks = session.scalars(select(PromiseClock).where(PromiseClock.request_id == request.id))
        ended = {item.promise_id: item.stopped_at for item in clocks if item.stopped_at is not None}
    forget_clocks(request)
    for event, at in events:
        happened(request, event, at)
    with as_system(session, "promises hold whoever works on the request"):
        calendar = working_calendar(session)
        for item in session.scalars(select(PromiseClock).where(PromiseClock.request_id == request.id)):
            at = ended.get(item.promise_id)
            if item.stopped_at is None and at is not None and _ends_in_a_case(item.promise):
                stop(item, at, calendar)
        session.flush()


def pauses_changed(case: Case) -> None:
    """A step of ``case`` was paused or goes on: the promises that wait with it get another due moment."""
    session = db.session()
    with as_system(session, "promises hold whoever works on the request"):
        clocks = [item for item in _running(session, case) if item.promise.without_pauses]
        calendar = working_calendar(session) if clocks else None
        for item in clocks:
            set_due(item, calendar)
            _remind_then(session, item)
        session.flush()


def mode_of(promise: ServicePromise) -> str:
    """How the time of ``promise`` is counted."""
    usual = str(setting("procedures.day_kind")) if promise.limit_unit == "days" else OFFICE_HOURS
    return promise.clock_mode or usual


def stop(item: PromiseClock, at: datetime, calendar: WorkingCalendar) -> None:
    """Note that what was promised happened at ``at``."""
    item.stopped_at = max(at, item.started_at)
    item.seconds = calendar.net_seconds(item.started_at, item.stopped_at, pauses_of(item), item.clock_mode)


def set_due(item: PromiseClock, calendar: WorkingCalendar) -> None:
    """Note when the limit is reached, and when its last quarter begins; both are open while a pause lasts."""
    limit, pauses = item.promise.limit_seconds, pauses_of(item)
    item.due_at = calendar.due(item.started_at, limit, pauses, item.clock_mode)
    item.soon_at = calendar.due(item.started_at, limit * 3 // 4, pauses, item.clock_mode)


def pauses_of(item: PromiseClock) -> Pauses:
    """When steps of the case were paused since the clock runs, in order and without overlap; none where pauses count.
    A pause that was left open ends with its step.
    """
    case_id = item.case_id or (item.request.case_id if item.request is not None else None)
    if not item.promise.without_pauses or case_id is None:
        return []
    ended_at = func.coalesce(TaskPause.ended_at, Task.done_at)
    statement = select(TaskPause.begun_at, ended_at).join(Task, Task.id == TaskPause.task_id)
    found: list[tuple[datetime, datetime | None]] = []
    rows = db.session.execute(statement.where(Task.case_id == case_id).order_by(TaskPause.begun_at))
    for begun, ended in rows:
        since = max(begun, item.started_at)
        if ended is not None and ended <= since:
            continue
        last = found[-1] if found else None
        if last is None or (last[1] is not None and last[1] < since):
            found.append((since, ended))
        elif last[1] is not None:
            found[-1] = (last[0], None if ended is None else max(last[1], ended))
    return found


def count_clocks(session: Session, first: date, last: date | None) -> None:
    """Count the clocks of these days anew: office hours or holidays have changed."""
    calendar = working_calendar(session)
    statement = select(PromiseClock).options(joinedload(PromiseClock.promise))
    for item in session.scalars(
        statement.where(or_(PromiseClock.due_at.is_(None), PromiseClock.due_at >= _day(first)))
    ):
        if last is not None and item.started_at.date() > last:
            continue
        set_due(item, calendar)
        if item.stopped_at is not None:
            stop(item, item.stopped_at, calendar)
    session.flush()


def _day(day: date) -> datetime:
    return datetime.combine(day - timedelta(days=1), time.min, UTC)


def _of(subject: Request | Case) -> Any:
    """The clocks of the subject itself."""
    return PromiseClock.request_id == subject.id if isinstance(subject, Request) else PromiseClock.case_id == subject.id


def _in_case(case: Case) -> Any:
    requests = select(Request.id).where(Request.case_id == case.id)
    return or_(PromiseClock.case_id == case.id, PromiseClock.request_id.in_(requests))


def _running(session: Session, subject: Request | Case) -> list[PromiseClock]:
    """The running clocks that an event of ``subject`` can stop: its own, those of its case, those of its requests."""
    if isinstance(subject, Case):
        wanted = _in_case(subject)
    elif subject.case_id is not None:
        wanted = or_(_of(subject), PromiseClock.case_id == subject.case_id)
    else:
        wanted = _of(subject)
    statement = select(PromiseClock).where(PromiseClock.stopped_at.is_(None), wanted)
    return list(session.scalars(statement.options(joinedload(PromiseClock.promise))))


def _is_given_to(promise: ServicePromise, subject: Request | Case) -> bool:
    if isinstance(subject, Request):
        return promise.kind_id is None or promise.kind_id == subject.kind_id
    return promise.procedure_id is None or promise.procedure.code == subject.procedure.code


def _ends_in_a_case(promise: ServicePromise) -> bool:
    return promise.stop_event not in OF_REQUESTS


def _start(
    session: Session, promise: ServicePromise, subject: Request | Case, at: datetime, calendar: WorkingCalendar
) -> None:
    item = PromiseClock(promise=promise, started_at=at, clock_mode=mode_of(promise))
    if isinstance(subject, Request):
        item.request = subject
    else:
        item.case = subject
    with session.no_autoflush:
        set_due(item, calendar)
    session.add(item)
    session.flush()
    _remind_then(session, item)


def _remind_then(session: Session, item: PromiseClock) -> None:
    """Ask for reminders at the exact moments; the five-minute job would be late for a promise of minutes."""
    for name, moment in (("soon", item.soon_at), ("late", item.due_at)):
        if moment is not None:
            defer(session, REMIND, at=moment, key=f"{name}-{item.id}")
