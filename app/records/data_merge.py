"""Merging what a data file ships now with what it shipped last and what people made of it, field by field."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.database.base import Archivable, Model, models
from app.database.columns import default_of
from app.errors import AddonError, SinergiError
from app.records.data_entries import DataFileError
from app.records.external_id import ExternalId

What = Literal["created", "updated", "kept", "renewed", "withdrawn", "restored", "clash", "left"]

WORDS = {
    "created": "added",
    "updated": "updated",
    "kept": "changed by people, who keep theirs",
    "renewed": "replaced by a newer edition",
    "withdrawn": "archived: no longer shipped",
    "restored": "brought back: shipped again",
    "clash": "not updated: it would clash with another record",
    "left": "no longer shipped, and left: records of this kind are not archived",
}
"""What happened, for people at a terminal."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What loading did with one record; ``fields`` were updated, ``kept`` were changed by people and stay."""

    addon: str
    institution_id: int
    model: str
    name: str
    what: What
    fields: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    def __str__(self) -> str:
        updated = f" ({', '.join(self.fields)})" if self.fields else ""
        kept = f"; {WORDS['kept']} ({', '.join(self.kept)})" if self.kept and self.what != "kept" else ""
        if self.what == "kept":
            updated = f" ({', '.join(self.kept)})"
        return f"{self.addon}.{self.name} ({self.model}): {WORDS[self.what]}{updated}{kept}"


def outcome_of(present: ExternalId, what: What, fields: tuple[str, ...] = (), kept: tuple[str, ...] = ()) -> Outcome:
    """What happened to the record behind ``present``."""
    return Outcome(present.addon, present.institution_id, present.model, present.name, what, fields, kept)


@dataclass(frozen=True, slots=True)
class Setter:
    """Turns the words of a data file into attributes: external ids by ``resolve``, days in ``zone``."""

    resolve: Callable[[str], int]
    zone: str

    def target(self, model: type[Model], attribute: str, value: Any) -> tuple[str, Any]:
        """The attribute to set and its value. Raises `AddonError` for one that ``model`` has not."""
        mapper = inspect(model)
        if attribute in mapper.relationships:
            column = next(iter(mapper.relationships[attribute].local_columns))
            return mapper.get_property_by_column(column).key, None if value is None else self.resolve(value)
        if attribute in mapper.columns or hasattr(model, attribute):
            return attribute, relative_moment(value, self.zone)
        raise DataFileError(f"{model.__model_key__} has no attribute {attribute}.", attribute)

    def set_all(self, record: Model, values: Mapping[str, Any]) -> None:
        """Give ``record`` what the file says."""
        for attribute, value in values.items():
            setattr(record, *self.target(type(record), attribute, value))

    def holds(self, record: Model, attribute: str, value: Any) -> bool:
        """Whether ``record`` still has what the file said."""
        try:
            name, wanted = self.target(type(record), attribute, value)
        except AddonError:  # what it once pointed to is gone
            return False
        return comparable(getattr(record, name)) == comparable(wanted)

    def is_untouched(self, record: Model, attribute: str) -> bool:
        """Whether nobody ever gave ``record`` a value for an attribute that the file did not ship before."""
        mapper = inspect(type(record))
        if attribute in mapper.relationships:
            column = next(iter(mapper.relationships[attribute].local_columns))
            attribute = mapper.get_property_by_column(column).key
        value, column = getattr(record, attribute, None), mapper.columns.get(attribute)
        return value is None or comparable(value) == comparable(default_of(column))


def merge_record(session: Session, present: ExternalId, values: Mapping[str, Any], setter: Setter) -> Outcome | None:
    """Bring what the file changed into the record, except where people changed the same field.

    What they deleted stays deleted, and what they archived stays as it is. None when nothing happened.
    """
    model, before, now = models[present.model], present.shipped, as_json(values)
    record = session.get(model, present.record_id)
    if before is None:  # from a time when shipped values were not kept: what differs is taken for people's
        before = now
    changed = [name for name in now if name not in before or before[name] != now[name]]
    for name in changed:
        setter.target(model, name, values[name])  # a file that cannot be read is refused whoever changed what
    present.shipped = now
    if record is None:
        return None
    back = restore_record(session, present, record)
    if isinstance(record, Archivable) and not record.active:
        return back
    untouched = [
        name
        for name in changed
        if (setter.holds(record, name, before[name]) if name in before else setter.is_untouched(record, name))
    ]
    wanted = [name for name in untouched if not setter.holds(record, name, values[name])]
    kept = [name for name in changed if name not in untouched and not setter.holds(record, name, values[name])]
    if wanted and not _written(session, lambda: setter.set_all(record, {name: values[name] for name in wanted})):
        present.shipped = {**now, **{name: before[name] for name in wanted if name in before}}  # tried again next time
        return outcome_of(present, "clash", tuple(wanted), tuple(kept))
    if wanted:
        return outcome_of(present, "updated", tuple(wanted), tuple(kept))
    return outcome_of(present, "kept", (), tuple(kept)) if kept else back


def withdraw_record(session: Session, present: ExternalId) -> Outcome | None:
    """Archive a record that no file brings any more; people can bring it back, and it then stays."""
    model = models.get(present.model)
    record = session.get(model, present.record_id) if model is not None else None
    if present.withdrawn:
        if getattr(record, "active", False):  # brought back by people: theirs from now on
            present.withdrawn, present.source = False, None
        return None
    present.withdrawn = True
    if record is None:
        return outcome_of(present, "left") if model is None else None
    if not isinstance(record, Archivable):
        return outcome_of(present, "left")
    if not record.active:
        # Somebody archived it before: should it be shipped again, it stays archived.
        present.withdrawn, present.source = False, None
        return None
    record.active = False
    session.flush()
    return outcome_of(present, "withdrawn")


def restore_record(session: Session, present: ExternalId, record: Any) -> Outcome | None:
    """Bring back what was archived because no file brought it, now that one does again."""
    if not present.withdrawn:
        return None
    if not isinstance(record, Archivable) or record.active:
        present.withdrawn = False
        return None
    if not _written(session, lambda: setattr(record, "active", True)):
        return outcome_of(present, "clash", ("active",))
    present.withdrawn = False
    return outcome_of(present, "restored")


def _written(session: Session, change: Callable[[], object]) -> bool:
    """Whether the database takes ``change``; if not, nothing of it is left."""
    session.flush()
    try:
        with session.begin_nested():
            change()
            session.flush()
    except (IntegrityError, SinergiError):
        return False
    return True


def as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` as they are kept: plain JSON."""
    kept: dict[str, Any] = json.loads(json.dumps(values, default=str))
    return kept


def comparable(value: Any) -> Any:
    """``value`` so that what a file says and what a column holds can be compared."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value.normalize() if isinstance(value, Decimal) else value


def relative_moment(value: Any, zone: str) -> Any:
    """``today+3`` (in ``zone``) and ``now+90`` (minutes) become a date or a moment; anything else stays."""
    if isinstance(value, str) and value.startswith(("today", "now")):
        word, _, rest = value.partition("+")
        if word == "today" and (rest.isdigit() or not rest):
            return clock.today(zone) + timedelta(days=int(rest or 0))
        if word == "now" and (rest.isdigit() or not rest):
            return clock.now() + timedelta(minutes=int(rest or 0))
    return value
