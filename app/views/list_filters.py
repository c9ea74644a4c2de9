"""What lists are narrowed by: typed filters in an address (``f_<column>``), periods that move with the day, chips."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, or_

from app.database.text import is_storable
from app.errors import BadRequest
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.i18n.formats import format_date, format_number, institution_zone, today_here
from app.views.fields import Field

PERIODS = {
    "today": _l("today"),
    "this_week": _l("this week"),
    "next_week": _l("next week"),
    "this_month": _l("this month"),
    "next_month": _l("next month"),
    "last_month": _l("last month"),
    "next_30_days": _l("the next 30 days"),
    "last_30_days": _l("the last 30 days"),
    "this_year": _l("this year"),
    "last_year": _l("last year"),
    "past": _l("before today"),
}
"""Periods counted from the day on which somebody looks: a kept filter means the coming month in every month."""

EMPTY = "-"
"""The value of a filter that asks for records without one."""

DAYS = frozenset({"date", "moment"})
NUMBERS = frozenset({"integer", "number"})
FILTERABLE = frozenset({"text", "choice", "boolean", "relation"}) | DAYS | NUMBERS


class Chip(NamedTuple):
    """An active filter: the arguments that taking it away removes, the column and what it asks for."""

    arguments: tuple[str, ...]
    label: Any
    text: str


def period_days(name: str, today: date) -> tuple[date | None, date | None]:
    """The first and the last day of a period of `PERIODS`; None has no end on that side."""
    month, monday = today.replace(day=1), today - timedelta(days=today.weekday())
    following = (month + timedelta(days=32)).replace(day=1)
    day = timedelta(days=1)
    ends: dict[str, tuple[date | None, date | None]] = {
        "today": (today, today),
        "this_week": (monday, monday + 6 * day),
        "next_week": (monday + 7 * day, monday + 13 * day),
        "this_month": (month, following - day),
        "next_month": (following, (following + timedelta(days=32)).replace(day=1) - day),
        "last_month": ((month - day).replace(day=1), month - day),
        "next_30_days": (today, today + 30 * day),
        "last_30_days": (today - 30 * day, today),
        "this_year": (date(today.year, 1, 1), date(today.year, 12, 31)),
        "last_year": (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
        "past": (None, today - day),
    }
    return ends[name]


def arguments_of(field: Field) -> tuple[str, ...]:
    """The arguments by which a list is narrowed by ``field``."""
    name = f"f_{field.name}"
    if field.kind in DAYS:
        return (name, f"{name}_in", f"{name}_from", f"{name}_to")
    if field.kind in NUMBERS:
        return (name, f"{name}_from", f"{name}_to")
    return (name,)


def filter_arguments(arguments: Mapping[str, str]) -> dict[str, str]:
    """Those of ``arguments`` that narrow a list and hold something."""
    return {name: value for name, value in arguments.items() if name.startswith("f_") and value}


def apply_filters(statement: Select[Any], fields: list[Field], arguments: Mapping[str, str]) -> Select[Any]:
    """Narrow ``statement`` by the filters in ``arguments``.

    Raises `BadRequest` for a value that cannot be read, and for a filter on a column that is not declared.
    """
    declared = {name for field in fields for name in arguments_of(field)}
    if any(name.startswith("f_") and name not in declared for name in arguments):
        raise BadRequest(_l("The list cannot be filtered by that column."), code="bad_filter")
    for field in fields:
        statement = statement.where(*_conditions(field, arguments))
    return statement


def _conditions(field: Field, arguments: Mapping[str, str]) -> list[ColumnElement[bool]]:
    name = f"f_{field.name}"
    found = [_equals(field, arguments[name])] if arguments.get(name) else []
    first, last = arguments.get(f"{name}_from", ""), arguments.get(f"{name}_to", "")
    if field.kind in DAYS:
        if period := arguments.get(f"{name}_in"):
            if period not in PERIODS:
                raise _unreadable(field)
            found.append(in_days(field, *period_days(period, today_here())))
        if first or last:
            found.append(in_days(field, _day(field, first), _day(field, last)))
    elif field.kind in NUMBERS:
        found += [field.column >= _number(field, first)] if first else []
        found += [field.column <= _number(field, last)] if last else []
    return found


def _unreadable(field: Field) -> BadRequest:
    return BadRequest(_l("The filter on %(column)s cannot be read.", column=field.label), code="bad_filter")


def _equals(field: Field, text: str) -> Any:
    if text == EMPTY and field.kind not in {"text", "boolean"} and text not in (field.choices or {}):
        empty = field.column.is_(None)
        return or_(empty, field.column == "") if field.kind == "choice" else empty
    if field.kind == "choice" and text in (field.choices or {}):
        return field.column == text
    if field.kind == "boolean" and text in {"0", "1"}:
        return field.column.is_(text == "1")
    if field.kind in {"integer", "relation"} and text.isascii() and text.isdigit() and len(text) < 10:
        return field.column == int(text)
    if field.kind == "number":
        return field.column == _number(field, text)
    if field.kind == "text" and is_storable(text):
        return field.column.icontains(text.strip()[:200], autoescape=True)
    raise _unreadable(field)


def _number(field: Field, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _unreadable(field) from None
    if not number.is_finite() or abs(number) >= (2**31 if field.kind == "integer" else 10**12):
        raise _unreadable(field)
    return number


def _day(field: Field, text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _unreadable(field) from None
    if not 1900 <= day.year <= 2200:
        raise _unreadable(field)
    return day


def in_days(field: Field, start: date | None, end: date | None) -> ColumnElement[bool]:
    """The records whose ``field`` lies on the days from ``start`` to ``end``, both included, in the institution's
    zone.
    """
    if field.kind == "date":
        ends = (*([field.column >= start] if start else []), *([field.column <= end] if end else []))
        return and_(True, *ends)
    ends = (
        *([field.column >= _midnight(start)] if start else []),
        *([field.column < _midnight(end + timedelta(days=1))] if end else []),
    )
    return and_(True, *ends)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(institution_zone())).astimezone(UTC)


def chips_of(fields: list[Field], arguments: Mapping[str, str], linked: Mapping[str, str]) -> list[Chip]:
    """The active filters as people read them; ``linked`` are the texts of the links that they name."""
    found = []
    for field in fields:
        name = f"f_{field.name}"
        if value := arguments.get(name):
            found.append(Chip((name,), field.label, _worded(field, value, linked)))
        if period := arguments.get(f"{name}_in"):
            found.append(Chip((f"{name}_in",), field.label, str(PERIODS.get(period, period))))
        if span := _span(field, arguments.get(f"{name}_from", ""), arguments.get(f"{name}_to", "")):
            found.append(Chip((f"{name}_from", f"{name}_to"), field.label, span))
    return found


def _worded(field: Field, value: str, linked: Mapping[str, str]) -> str:
    if value == EMPTY and field.kind not in {"text", "boolean"}:
        return _("empty")
    if field.kind == "choice":
        return str((field.choices or {}).get(value, value))
    if field.kind == "boolean":
        return _("Yes") if value == "1" else _("No")
    return linked.get(field.name, value)


def _span(field: Field, first: str, last: str) -> str:
    if field.kind in DAYS:
        first, last = (format_date(_day(field, text)) for text in (first, last))
    else:
        first, last = (format_number(_number(field, text)) if text else "" for text in (first, last))
    if first and last:
        return f"{first} – {last}"
    if first:
        return _("from %(first)s", first=first)
    return _("until %(last)s", last=last) if last else ""
