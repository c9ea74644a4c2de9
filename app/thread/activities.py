"""Activities on a record: planned for somebody until a day, done or cancelled."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app import clock
from app.access.access import current_access, require
from app.database.base import Model, models
from app.errors import Conflict, Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.i18n.formats import format_date
from app.notifications.notifications import notify
from app.records.free_text import has_words, read_text
from app.thread.messages import address_of, follow, own_id
from app.thread.readers import name_of, readers_of
from app.thread.record_activity import OUTCOMES, RecordActivity

LONGEST = 200
MOST_SHOWN = 100


def plan_activity(session: Session, record: Model, summary: Any, deadline: date, assignee_id: int) -> RecordActivity:
    """Plan something about ``record`` for somebody who may read it; they are told. Raises `Forbidden` or `Invalid`."""
    require(type(record), "read", session, record)
    summary = read_text(summary, "summary", longest=LONGEST)
    if not has_words(summary):
        message = _l("Say what is to be done, in at most %(longest)d signs.", longest=LONGEST)
        raise Invalid(message, {"summary": [message]})
    if not readers_of(record, [assignee_id]):
        message = _l("This person may not read the record.")
        raise Invalid(message, {"assignee": [message]})
    planned = RecordActivity(
        model=record.__model_key__, record_id=record.id, summary=summary, deadline=deadline, assignee_id=assignee_id
    )
    session.add(planned)
    session.flush()
    follow(session, record, [own_id(session), assignee_id], again=False)
    if assignee_id != own_id(session):
        notify([assignee_id], _asked(session, planned, record), address_of(record, f"activity-{planned.id}"))
    return planned


def settle_activity(session: Session, record: Model, activity_id: int, outcome: str) -> RecordActivity:
    """Say that an activity is ``done`` or ``cancelled``; who planned it is told. Raises `NotFound` or `Conflict`."""
    require(type(record), "read", session, record)
    if outcome not in OUTCOMES or outcome == "open":
        raise NotFound(_l("There is no such step."))
    own = (RecordActivity.model == record.__model_key__, RecordActivity.record_id == record.id)
    found = session.scalar(select(RecordActivity).where(*own, RecordActivity.id == activity_id).with_for_update())
    if found is None:
        raise NotFound(_l("This record does not exist, or you may not see it."))
    if found.outcome != "open":
        raise Conflict(_l("This activity is over already."), code="settled")
    found.outcome, found.settled_at, found.settled_by_id = outcome, clock.now(), own_id(session)
    session.flush()
    if found.created_by_id is not None and found.created_by_id != own_id(session):
        words = _l(
            "%(outcome)s by %(person)s: %(summary)s (%(record)s)",
            outcome=OUTCOMES[outcome],
            person=name_of(session, own_id(session)),
            summary=found.summary,
            record=str(record),
        )
        notify(readers_of(record, [found.created_by_id]), words, address_of(record, f"activity-{found.id}"))
    return found


def _asked(session: Session, planned: RecordActivity, record: Model) -> Any:
    """What the person who is to do it reads: who asks, for what, until when, and about what."""
    return _l(
        "%(person)s asks you: %(summary)s – until %(day)s (%(record)s)",
        person=name_of(session, own_id(session)),
        summary=planned.summary,
        day=format_date(planned.deadline),
        record=str(record),
    )


def activities_of(session: Session, record: Model) -> list[RecordActivity]:
    """The activities of ``record``: by deadline, the open ones first."""
    own = (RecordActivity.model == record.__model_key__, RecordActivity.record_id == record.id)
    order = (RecordActivity.outcome != "open", RecordActivity.deadline, RecordActivity.id)
    return list(session.scalars(select(RecordActivity).where(*own).order_by(*order).limit(MOST_SHOWN)))


# "My work" -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnActivity:
    """An open activity of the present person, and the record it is about."""

    activity: RecordActivity
    record: Any


def my_activities(session: Session) -> list[OwnActivity]:
    """What the present person is to do, by deadline: one statement, and one for each model among the records. What is
    planned on a record that they may not read (any more) is left out.
    """
    mine = (RecordActivity.assignee_id == own_id(session), RecordActivity.outcome == "open")
    order = (RecordActivity.deadline, RecordActivity.id)
    planned = list(session.scalars(select(RecordActivity).where(*mine).order_by(*order).limit(MOST_SHOWN)))
    ids: dict[str, set[int]] = defaultdict(set)
    for item in planned:
        ids[item.model].add(item.record_id)
    records = {(key, record.id): record for key, wanted in ids.items() for record in _readable(session, key, wanted)}
    return [
        OwnActivity(item, records[item.model, item.record_id])
        for item in planned
        if (item.model, item.record_id) in records
    ]


def _readable(session: Session, key: str, ids: set[int]) -> list[Any]:
    from app.views.model_view import view_of

    model: Any = models.get(key)
    if model is None or not current_access().may(model, "read"):
        return []
    view = view_of(model)
    eager = [joinedload(getattr(model, name)) for name in view.eager] if view is not None else []
    return list(session.scalars(select(model).where(model.id.in_(ids)).options(*eager)).unique())


def finish_my_activity(session: Session, activity_id: int) -> None:
    """The present person has done what was planned for them. Raises `NotFound` or `Conflict`."""
    own = (RecordActivity.id == activity_id, RecordActivity.assignee_id == own_id(session))
    found = session.scalar(select(RecordActivity).where(*own))
    record = next(iter(_readable(session, found.model, {found.record_id})), None) if found is not None else None
    if found is None or record is None:
        raise NotFound(_l("This record does not exist, or you may not see it."))
    settle_activity(session, record, activity_id, "done")
