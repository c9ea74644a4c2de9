"""Two people change one record: the second is shown what differs, field by field, and chooses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select
from werkzeug.datastructures import MultiDict

from app.database.session import db
from app.i18n import gettext as _
from app.i18n.formats import format_moment
from app.records.audit_entry import AuditEntry
from app.views.fields import Field, as_list
from app.views.history import names_of, text_of_stored

TAKEN = "take_stored"
"""What the boxes are called in which a person takes the stored value over the own."""

MOST_SAVES = 50


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs: what is stored, what was typed, and whether only the other person changed it."""

    field: Field
    stored: str
    typed: str
    is_others: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """What the second person is told: who saved when, and what differs."""

    told: str
    differences: list[Difference]


def conflict_over(form: Any, fields: list[Field], stored: Any, version: int) -> Conflict:
    """What ``stored`` says now against what was typed over ``version`` of it."""
    entries = _saved_since(stored, version)
    before: dict[str, Any] = {}
    for entry in entries:
        before = {**(entry.old or {}), **before}
    found = []
    for field in fields:
        typed, kept = form[field.name].data, getattr(stored, field.name)
        if _plain(typed) != _plain(kept):
            column = _column_name(stored, field)
            first = text_of_stored(field, before[column]) if column in before else None
            mine = field.text_of(typed)
            found.append(Difference(field, field.text(stored), mine, is_others=first == mine))
    return Conflict(_who(entries[-1]) if entries else "", found)


def with_taken(data: MultiDict[str, str], fields: list[Field], fresh: Any) -> MultiDict[str, str]:
    """``data`` of a form with the stored values, as the form ``fresh`` shows them, where the person took them over."""
    taken = set(data.getlist(TAKEN)) & {field.name for field in fields}
    mended = MultiDict(data)
    for field in fields:
        if field.name in taken:
            mended.setlist(field.name, _as_sent(field, fresh[field.name]))
    return mended


def _as_sent(field: Field, control: Any) -> list[str]:
    if field.kind == "relation":
        return [str(control.stored_id or "")]
    if field.kind == "relations":
        return ["", *(str(item.id) for item in control.data)]
    if field.kind == "choices":
        return ["", *as_list(control.data)]
    if field.kind == "boolean":
        return ["1"] if control.data else [""]
    return [str(control.data or "") if field.kind == "choice" else control._value()]


def _saved_since(stored: Any, version: int) -> list[AuditEntry]:
    """The saves after ``version``, oldest first: each of them counted the version on and left one entry."""
    own = (AuditEntry.table_name == stored.__tablename__, AuditEntry.record_id == stored.id)
    saves = min(max(stored.version - version, 0), MOST_SAVES)
    return list(db.session.scalars(select(AuditEntry).where(*own).order_by(AuditEntry.id.desc()).limit(saves)))[::-1]


def _who(entry: AuditEntry) -> str:
    person = names_of({entry.user_id}).get(entry.user_id or 0, _("System"))
    return _("%(person)s saved it on %(moment)s.", person=person, moment=format_moment(entry.at))


def _column_name(stored: Any, field: Field) -> str:
    attribute = inspect(type(stored)).attrs.get(field.key or field.name)
    columns = getattr(attribute, "columns", ())
    return str(columns[0].name) if columns else field.name


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return getattr(value, "id", value) or None
