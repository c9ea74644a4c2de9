"""Declaring settings: what an institution may decide for itself about an addon."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

from app.database.text import is_storable
from app.errors import AddonError
from app.registry.extensions import addon_of

Kind = Literal["text", "integer", "number", "boolean", "choice", "time", "date", "duration", "record"]
"""``duration`` is whole minutes, held as a timedelta; ``record`` is the id of a record of ``target``."""

LONGEST_TEXT = 2000
LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Setting:
    """One declared setting. ``minimum`` and ``maximum`` are of the type of its values."""

    name: str
    kind: Kind
    default: Any
    label: Any
    help: Any = None
    choices: Mapping[str, Any] | None = None
    minimum: Any = None
    maximum: Any = None
    target: str = ""
    multiline: bool = False
    may_be_empty: bool = False

    @property
    def addon(self) -> str:
        """The addon that declared it."""
        return self.name.partition(".")[0]

    @property
    def key(self) -> str:
        """Its name inside the addon: the key in the stored settings, and its field in the form."""
        return self.name.partition(".")[2]

    @property
    def is_required(self) -> bool:
        """Whether it always has a value; one whose default is empty may be empty."""
        return self.default not in (None, "") and self.kind != "boolean" and not self.may_be_empty

    def read(self, stored: Any) -> Any:
        """The value that ``stored`` (JSON) means. Raises ValueError when it is none of this setting."""
        if stored is None and not self.is_required:
            return None if self.may_be_empty else self.default
        value = self.typed(stored)
        if not self.holds(value):
            raise ValueError(f"{self.name}: {stored!r} is out of bounds")
        return value

    def typed(self, stored: Any) -> Any:
        """The value that ``stored`` (JSON) means, in bounds or not. Raises ValueError."""
        is_whole = isinstance(stored, int) and not isinstance(stored, bool)
        match self.kind:
            case "boolean" if isinstance(stored, bool):
                return stored
            case "integer" | "record" if is_whole:
                return stored
            case "duration" if is_whole and abs(stored) <= LARGEST:
                return timedelta(minutes=stored)
            case "text" | "choice" if isinstance(stored, str):
                return stored
            case "number" if is_whole or isinstance(stored, (str, float)):
                return _decimal(str(stored))
            case "time" if isinstance(stored, str):
                return time.fromisoformat(stored)
            case "date" if isinstance(stored, str):
                return date.fromisoformat(stored)
        raise ValueError(f"{self.name}: {stored!r} is not of the kind {self.kind}")

    def holds(self, value: Any) -> bool:
        """Whether ``value``, of the right type, is one that may be set."""
        match self.kind:
            case "choice":
                return value in (self.choices or {})
            case "text":
                fits = len(value) <= LONGEST_TEXT and is_storable(value) and (self.multiline or "\n" not in value)
                return fits and bool(value or not self.is_required)
            case "record":
                return bool(0 < value <= LARGEST)
            case "integer" if abs(value) > LARGEST:
                return False
        above = self.minimum is None or value >= self.minimum
        return bool(above and (self.maximum is None or value <= self.maximum))

    def stored(self, value: Any) -> Any:
        """``value`` as JSON."""
        if isinstance(value, timedelta):
            return int(value.total_seconds()) // 60
        if isinstance(value, time):
            return value.isoformat("minutes")
        if isinstance(value, date):
            return value.isoformat()
        return str(value) if isinstance(value, Decimal) else value


settings: dict[str, Setting] = {}
"""Every declared setting by its name."""


def declare_setting(
    name: str,
    kind: Kind,
    default: Any,
    label: Any,
    *,
    help: Any = None,  # noqa: A002  # the word WTForms, click and Odoo use
    choices: Mapping[str, Any] | None = None,
    minimum: Any = None,
    maximum: Any = None,
    target: str = "",
    multiline: bool = False,
    may_be_empty: bool = False,
) -> Setting:
    """Declare the setting ``name`` (``"addon.key"``), in the addon's ``settings.py``; with ``may_be_empty`` it may be
    None although its default is not.

    Raises `AddonError` for a name that is taken or not the addon's own, an unknown kind, and a default that may not be
    set.
    """
    declared = Setting(name, kind, default, label, help, choices, minimum, maximum, target, multiline, may_be_empty)
    addon = addon_of(sys._getframe(1).f_globals["__name__"])
    if not addon or declared.addon != addon or not declared.key.isidentifier():
        raise AddonError(f"The setting {name!r} must be called {addon or 'addon'}.something.")
    if name in settings:
        raise AddonError(f"The setting {name} is declared twice.")
    if trouble := _trouble(declared):
        raise AddonError(f"The setting {name}: {trouble}.")
    settings[name] = declared
    return declared


def settings_of(addon: str) -> list[Setting]:
    """What ``addon`` declares, in its order."""
    return [item for item in settings.values() if item.addon == addon]


def _trouble(declared: Setting) -> str:
    if declared.kind not in get_args(Kind):
        return f"there is no kind {declared.kind!r}"
    if (declared.kind == "choice") != bool(declared.choices):
        return "choices go with the kind choice, and with no other"
    if (declared.kind == "record") != bool(declared.target):
        return "a target goes with the kind record, and with no other"
    if declared.kind == "record" and declared.default is not None:
        return "no record is there from the start; its default is None"
    try:
        is_kept = declared.read(declared.stored(declared.default)) == declared.default
    except (ValueError, TypeError):
        is_kept = False
    return "" if is_kept else f"its default {declared.default!r} may not be set"


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not number.is_finite():
        raise ValueError(text)
    return number
