"""Where a doubtful value stands in its procedure: read when it is shown, written when it is confirmed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from addons.procedures.models.confirmation import Confirmation
from addons.procedures.models.procedure import IDENTITY, Procedure
from addons.procedures.models.procedure_executor import ProcedureExecutor
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.services.procedure_heading import DAYS, heading_day
from app.addon import Invalid
from app.addon import lazy_gettext as _l

LONGEST_STEP = 60_000
"""The longest standard time that is believed, in minutes."""


@dataclass(frozen=True, slots=True)
class Place:
    """A value of a procedure: what stands there, and how another is written.

    ``write`` raises `Invalid`; without a word, what cannot be empty stays as it is.
    """

    value: str
    write: Callable[[str], None]


def place_of(confirmation: Confirmation) -> Place | None:
    """The value that ``confirmation`` doubts; None where it tells of something that is no single value, such as which
    of several papers are mandatory.
    """
    first, _dot, rest = confirmation.field.partition(".")
    if confirmation.step is not None:
        return _in_step(confirmation.step, confirmation.procedure, first, rest)
    return _in_head(confirmation.procedure, first, rest)


def _in_head(procedure: Procedure, first: str, rest: str) -> Place | None:
    if first == "title":
        return _attribute(procedure, "title")
    if first == "identity":
        return _identity(procedure, rest)
    if first == "executors":
        found = next((item for item in procedure.executors if item.key == rest.removesuffix(".name")), None)
        return _attribute(found, "name") if found is not None else None
    if first == "records":
        return _item(procedure.kept_records, rest)
    return _line(procedure, first, rest) if first in IDENTITY else None


def _in_step(step: ProcedureStep, procedure: Procedure, first: str, rest: str) -> Place | None:
    if first == "standard_minutes":
        minutes = "" if step.standard_minutes is None else str(step.standard_minutes)
        return Place(minutes, lambda text: setattr(step, "standard_minutes", _minutes(text)))
    if first == "executor":
        return Place(step.executor.name, lambda text: setattr(step, "executor", _executor_called(procedure, text)))
    if first in {"activity", "remark", "question"} and not rest:
        return _attribute(step, first)
    if first in {"papers", "outputs"}:
        return _item(getattr(step, first), rest)
    if first == "branches":
        branch = next((item for item in step.branches if item.key == rest), None)
        return _attribute(branch, "label") if branch is not None and branch.label else None
    return None


def _attribute(holder: Any, name: str) -> Place:
    longest = getattr(type(holder), name).type.length
    empty = getattr(type(holder), name).expression.nullable

    def write(text: str) -> None:
        if longest is not None and len(text) > longest:
            raise _refusal(_l("At most %(longest)d signs fit here.", longest=longest))
        if text or empty:
            setattr(holder, name, text or None)

    return Place(str(getattr(holder, name) or ""), write)


def _item(items: Sequence[Any], number: str) -> Place | None:
    """The name of the item ``number``, counted from one."""
    place = int(number) - 1 if number.isdigit() else -1
    return _attribute(items[place], "name") if 0 <= place < len(items) else None


def _identity(procedure: Procedure, key: str) -> Place | None:
    value = procedure.identity.get(key)
    if isinstance(value, list | dict):
        return None

    def write(text: str) -> None:
        procedure.identity = {**procedure.identity, key: (heading_day(text) if key in DAYS else text) or None}

    return Place("" if value is None else str(value), write)


def _line(procedure: Procedure, key: str, number: str) -> Place | None:
    """The line ``number``, counted from one, of a list of the identity block."""
    lines = procedure.identity.get(key)
    place = int(number) - 1 if number.isdigit() else -1
    if not isinstance(lines, list) or not 0 <= place < len(lines) or not isinstance(lines[place], str):
        return None

    def write(text: str) -> None:
        procedure.identity = {**procedure.identity, key: [*lines[:place], text or lines[place], *lines[place + 1 :]]}

    return Place(lines[place], write)


def _minutes(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) <= LONGEST_STEP:
        raise _refusal(_l("The standard time is a whole number of minutes, or empty when it is not set."))
    return int(text)


def _executor_called(procedure: Procedure, name: str) -> ProcedureExecutor:
    for executor in procedure.executors:
        if name.casefold() in {executor.name.casefold(), executor.key}:
            return executor
    raise _refusal(_l("The procedure has no executor of this name."))


def _refusal(message: Any) -> Invalid:
    return Invalid(message, {"value": [message]})
