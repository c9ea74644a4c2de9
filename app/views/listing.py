"""Sorting and paging records: one statement for the page, one for a capped count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, inspect, literal, not_, or_, select, union_all
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.util import ClauseAdapter, unwrap_order_by

from app.database.base import Archivable, InstitutionOwned, Model
from app.database.scope import current_scope
from app.database.session import db
from app.errors import BadRequest
from app.i18n import lazy_gettext as _l

PAGE_SIZE = 25
LARGEST_PAGE = 100
COUNT_CAP = 1000
"""Nobody reads further to learn how many there are; counting them would cost more than the page itself."""
DEEPEST = 10_000
"""Rows that are skipped at most by the number of a page; beyond, pages follow one another by their last record."""


@dataclass(frozen=True)
class Sort:
    """The column that a list is sorted by, then by id; in ``model`` or in a subquery that has the same columns."""

    model: type[Model]
    name: str
    is_down: bool

    @property
    def is_nullable(self) -> bool:
        """Whether some records have no value in the column; they come last both ways."""
        return bool(inspect(self.model).columns[self.name].nullable)

    def clauses(self, *, backwards: bool = False) -> tuple[Any, Any]:
        """What the statement is ordered by."""
        column, is_down = getattr(self.model, self.name), self.is_down != backwards
        first = column.desc() if is_down else column.asc()
        if self.is_nullable:  # an index read backwards has its empty values first
            first = first.nulls_first() if backwards else first.nulls_last()
        return first, self.model.id.desc() if is_down else self.model.id.asc()

    def beyond(self, value: Any, pk: int, *, backwards: bool = False) -> ColumnElement[bool]:
        """The records behind (or before) the one with ``value`` in the column and the id ``pk``."""
        column, is_down = getattr(self.model, self.name), self.is_down != backwards
        next_id = self.model.id < pk if is_down else self.model.id > pk
        if self.name == "id":
            return next_id
        if value is None:
            empty = and_(column.is_(None), next_id)
            return or_(column.is_not(None), empty) if backwards else empty
        further = column < value if is_down else column > value
        # The first condition alone bounds the index; the second one sorts out what has the same value.
        bound = column <= value if is_down else column >= value
        found = and_(bound, or_(further, and_(column == value, next_id)))
        return or_(found, column.is_(None)) if self.is_nullable and not backwards else found


@dataclass(frozen=True)
class Page:
    """A page of records; ``count`` stops at `COUNT_CAP` + 1."""

    records: list[Any]
    count: int
    page: int
    size: int
    has_next: bool = False
    """Whether a page follows: one record more than fits was asked for."""
    is_exact: bool = False
    """Whether everything was counted, however much it is."""

    @property
    def is_capped(self) -> bool:
        """Whether there are more records than were counted."""
        return self.count > COUNT_CAP and not self.is_exact

    @property
    def last(self) -> int:
        """The number of the last page that was counted, from 0."""
        return max(0, ((COUNT_CAP if self.is_capped else self.count) - 1) // self.size)


def base_statement(model: type[Model], *, archived: bool = False) -> Select[Any]:
    """The ids of the model's records, active or archived ones."""
    statement = select(model.id)
    if not issubclass(model, Archivable):
        return statement
    # Not "active IS TRUE": PostgreSQL does not see that an index over the active rows serves it.
    return statement.where(not_(model.active) if archived else model.active)


def sort_of(model: type[Model], allowed: tuple[str, ...], wish: str) -> Sort:
    """``name`` or ``-name`` out of ``allowed``. Raises `BadRequest` for any other column."""
    name = wish.removeprefix("-")
    if name not in allowed:
        raise BadRequest(_l("The list cannot be sorted by that column."), code="bad_order")
    return Sort(model, name, wish.startswith("-"))


def order(statement: Select[Any], model: type[Model], allowed: tuple[str, ...], wish: str) -> Select[Any]:
    """Sort by ``name`` or ``-name`` out of ``allowed``, then by id. Raises `BadRequest` for any other column."""
    return statement.order_by(*sort_of(model, allowed, wish).clauses())


def capped_count(statement: Select[Any]) -> int:
    """How many rows ``statement`` has, up to `COUNT_CAP` + 1."""
    capped = statement.order_by(None).with_only_columns(literal(1)).limit(COUNT_CAP + 1).subquery()
    return db.session().scalar(select(func.count()).select_from(capped)) or 0


def fetch(statement: Select[Any], model: type[Model], relations: list[str], page: int, size: int) -> Page:
    """The page with the number ``page``, and the count."""
    size = max(1, min(size, LARGEST_PAGE))
    count = capped_count(statement)
    reach = DEEPEST if count > COUNT_CAP else count
    page = min(max(0, page), max(0, (reach - 1) // size))
    if not count:
        return Page([], 0, 0, size)
    found = _load(_cut(statement, model, page * size, size + 1), statement, model, relations)
    return Page(found[:size], count, page, size, has_next=len(found) > size)


def fetch_beyond(
    statement: Select[Any], sort: Sort, relations: list[str], page: int, size: int, cursor: tuple[int, bool]
) -> Page | None:
    """The page behind the record of the ``cursor`` (its id), or before it (True): as fast in the depth as at the
    beginning. ``page`` is the number that the page is called by. None when the record is gone.
    """
    size, (pk, backwards) = max(1, min(size, LARGEST_PAGE)), cursor
    mark = db.session.execute(select(getattr(sort.model, sort.name)).where(sort.model.id == pk)).first()
    if mark is None:
        return None
    count = capped_count(statement)
    ordered = statement.where(sort.beyond(mark[0], pk, backwards=backwards)).order_by(None)
    ordered = ordered.order_by(*sort.clauses(backwards=backwards))
    found = _load(_cut(ordered, sort.model, 0, size + 1), ordered, sort.model, relations)
    records = found[:size][::-1] if backwards else found[:size]
    return Page(records, count, page, size, has_next=backwards or len(found) > size)


def _load(cut: Select[Any], ordered: Select[Any], model: type[Model], relations: list[str]) -> list[Any]:
    """The records of the ids that ``cut`` gives: cut first, so that the joins touch only the rows shown."""
    ids = cut.subquery()
    options = [joinedload(getattr(model, name)) for name in relations]
    rows = select(model).join(ids, ids.c.id == model.id).order_by(*ordered._order_by_clauses).options(*options)
    return list(db.session().scalars(rows))


def _cut(statement: Select[Any], model: type[Model], skip: int, size: int) -> Select[Any]:
    """``size`` ids of ``statement``. An index gives the rows of one institution in order, those of two together none
    does: each is read as far as the page reaches, and the two are merged.
    """
    scope = current_scope(db.session())
    if scope is None or not issubclass(model, InstitutionOwned) or len(scope.readable) < 2:
        return statement.limit(size).offset(skip)
    clauses = statement._order_by_clauses
    keys = [column for clause in clauses for column in unwrap_order_by(clause) if column.key != "id"]
    each = statement.add_columns(*keys).limit(skip + size)
    merged = union_all(*(each.where(model.institution_id == owner) for owner in scope.readable)).subquery()
    adapter = ClauseAdapter(merged)
    return select(merged.c.id).order_by(*map(adapter.traverse, clauses)).limit(size).offset(skip)


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
