"""The audit trail of a record, as people read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import inspect, select

from app.access.column_rights import MASK, is_hidden, masked_columns
from app.database.base import Model
from app.database.session import db
from app.i18n import gettext as _
from app.i18n.formats import format_date, format_moment
from app.records.audit_entry import AuditEntry, histories_of
from app.views.fields import Field, field_of

if TYPE_CHECKING:
    from app.views.model_view import ModelView

_HIDDEN = frozenset({"id", "institution_id", "created_at", "created_by_id", "version"})


Linked = dict[tuple[Any, int], Any]
"""(model, id) → the record."""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change: who, when, what, and the columns as (label, before, after)."""

    at: datetime
    person: str
    operation: str
    changes: list[tuple[str, str, str]]


def readable_history(view: ModelView, entries: list[AuditEntry]) -> list[HistoryLine]:
    """``entries`` with people's names and the labels of declared columns; columns that no screen shows stay unseen."""
    columns = _shown_columns(view)
    return _readable(
        entries, columns, view.masked, names_of({entry.user_id for entry in entries}), _linked([(columns, entries)])
    )


def _readable(
    entries: list[AuditEntry],
    columns: dict[str, Field],
    masked: frozenset[str],
    people: dict[int, str],
    linked: Linked,
) -> list[HistoryLine]:
    return [
        HistoryLine(
            acts[0].at,
            people.get(acts[0].user_id or 0, _("System")),
            acts[-1].operation,
            _changes(acts, columns, masked, linked),
        )
        for acts in _acts(entries)
    ]


def _acts(entries: list[AuditEntry]) -> list[list[AuditEntry]]:
    """``entries`` of one record, newest first, with those of one request together: a person did one thing, however
    often the row was written.
    """
    found: list[list[AuditEntry]] = []
    for entry in entries:
        if found and entry.request_id and entry.request_id == found[-1][-1].request_id:
            found[-1].append(entry)
        else:
            found.append([entry])
    return found


def _linked(told: list[tuple[dict[str, Field], list[AuditEntry]]]) -> Linked:
    """The records that the entries link to; those not at hand are looked up with one statement for each model."""
    wanted: dict[Any, set[int]] = {}
    for columns, entries in told:
        for name, field in ((name, field) for name, field in columns.items() if field.kind == "relation"):
            values = {(side or {}).get(name) for entry in entries for side in (entry.new, entry.old)}
            wanted.setdefault(field.target, set()).update(value for value in values if value is not None)
    session = db.session()
    found: Linked = {}
    for target, ids in wanted.items():
        keys = {pk: inspect(target).identity_key_from_primary_key((pk,)) for pk in ids}
        at_hand = [session.identity_map[key] for key in keys.values() if key in session.identity_map]
        missing = ids - {record.id for record in at_hand}
        others = session.scalars(select(target).where(target.id.in_(missing))) if missing else ()
        found |= {(target, record.id): record for record in (*at_hand, *others)}
    return found


def names_of(user_ids: set[int | None]) -> dict[int, str]:
    """The names of people by id."""
    ids = {user_id for user_id in user_ids if user_id}
    if not ids:
        return {}
    return {user.id: user.get_full_name() for user in db.session.scalars(select(User).where(User.id.in_(ids)))}


def changes_of(records: Sequence[Model]) -> list[tuple[Model, HistoryLine]]:
    """What happened to ``records`` that have screens, newest first, each with its record: for pages that bring the
    histories of several records together. A model without a screen names the columns to tell of in ``__told__``.
    """
    from app.views.model_view import view_of

    entries = histories_of(db.session(), records)
    told: list[tuple[Model, dict[str, Field], list[AuditEntry]]] = []
    for record in records:
        view = view_of(type(record))
        own = [item for item in entries if (item.table_name, item.record_id) == (record.__tablename__, record.id)]
        named = {
            name: field_of(type(record), name)
            for name in getattr(record, "__told__", ())
            if not is_hidden(type(record), name)
        }
        columns = _shown_columns(view) if view is not None else named
        if columns and own:
            told.append((record, columns, own))
    people = names_of({entry.user_id for entry in entries})
    linked = _linked([(columns, own) for _record, columns, own in told])
    found = [
        (record, line)
        for record, columns, own in told
        for line in _readable(own, columns, masked_columns(type(record)), people, linked)
    ]
    return sorted(found, key=lambda pair: pair[1].at, reverse=True)


def _shown_columns(view: ModelView) -> dict[str, Field]:
    shown = {}
    for field in (
        *view.fields("show"),
        *view.fields("edit"),
        *([field_of(view.model, "state")] if view.states() else []),
    ):
        column = inspect(view.model).attrs[field.key].columns[0] if field.key else None
        shown[column.name if column is not None else field.name] = field
    if "active" in inspect(view.model).columns:
        shown["active"] = field_of(view.model, "active")
    return shown


def _changes(
    acts: list[AuditEntry], columns: dict[str, Field], masked: frozenset[str], linked: Linked
) -> list[tuple[str, str, str]]:
    new: dict[str, Any] = {}
    old: dict[str, Any] = {}
    for entry in acts:
        new = {**(entry.new or {}), **new}
        old |= entry.old or {}
    names = [name for name in columns if name in {**new, **old} and name not in _HIDDEN]
    names = [name for name in names if len(acts) == 1 or new.get(name) != old.get(name)]
    return [
        (
            str(columns[name].label),
            _masked(columns[name], old.get(name), masked, linked),
            _masked(columns[name], new.get(name), masked, linked),
        )
        for name in names
    ]


def _masked(field: Field, value: Any, masked: frozenset[str], linked: Linked) -> str:
    text = text_of_stored(field, value, linked)
    return MASK if text and field.name in masked else text


def text_of_stored(field: Field, value: Any, linked: Linked | None = None) -> str:
    """A value as the audit trail keeps it, for people; what it links to stands in ``linked``, or is looked up."""
    if value is None:
        return ""
    if field.kind in {"choice", "choices"}:
        return field.text_of(value)
    if field.kind == "boolean":
        return _("Yes") if value else _("No")
    if field.kind == "moment":
        return format_moment(datetime.fromisoformat(value))
    if field.kind == "date":
        return format_date(date.fromisoformat(value))
    if field.kind == "relation":
        found = db.session.get(field.target, value) if linked is None else linked.get((field.target, value))
        return str(found) if found is not None else f"#{value}"
    if field.kind == "number":
        return field.text_of(Decimal(str(value)))
    return field.text_of(value)
