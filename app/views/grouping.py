"""Records counted by the values of a column, in the database: for grouped lists, graphs and pivot tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_date as babel_date
from flask_appbuilder.security.sqla.models import User
from flask_babel import get_locale
from sqlalchemy import Select, func, null, select

from app.access.access import current_access
from app.database.base import Model
from app.database.session import db
from app.i18n import gettext as _
from app.i18n.formats import institution_zone
from app.views.fields import Field
from app.views.list_filters import DAYS, EMPTY

GROUPABLE = frozenset({"choice", "boolean", "relation"}) | DAYS
MOST = 200
"""Groups that are shown; those with the most records."""


@dataclass(frozen=True, slots=True)
class Group:
    """One value of a column: what it is called, how many records have it, the sum of a number over them, and the
    arguments that narrow the list to them.
    """

    key: Any
    label: str
    count: int
    total: Decimal | None
    arguments: dict[str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one row of a pivot table has in one column."""

    row: Any
    column: Any
    count: int
    total: Decimal | None


def groups_of(model: type[Model], narrowed: Select[Any], field: Field, measure: Field | None = None) -> list[Group]:
    """The groups of the records that ``narrowed`` gives the ids of, in the order people expect."""
    found = _rows(model, narrowed, [field], measure)
    labels = labels_of(field, [row[0] for row in found])
    groups = [Group(key, labels[key], count, total, arguments_for(field, key)) for key, count, total in found]
    return sorted(groups, key=lambda group: _place(field, group.key, group.label))


def cells_of(
    model: type[Model], narrowed: Select[Any], rows: Field, columns: Field, measure: Field | None = None
) -> list[Cell]:
    """The filled cells of a pivot table."""
    return [Cell(*row) for row in _rows(model, narrowed, [rows, columns], measure)]


def _rows(model: type[Model], narrowed: Select[Any], fields: list[Field], measure: Field | None) -> list[Any]:
    chosen = narrowed.order_by(None).subquery()
    keys = [_key(model, field).label(f"key_{place}") for place, field in enumerate(fields)]
    total = func.sum(getattr(model, measure.name)) if measure is not None else null()
    # By the names of the keys: the same expression with other parameters is another one to PostgreSQL.
    names = [f"key_{place}" for place in range(len(fields))]
    statement = (
        select(*keys, func.count().label("records"), total)
        .select_from(model)
        .join(chosen, chosen.c.id == model.id)
        .group_by(*names)
        .order_by(func.count().desc(), *names)
        .limit(MOST if len(fields) == 1 else MOST * 20)
    )
    return [
        tuple(_day(key) for key in row[: len(fields)]) + tuple(row[len(fields) :])
        for row in db.session().execute(statement)
    ]


def _key(model: type[Model], field: Field) -> Any:
    column = getattr(model, field.key or field.name)
    if field.kind == "moment":
        column = func.timezone(institution_zone(), column)
    return func.date_trunc("month", column) if field.kind in DAYS else column


def _day(key: Any) -> Any:
    return key.date() if hasattr(key, "date") else key


def labels_of(field: Field, keys: Iterable[Any]) -> dict[Any, str]:
    """What the values of a column are called; links to records that the person may not see are not named."""
    keys = list(dict.fromkeys(keys))
    if field.kind == "relation":
        linked = _linked(field, [key for key in keys if key is not None])
        return {key: _("(empty)") if key is None else linked.get(key, _("(not visible to you)")) for key in keys}
    if field.kind in DAYS:
        return {key: _("(empty)") if key is None else babel_date(key, "MMMM yyyy", locale=get_locale()) for key in keys}
    return {key: _("(empty)") if key in (None, "") else field.text_of(key) for key in keys}


def _linked(field: Field, ids: list[int]) -> dict[Any, str]:
    if not ids or (field.target is not User and not current_access().may(field.target, "read")):
        return {}
    statement = select(field.target).where(field.target.id.in_(ids))
    return {record.id: str(record) for record in db.session().scalars(statement)}


def arguments_for(field: Field, key: Any) -> dict[str, str]:
    """The arguments that narrow a list to the records with ``key`` in the column."""
    name = f"f_{field.name}"
    if key is None or key == "":
        return {name: EMPTY}
    if field.kind in DAYS:
        last = (key + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        return {f"{name}_from": key.isoformat(), f"{name}_to": last.isoformat()}
    return {name: str(int(key)) if isinstance(key, bool) else str(key)}


def _place(field: Field, key: Any, label: str) -> tuple[Any, ...]:
    """Empty ones last; choices in their order, months in time, everything else by its name."""
    if key is None:
        return (1,)
    if field.kind == "choice":
        names = list(field.choices or {})
        return (0, names.index(key) if key in names else len(names), label)
    return (0, key.toordinal()) if isinstance(key, date) else (0, label.casefold())


def ordered_keys(field: Field, keys: Iterable[Any]) -> list[tuple[Any, str]]:
    """The values of a column in the order people expect, with what they are called."""
    labels = labels_of(field, keys)
    return sorted(labels.items(), key=lambda item: _place(field, *item))
