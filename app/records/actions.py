"""Actions: what can be done with a record, or with several chosen in a list, that moves no state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.access.rows import RECORD_OPERATIONS
from app.database.base import Model
from app.errors import AddonError
from app.records.transitions import transitions_of
from app.registry.extensions import addon_of

Run = Callable[[list[Any]], Any]
"""``run(records)`` does it and returns a sentence for the person, or None; it refuses by raising."""


@dataclass(frozen=True, slots=True)
class RecordAction:
    """One thing to do with records. The right it needs is the operation ``name`` in access.csv."""

    name: str
    label: Any
    run: Run
    addon: str
    icon: str
    confirm: Any
    in_list: bool


_actions: defaultdict[str, list[RecordAction]] = defaultdict(list)


def record_action(
    model_key: str, name: str, label: Any, *, icon: str = "player-play", confirm: Any = None, in_list: bool = False
) -> Callable[[Run], Run]:
    """Offer ``run(records)`` on the record pages of ``model_key``, and with ``in_list`` for several chosen in its list.

    Raises `AddonError` for a name that is taken, or that does not begin with the addon's on another addon's model.
    """

    def register(run: Run) -> Run:
        addon = addon_of(run.__module__) or "kernel"
        if addon != model_key.split(".", maxsplit=1)[0] and not name.startswith(f"{addon}_"):
            raise AddonError(f"{addon}: the action {name!r} on {model_key} must start with {addon + '_'!r}.")
        if name in RECORD_OPERATIONS or any(item.name == name for item in _actions[model_key]):
            raise AddonError(f"{addon}: {model_key} already has an operation {name!r}.")
        _actions[model_key].append(RecordAction(name, label, run, addon, icon, confirm, in_list))
        return run

    return register


def actions_of(model_key: str, enabled: frozenset[str] | None = None) -> list[RecordAction]:
    """The actions on ``model_key``: all, or those of the addons that are ``enabled``."""
    found = _actions.get(model_key, [])
    return [item for item in found if enabled is None or item.addon == "kernel" or item.addon in enabled]


def declared_actions() -> list[tuple[str, RecordAction]]:
    """Every action with the model it is for."""
    return [(key, action) for key, found in _actions.items() for action in found]


def step_labels(model: type[Model]) -> dict[str, Any]:
    """What the steps and actions of ``model`` are called."""
    steps = {step.name: step.label for step in transitions_of(model)}
    return steps | {action.name: action.label for action in actions_of(model.__model_key__)}
