"""Reminders of limits: before and at the limit to whoever is to act, later to the superior. Nobody is told twice, and
nobody is told of what is done.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from addons.organization.models.position import Position
from addons.organization.services.holder import holders_of
from addons.organization.services.working_calendar import WorkingCalendar, working_calendar
from addons.procedures.models.case import Case
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.promise_clock import PromiseClock
from addons.procedures.models.request import OPEN, Request
from addons.procedures.models.task import Task
from app.addon import clock, db, format_moment, models, notify, official_language, send_mail, setting, today_here
from app.addon import lazy_gettext as _l

SOON, LATE, SUPERIOR = 1, 2, 3
"""How far reminding went, as ``reminded`` keeps it."""
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Reminder:
    """What people are reminded of: ``record`` with its ``due`` moment, for the holders of ``position_id``."""

    record: Any
    title: str
    due: datetime
    is_late: bool
    position_id: int | None
    user_id: int | None
    path: str


def remind(session: Session) -> None:
    """Send what is due now. Rows that somebody is working on at this moment wait for the next time."""
    calendar = working_calendar(session)
    for reminder in [*_of_clocks(session), *_of_tasks(session)]:
        level = _level(reminder, calendar)
        before = reminder.record.reminded
        if level <= before:
            continue
        reminder.record.reminded = level
        session.flush()
        if before < min(level, LATE):
            _tell(reminder, _people(reminder), LATE if reminder.is_late else SOON)
        if level == SUPERIOR:
            _tell(reminder, _superiors(session, reminder.position_id), SUPERIOR)


def _of_clocks(session: Session) -> list[Reminder]:
    statement = (
        select(PromiseClock)
        .outerjoin(Request, Request.id == PromiseClock.request_id)
        .outerjoin(Case, Case.id == PromiseClock.case_id)
        .where(
            PromiseClock.stopped_at.is_(None),
            PromiseClock.due_at.is_not(None),
            PromiseClock.soon_at <= clock.now(),
            _unsettled(PromiseClock),
            or_(and_(Request.state.in_(OPEN), Request.active), and_(Case.state == "open", Case.active)),
        )
        .order_by(PromiseClock.reminded, PromiseClock.due_at)
        .limit(AT_ONCE)
        .with_for_update(of=PromiseClock, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return [
        Reminder(
            item,
            f"{item.promise.title}: {_subject(item).number} {_subject(item).title}",
            item.due_at,
            clock.now() >= item.due_at,
            item.promise.position_id,
            None,
            f"/procedures/request/{item.request_id}" if item.request_id else f"/procedures/case/{item.case_id}",
        )
        for item in session.scalars(statement)
        if item.due_at is not None
    ]


def _subject(item: PromiseClock) -> Any:
    return item.request or item.case


def _of_tasks(session: Session) -> list[Reminder]:
    last_quarter = func.make_interval(0, 0, 0, 0, 0, 0, 15 * func.coalesce(ProcedureStep.standard_minutes, 0))
    statement = (
        select(Task)
        .join(ProcedureStep, ProcedureStep.id == Task.step_id)
        .where(
            Task.state == "taken",
            Task.active,
            Task.paused_at.is_(None),
            Task.due_at - last_quarter <= clock.now(),
            _unsettled(Task),
        )
        .order_by(Task.reminded, Task.due_at)
        .limit(AT_ONCE)
        .with_for_update(of=Task, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return [
        Reminder(
            task,
            f"{task.case.number} {task.title}",
            task.due_at,
            clock.now() >= task.due_at,
            task.position_wanted_id,
            task.taken_by_id,
            f"/procedures/task/{task.id}",
        )
        for task in session.scalars(statement)
        if task.due_at is not None
    ]


def _unsettled(model: Any) -> Any:
    """The condition that somebody may still have to be told: what was told leaves the query, lest it keep newer ones
    out. Rows that were told less come first; of those that were told as much the oldest reaches the next level first.
    """
    now, wait = clock.now(), setting("procedures.escalate_after")
    return or_(
        model.reminded < SOON,
        and_(model.reminded < LATE, model.due_at <= now),
        and_(model.reminded < SUPERIOR, wait is not None, model.due_at <= now - (wait or timedelta(0))),
    )


def _level(reminder: Reminder, calendar: WorkingCalendar) -> int:
    if not reminder.is_late:
        return SOON
    wait = setting("procedures.escalate_after")
    passed = calendar.seconds(reminder.due, clock.now())
    return SUPERIOR if wait is not None and passed >= wait.total_seconds() else LATE


def _people(reminder: Reminder) -> list[Any]:
    """Who took the task, as long as the position is theirs or they are named for it; else whoever holds it today."""
    holders = holders_of(reminder.position_id, today_here()) if reminder.position_id is not None else []
    people = {holder.user_id: holder.user for holder in holders}
    if reminder.user_id in people:
        return [people[reminder.user_id]]
    named = [item for item in getattr(reminder.record, "delegates", ()) if not item.is_over(today_here())]
    if reminder.user_id in {item.user_id for item in named}:
        return [reminder.record.taken_by]
    return list(people.values())


def _superiors(session: Session, position_id: int | None) -> list[Any]:
    """The holders of the next position above that anybody holds today."""
    seen: set[int] = set()
    while position_id is not None and position_id not in seen:
        seen.add(position_id)
        position = session.get(Position, position_id)
        position_id = position.superior_id if position is not None else None
        if position_id is not None and (holders := holders_of(position_id, today_here())):
            return list({holder.user_id: holder.user for holder in holders}.values())
    return []


TEXTS = {
    SOON: _l("Due soon (%(moment)s): %(title)s"),
    LATE: _l("Late since %(moment)s: %(title)s"),
    SUPERIOR: _l("Late in your unit since %(moment)s: %(title)s"),
}


def _tell(reminder: Reminder, people: Iterable[Any], level: int) -> None:
    """By the bell, and by mail unless the institution wants none or the bell's own copy goes by mail."""
    with official_language():
        text = str(TEXTS[level]) % {"moment": format_moment(reminder.due), "title": reminder.title}
    key = f"{reminder.record.__model_key__}:{reminder.record.id}:{level}"
    for person in people:
        if notify([person.id], text, url=reminder.path, key=key) and setting("procedures.reminds_by_mail"):
            _mail(reminder, person, text)


def _mail(reminder: Reminder, person: Any, text: str) -> None:
    preference: Any = models["kernel.NotificationPreference"]
    wanted = select(preference.id).where(preference.user_id == person.id, preference.by_mail)
    if person.active and person.email and db.session.scalar(wanted) is None:
        link = f"{current_app.config['SETTINGS'].base_url}{reminder.path}"
        send_mail(db.session(), to=person.email, subject=text, body=f"{text}\n\n{link}")
