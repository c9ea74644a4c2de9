"""Rights over single columns: ``read.<column>`` and ``write.<column>``, and personal data.

A column is everybody's who may read or write the record, until a row of access.csv or a change of the institution names
it: from then on it is for the roles named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from flask import g, has_app_context
from sqlalchemy import String, inspect

from app.access.rows import AccessRow
from app.database.base import Model, models
from app.errors import Forbidden
from app.i18n import lazy_gettext as _l

MASK = "•••••"
"""What stands in place of personal data that somebody may not see."""

PERSONAL_OPERATIONS = ("unmask", "personal")
"""Showing the personal data of one record, which is logged; and always seeing them, as work with people needs."""

KERNEL_COLUMNS = frozenset(
    {
        "id", "institution_id", "active", "version", "state",
        "created_at", "created_by_id", "changed_at", "changed_by_id",
    }
)  # fmt: skip
"""Columns of the kernel's own; records cannot be handled without them."""

Rights = dict[tuple[str, str], frozenset[str]]
ALL_ROWS = frozenset({""})


@lru_cache(maxsize=500)
def column_names(model: type[Model]) -> tuple[str, ...]:
    """The attributes of ``model`` that rights can be given over, a link by its relationship; not the name by which a
    record is called.
    """
    mapper = inspect(model)
    links = {
        next(iter(relation.local_columns)): relation.key
        for relation in mapper.relationships
        if relation.direction.name == "MANYTOONE" and not relation.viewonly
    }
    return tuple(
        links.get(attribute.columns[0], attribute.key)
        for attribute in mapper.column_attrs
        if attribute.key not in (*KERNEL_COLUMNS, model.__display__, *model.__reads__.get(model.__display__, ()))
        and attribute.columns[0].info.get("label")
    )


@lru_cache(maxsize=500)
def personal_columns(model: type[Model]) -> frozenset[str]:
    """The attributes of ``model`` that are masked."""
    return frozenset(
        attribute.key for attribute in inspect(model).column_attrs if attribute.columns[0].info.get("personal") is True
    )


@lru_cache(maxsize=500)
def hideable_columns(model: type[Model]) -> tuple[str, ...]:
    """The columns of ``model`` that can be kept from readers: no record is understood without its required dates,
    numbers, choices and links.
    """
    columns, mapper = {}, inspect(model)
    for name in column_names(model):
        relation = mapper.relationships.get(name)
        column = next(iter(relation.local_columns)) if relation is not None else mapper.attrs[name].columns[0]
        columns[name] = column
    return tuple(
        name
        for name, column in columns.items()
        if column.nullable or (isinstance(column.type, String) and not column.info.get("choices"))
    )


@lru_cache(maxsize=500)
def erasable_columns(model: type[Model]) -> tuple[str, ...]:
    """The attributes of ``model`` that say something about a person, names included."""
    return tuple(
        attribute.key for attribute in inspect(model).column_attrs if attribute.columns[0].info.get("personal")
    )


def column_operations(model: type[Model]) -> tuple[str, ...]:
    """Every right over a single column of ``model``."""
    reads = tuple(f"read.{name}" for name in hideable_columns(model))
    return (*reads, *(f"write.{name}" for name in column_names(model)))


def named_columns(rows: Iterable[AccessRow], changes: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """The (model, column) over which rights were shipped or changed."""
    named = {(row.model, operation) for row in rows for operation in row.operations} | set(changes)
    return frozenset((model, operation.partition(".")[2]) for model, operation in named if "." in operation)


def settle_columns(
    rights: Rights,
    rows: Iterable[AccessRow],
    named: Iterable[tuple[str, str]],
    changes: Mapping[tuple[str, str], bool],
) -> None:
    """Say in ``rights`` of a role which of the ``named`` columns it reads and writes."""
    shipped = {(row.model, operation) for row in rows for operation in row.operations if "." in operation}
    for model, column in named:
        reads = _settle(rights, (model, f"read.{column}"), shipped, changes, (model, "read") in rights)
        writes = reads and ((model, "write") in rights or (model, "create") in rights)
        _settle(rights, (model, f"write.{column}"), shipped, changes, writes)


def _settle(
    rights: Rights,
    key: tuple[str, str],
    shipped: set[tuple[str, str]],
    changes: Mapping[tuple[str, str], bool],
    possible: bool,
) -> bool:
    allowed = possible and changes.get(key, key not in shipped or key in rights)
    if allowed:
        rights[key] = ALL_ROWS
    else:
        rights.pop(key, None)
    return allowed


# What the present person does not see ---------------------------------------------------------------------------------


def is_hidden(model: type[Model], name: str) -> bool:
    """Whether the present person may not read the attribute ``name`` at all."""
    access = _access()
    if access is None or not access.named_columns:
        return False
    return name in access.hidden_columns(model) or any(
        is_hidden(model, link) or is_hidden(_target(model, link), column)
        for link, column in (read.rpartition(".")[::2] for read in model.__reads__.get(name, ()))
    )


def _target(model: type[Model], link: str) -> type[Model]:
    return inspect(model).relationships[link].mapper.class_ if link else model


def is_masked(model: type[Model], name: str, record: Any = None) -> bool:
    """Whether the attribute is personal and not shown to the present person (in ``record``)."""
    if name not in personal_columns(model):
        return False
    access = _access()
    if access is None or access.may(model, "personal"):
        return False
    return record is None or (model.__model_key__, record.id) not in g.get("unmasked", ())


def masked_columns(model: type[Model]) -> frozenset[str]:
    """The columns of ``model`` of which the present person sees a mask only."""
    return frozenset(name for name in personal_columns(model) if is_masked(model, name))


def require_seen(model: type[Model], *names: str) -> None:
    """For what leaves as a whole, past the pages that leave columns out: the present person may see the attributes
    ``names`` of ``model``, or all of them where none is named. Raises `Forbidden`.
    """
    if any(is_hidden(model, name) or is_masked(model, name) for name in names or column_names(model)):
        raise Forbidden(_l("Part of this is hidden from you, so it is not shown as a whole."))


def is_locked(model: type[Model], name: str) -> bool:
    """Whether the present person may not change the attribute, or does not see what it would change."""
    access = _access()
    return access is not None and name in access.locked_columns(model)


def shown_value(record: Any, name: str, found: Any = ...) -> Any:
    """The attribute ``name`` of ``record`` as the present person may see it: the value, a mask or nothing."""
    model = type(record)
    found = getattr(record, name) if found is ... else found
    if is_hidden(model, name):
        return "" if isinstance(found, str) else None
    return MASK if isinstance(found, str) and found and is_masked(model, name, record) else found


class Seen:
    """``record`` as the present person may see it, for texts that are put together in code: books, panels, messages."""

    def __init__(self, record: Model) -> None:
        self._record = record

    def __getattr__(self, name: str) -> Any:
        return shown_value(self._record, name)

    def __str__(self) -> str:
        return str(self._record)


def seen(record: Any) -> Any:
    """`Seen` of ``record``; None stays None."""
    return None if record is None else Seen(record)


def unmask(record: Model) -> None:
    """Show the personal data of ``record`` in the present request; who calls this has checked and logged it."""
    g.unmasked = {*g.get("unmasked", ()), (record.__model_key__, record.id)}


def _access() -> Any:
    return g.get("access") if has_app_context() else None


def stored_names(model: type[Model], name: str) -> set[str]:
    """The attribute ``name`` and, for a link, the attribute of its foreign key."""
    mapper = inspect(model)
    relation = mapper.relationships.get(name)
    if relation is None:
        return {name}
    return {name, *(mapper.get_property_by_column(column).key for column in relation.local_columns)}


@lru_cache(maxsize=2000)
def _with_keys(model_key: str, names: frozenset[str]) -> frozenset[str]:
    model = models.get(model_key)
    return frozenset() if model is None else frozenset().union(*(stored_names(model, name) for name in names))


def all_names(model_key: str, names: Iterable[str]) -> frozenset[str]:
    """``names`` with the foreign keys behind links among them."""
    return _with_keys(model_key, frozenset(names))
