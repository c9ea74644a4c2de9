"""Life cycles: a state moves only through declared transitions, each with its right, its guard and its name in the
log.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.database.base import Model


@dataclass(frozen=True, slots=True)
class Transition:
    """One permitted move. The right it needs is the operation ``name`` in access.csv.

    ``guard(record)`` raises `Conflict` or `Invalid` when the record is not ready; ``effect(record)`` does what else
    belongs to the move (taking a number, stamping a date) after the guard and before the state is written. ``asks`` are
    columns that are filled in with the move and with nothing else; what is not given is emptied, so that the guard
    never takes an old answer for a new one.
    """

    name: str
    label: Any
    from_states: tuple[str, ...]
    to_state: str
    guard: Callable[[Any], None] | None = None
    effect: Callable[[Any], None] | None = None
    confirm: Any = None
    primary: bool = True
    asks: tuple[str, ...] = ()


def transitions_of(model: type[Model]) -> tuple[Transition, ...]:
    """The transitions that ``model`` declares in ``__transitions__``."""
    found: tuple[Transition, ...] = getattr(model, "__transitions__", ())
    return found


def state_column(model: type[Model]) -> str | None:
    """The column that holds the state, when the model has a life cycle. It has no form field."""
    return "state" if transitions_of(model) else None
