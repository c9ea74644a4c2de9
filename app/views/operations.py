"""How addons change screens of other addons: declared operations, applied where the addon is enabled."""

from __future__ import annotations

import inspect as python_inspect
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import String, inspect

from app.database.base import models
from app.registry.extensions import addon_of, owner_of_column


@dataclass(frozen=True, slots=True)
class Operation:
    """``after`` puts ``column`` behind ``anchor``; ``remove`` takes ``column`` away. ``in_list`` says: in the
    list, too. ``search`` and ``filter`` let lists be searched and narrowed by ``column``.
    """

    kind: str
    column: str
    anchor: str = ""
    in_list: bool = False


def after(anchor: str, column: str, *, in_list: bool = False) -> Operation:
    """Show ``column`` behind ``anchor`` on forms and records (and in the list, if asked)."""
    return Operation("after", column, anchor, in_list)


def remove(column: str) -> Operation:
    """Leave ``column`` out of every screen."""
    return Operation("remove", column)


def search_by(column: str) -> Operation:
    """Let lists and choices be searched by ``column`` (text), too."""
    return Operation("search", column)


def filter_by(column: str) -> Operation:
    """Let lists be narrowed by ``column``, too."""
    return Operation("filter", column)


_operations: defaultdict[str, list[tuple[str, Operation]]] = defaultdict(list)


def extend_view(model_key: str, *operations: Operation) -> None:
    """Change the screens of ``model_key`` wherever the calling addon is enabled."""
    frame = python_inspect.stack()[1].frame
    addon = addon_of(frame.f_globals["__name__"]) or "kernel"
    _operations[model_key].extend((addon, operation) for operation in operations)


def declared_operations() -> list[tuple[str, str, Operation]]:
    """Every operation with the model it changes and the addon that asked for it."""
    return [(key, addon, operation) for key, found in _operations.items() for addon, operation in found]


def arranged(
    model_key: str, columns: tuple[str, ...], enabled: frozenset[str], *, is_list: bool = False
) -> tuple[str, ...]:
    """``columns`` after the operations of the enabled addons, without columns of addons that are off."""
    result = [
        name for name in columns if _owner(model_key, name) in enabled | {model_key.split(".", maxsplit=1)[0], "kernel"}
    ]
    for addon, operation in _operations.get(model_key, ()):
        if addon not in enabled:
            continue
        if operation.kind == "remove":
            result = [name for name in result if name != operation.column]
        elif operation.kind == "after" and operation.column not in result and (operation.in_list or not is_list):
            place = result.index(operation.anchor) + 1 if operation.anchor in result else len(result)
            result.insert(place, operation.column)
    return tuple(result)


def added(kind: str, model_key: str, enabled: frozenset[str] | None = None) -> tuple[str, ...]:
    """The columns that the operations ``kind`` of the enabled addons (None: of all) add."""
    found = (
        item.column
        for addon, item in _operations.get(model_key, ())
        if item.kind == kind and (enabled is None or addon in enabled)
    )
    return tuple(dict.fromkeys(found))


def _owner(model_key: str, name: str) -> str:
    return owner_of_column(model_key, name)


def problems(columns_by_model: dict[str, set[str]]) -> list[str]:
    """One sentence per operation that names a model, anchor or column which does not exist."""
    found: list[str] = []
    for key, operations in _operations.items():
        if key not in models:
            found.extend(
                f"{addon}: changes the screens of {key}, which does not exist." for addon, _operation in operations
            )
            continue
        for addon, operation in operations:
            if operation.kind == "after" and operation.anchor not in columns_by_model.get(key, set()):
                found.append(f"{addon}: no screen of {key} has {operation.anchor!r} to put {operation.column!r} after.")
            if not hasattr(models[key], operation.column):
                found.append(f"{addon}: {key} has no attribute {operation.column!r}.")
            elif operation.kind == "search" and not _is_text(key, operation.column):
                found.append(f"{addon}: {key} cannot be searched by {operation.column!r}, which is no text column.")
    return found


def _is_text(model_key: str, column: str) -> bool:
    known = inspect(models[model_key]).columns.get(column)
    return known is not None and isinstance(known.type, String)
