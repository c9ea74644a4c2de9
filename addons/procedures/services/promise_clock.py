"""The clocks of service promises: started and stopped by what happens to requests."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from addons.organization.services.working_calendar import OFFICE_HOURS, WorkingCalendar, working_calendar
from addons.procedures.models.promise_clock import PromiseClock
from addons.procedures.models.request import Request
from addons.procedures.models.service_promise import ServicePromise
from app.addon import RecordService, as_system, db, defer, setting

REMIND = "procedures.remind"


class PromiseClockService(RecordService):
    """Clocks are kept by the system; people read them."""

    model = PromiseClock


def happened(request: Request, event: str, at: datetime) -> None:
    """Start and stop the clocks of ``request`` that ``event`` starts and stops; a second time changes nothing."""
    session = db.session()
    with as_system(session, "promises hold whoever works on the request"):
        calendar = working_calendar(session)
        clocks = session.scalars(
            select(PromiseClock).where(PromiseClock.request_id == request.id).options(joinedload(PromiseClock.promise))
        ).all()
        for item in clocks:
            if item.stopped_at is None and item.promise.stop_event == event:
                stop(item, at, calendar)
        known = {item.promise_id for item in clocks}
        promises = select(ServicePromise).where(
            ServicePromise.active,
            ServicePromise.start_event == event,
            or_(ServicePromise.kind_id.is_(None), ServicePromise.kind_id == request.kind_id),
        )
        for promise in session.scalars(promises):
            if promise.id not in known:
                _start(session, promise, request, at, calendar)
        session.flush()
        session.expire(request, ["clocks"])


def forget_clocks(request: Request) -> None:
    """A request that is no request of its own is owed nothing: its clocks go."""
    session = db.session()
    with as_system(session, "promises hold whoever works on the request"):
        for item in session.scalars(select(PromiseClock).where(PromiseClock.request_id == request.id)):
            session.delete(item)
        session.flush()
        session.expire(request, ["clocks"])


def mode_of(promise: ServicePromise) -> str:
    """How the time of ``promise`` is counted."""
    usual = str(setting("procedures.day_kind")) if promise.limit_unit == "days" else OFFICE_HOURS
    return promise.clock_mode or usual


def stop(item: PromiseClock, at: datetime, calendar: WorkingCalendar) -> None:
    """Note that what was promised happened at ``at``."""
    item.stopped_at = max(at, item.started_at)
    item.seconds = calendar.seconds(item.started_at, item.stopped_at, item.clock_mode)


def set_due(item: PromiseClock, calendar: WorkingCalendar) -> None:
    """Note when the limit is reached, and when its last quarter begins."""
    limit = item.promise.limit_seconds
    item.due_at = calendar.add(item.started_at, limit, item.clock_mode)
    item.soon_at = calendar.add(item.started_at, limit * 3 // 4, item.clock_mode)


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


def _start(
    session: Session, promise: ServicePromise, request: Request, at: datetime, calendar: WorkingCalendar
) -> None:
    item = PromiseClock(promise=promise, request=request, started_at=at, clock_mode=mode_of(promise))
    set_due(item, calendar)
    session.add(item)
    session.flush()
    for name, moment in (("soon", item.soon_at), ("late", item.due_at)):
        if moment is not None:
            defer(session, REMIND, at=moment, key=f"{name}-{item.id}")
