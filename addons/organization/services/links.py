"""Questions about links between records that a form has filled but nobody has written yet."""

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.addon import Invalid, as_system
from app.addon import lazy_gettext as _l


def linked_id(record: Any, relation: str) -> int | None:
    """The id behind ``relation`` as the record now stands, whether the relation or its column was set."""
    if inspect(record).attrs[relation].history.has_changes():
        linked = getattr(record, relation)
        return linked.id if linked is not None else None
    stored: int | None = getattr(record, f"{relation}_id")
    return stored


def refuse_loop(session: Session, record: Any, relation: str) -> None:
    """Raise `Invalid` when following ``relation`` upwards from ``record`` leads back to it."""
    if record.id is None:
        return
    model = type(record)
    above = linked_id(record, relation)
    passed: set[int] = set()
    with as_system(session, "a tree must not loop, also where the user may not look"):
        while above is not None and above not in passed:
            if above == record.id:
                message = _l("This would make a loop: the record would be above itself.")
                raise Invalid(message, {relation: [message]})
            passed.add(above)
            above = session.scalar(select(getattr(model, f"{relation}_id")).where(model.id == above))
