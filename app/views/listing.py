"""Searching, filtering, sorting and paging records: one statement for the page, one for a capped count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, inspect, literal, not_, select, union_all
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.util import ClauseAdapter, unwrap_order_by

from app.database.base import Archivable, InstitutionOwned, Model
from app.database.scope import current_scope
from app.database.session import db
from app.errors import BadRequest
from app.i18n import lazy_gettext as _l
from app.i18n.formats import institution_zone
from app.views.fields import Field
from app.views.words import is_storable

PAGE_SIZE = 25
LARGEST_PAGE = 100
COUNT_CAP = 10_000


@dataclass(frozen=True)
class Page:
    """A page of records; ``count`` stops at `COUNT_CAP` + 1."""

    records: list[Any]
    count: int
    page: int
    size: int

    @property
    def is_capped(self) -> bool:
        """Whether there are more records than were counted."""
        return self.count > COUNT_CAP

    @property
    def last(self) -> int:
        """The number of the last page that can be reached, from 0."""
        return max(0, (min(self.count, COUNT_CAP) - 1) // self.size)


def base_statement(model: type[Model], *, archived: bool = False) -> Select[Any]:
    """The ids of the model's records, active or archived ones."""
    statement = select(model.id)
    if not issubclass(model, Archivable):
        return statement
    # Not "active IS TRUE": PostgreSQL does not see that an index over the active rows serves it.
    return statement.where(not_(model.active) if archived else model.active)


def apply_filters(statement: Select[Any], fields: list[Field], arguments: Mapping[str, str]) -> Select[Any]:
    """Apply ``f_<column>`` (and ``_from``/``_to`` for dates).

    Raises `BadRequest` for a value that cannot be read, and for a filter on a column that is not declared.
    """
    declared = {name for field in fields for name in _arguments_of(field)}
    if any(name.startswith("f_") and name not in declared for name in arguments):
        raise BadRequest(_l("The list cannot be filtered by that column."), code="bad_filter")
    for field in fields:
        name = f"f_{field.name}"
        if field.kind in {"date", "moment"}:
            statement = _between(statement, field, arguments.get(f"{name}_from", ""), arguments.get(f"{name}_to", ""))
        elif arguments.get(name):
            statement = statement.where(_equals(field, arguments[name]))
    return statement


def _arguments_of(field: Field) -> tuple[str, ...]:
    name = f"f_{field.name}"
    return (f"{name}_from", f"{name}_to") if field.kind in {"date", "moment"} else (name,)


def _equals(field: Field, text: str) -> Any:
    if field.kind == "choice" and text in (field.choices or {}):
        return field.column == text
    if field.kind == "boolean" and text in {"0", "1"}:
        return field.column.is_(text == "1")
    if field.kind in {"integer", "relation"} and text.isascii() and text.isdigit() and len(text) < 10:
        return field.column == int(text)
    if field.kind == "text" and is_storable(text):
        return field.column.icontains(text.strip()[:200], autoescape=True)
    raise BadRequest(_l("The filter on %(column)s cannot be read.", column=field.label), code="bad_filter")


def _between(statement: Select[Any], field: Field, first: str, last: str) -> Select[Any]:
    start, end = _day(field, first), _day(field, last)
    if field.kind == "date":
        statement = statement.where(field.column >= start) if start else statement
        return statement.where(field.column <= end) if end else statement
    zone = ZoneInfo(institution_zone())
    if start:
        statement = statement.where(field.column >= datetime.combine(start, time(), zone).astimezone(UTC))
    if end:
        statement = statement.where(
            field.column < datetime.combine(end + timedelta(days=1), time(), zone).astimezone(UTC)
        )
    return statement


def _day(field: Field, text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadRequest(
            _l("The filter on %(column)s cannot be read.", column=field.label), code="bad_filter"
        ) from None
    if not 1900 <= day.year <= 2200:
        raise BadRequest(_l("The filter on %(column)s cannot be read.", column=field.label), code="bad_filter")
    return day


def order(statement: Select[Any], model: type[Model], allowed: tuple[str, ...], wish: str) -> Select[Any]:
    """Sort by ``name`` or ``-name`` out of ``allowed``, then by id. Raises `BadRequest` for any other column."""
    descending = wish.startswith("-")
    name = wish.removeprefix("-")
    if name not in allowed:
        raise BadRequest(_l("The list cannot be sorted by that column."), code="bad_order")
    column = getattr(model, name)
    first = column.desc() if descending else column.asc()
    if inspect(model).columns[name].nullable:  # an index read backwards has its empty values first
        first = first.nulls_last()
    return statement.order_by(first, model.id.desc() if descending else model.id.asc())


def fetch(statement: Select[Any], model: type[Model], relations: list[str], page: int, size: int) -> Page:
    """The page and the count: the ids are cut first, so that the joins touch only the rows shown."""
    size = max(1, min(size, LARGEST_PAGE))
    session = db.session()
    # A count over more rows than anybody reads would cost more than the page itself.
    capped = statement.order_by(None).with_only_columns(literal(1)).limit(COUNT_CAP + 1).subquery()
    count = session.scalar(select(func.count()).select_from(capped)) or 0
    page = min(max(0, page), max(0, (min(count, COUNT_CAP) - 1) // size))
    if not count:
        return Page([], 0, 0, size)
    ids = _cut(statement, model, page, size).subquery()
    options = [joinedload(getattr(model, name)) for name in relations]
    rows = select(model).join(ids, ids.c.id == model.id).order_by(*statement._order_by_clauses).options(*options)
    return Page(list(session.scalars(rows)), count, page, size)


def _cut(statement: Select[Any], model: type[Model], page: int, size: int) -> Select[Any]:
    """The ids of one page. An index gives the rows of one institution in order, those of two together none does: each
    is read as far as the page reaches, and the two are merged.
    """
    scope = current_scope(db.session())
    if scope is None or not issubclass(model, InstitutionOwned) or len(scope.readable) < 2:
        return statement.limit(size).offset(page * size)
    clauses = statement._order_by_clauses
    keys = [column for clause in clauses for column in unwrap_order_by(clause) if column.key != "id"]
    each = statement.add_columns(*keys).limit((page + 1) * size)
    merged = union_all(*(each.where(model.institution_id == owner) for owner in scope.readable)).subquery()
    adapter = ClauseAdapter(merged)
    return select(merged.c.id).order_by(*map(adapter.traverse, clauses)).limit(size).offset(page * size)


def whole_number(text: str | None, default: int) -> int:
    """A page number from the address. Raises `BadRequest` for anything but digits."""
    if text in (None, ""):
        return default
    if not (str(text).isascii() and str(text).isdigit() and len(str(text)) < 10):
        raise BadRequest(_l("The page number cannot be read."), code="bad_page")
    return int(str(text))


def switch(text: str | None) -> bool:
    """A switch from the address: ``1``, ``0`` or nothing. Raises `BadRequest` for anything else."""
    if text not in (None, "", "0", "1"):
        raise BadRequest(_l("The request could not be understood."))
    return text == "1"
