"""Who extends what: the extension points that the loaded addons use, as rows for people and programs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect

from app.database.base import models
from app.records.actions import declared_actions
from app.registry.extensions import added_names, extensions
from app.registry.hooks import hooks
from app.views.operations import declared_operations
from app.views.panels import declared_panels
from app.views.slots import slots

KINDS = ("column", "link", "method", "screen", "action", "panel", "slot", "hook")
"""In this order the uses of one addon are listed."""


def extension_rows() -> list[dict[str, str]]:
    """One row per use of an extension point by another addon: ``addon``, ``target``, ``kind``, ``what``."""
    rows = [*_model_rows(), *_screen_rows(), *_hook_rows()]
    return sorted(rows, key=lambda row: (row["target"], row["addon"], KINDS.index(row["kind"])))


def _row(addon: str, target: str, kind: str, what: str) -> dict[str, str]:
    return {"addon": addon, "target": target, "kind": kind, "what": what}


def _model_rows() -> list[dict[str, str]]:
    return [
        _row(extension.addon, extension.target, _kind_of(models[extension.target], name), name)
        for extension in extensions()
        for name in added_names(extension.mixin)
        if extension.target in models
    ]


def _kind_of(model: Any, name: str) -> str:
    mapper = inspect(model)
    if name in mapper.column_attrs:
        return "column"
    return "link" if name in mapper.relationships else "method"


def _screen_rows() -> list[dict[str, str]]:
    rows = []
    for target, addon, operation in declared_operations():
        place = f" after {operation.anchor}" if operation.anchor else ""
        rows.append(_row(addon, target, "screen", f"{operation.kind} {operation.column}{place}"))
    panels = [(target, panel) for target, panel in declared_panels() if panel.addon != target.split(".")[0]]
    actions = [(target, action) for target, action in declared_actions() if action.addon != target.split(".")[0]]
    rows += [_row(action.addon, target, "action", action.name) for target, action in actions]
    rows += [
        _row(addon, name, "slot", fill.__name__)
        for name, place in slots.items()
        for addon, fill in place.fillers
        if addon != name.split(".")[0]
    ]
    return [*rows, *(_row(panel.addon, target, "panel", panel.name) for target, panel in panels)]


def _hook_rows() -> list[dict[str, str]]:
    return [
        _row(addon or "kernel", hook.name, "hook", getattr(receiver, "__name__", str(receiver)))
        for hook in hooks.values()
        for addon, receiver in hook.receivers
        if (addon or "kernel") != hook.name.split(".")[0]
    ]
