"""Extension composition: addons add columns, relations and methods to models of other addons.

An extension is a plain class that the target's metaclass puts among its bases when the target class is created
(`app.database.base.ModelMeta`), so no mapped class is ever altered afterwards. Extensions add; they never redefine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import get_annotations
from typing import Any

from app.errors import AddonError


@dataclass(frozen=True, slots=True)
class Extension:
    """One class that adds to ``target`` (``"partners.Partner"``), written by ``addon``."""

    target: str
    addon: str
    mixin: type


class _Plain:
    """What every class has, so that it is not taken for something an extension adds."""

    plain: int


_UNREMARKABLE = {*vars(_Plain), "__annotations_cache__", "__constraints__"}
"""Names that an extension may have without adding them; constraints of all extensions are put together."""

_extensions: dict[str, list[Extension]] = {}
_used: set[str] = set()
_created: dict[str, str] = {}


def addon_of(module: str) -> str | None:
    """The addon a module belongs to (``addons.rooms.models.room`` → ``rooms``), or None for the kernel."""
    parts = module.split(".")
    return parts[1] if parts[0] == "addons" and len(parts) > 1 else None


def model_key(module: str, name: str) -> str:
    """The name by which access rows, hooks and extensions call a model: ``addon.Model`` or ``kernel.Model``."""
    return f"{addon_of(module) or 'kernel'}.{name}"


def extends(target: str) -> Callable[[type], type]:
    """Declare a class as extension of ``target``; every name in it starts with its addon's name.

    Raises `AddonError` when the target was already created (the extension imports its own target) or for a name without
    its prefix.
    """

    def register(mixin: type) -> type:
        addon = addon_of(mixin.__module__)
        if addon is None:
            raise AddonError(f"Extension {mixin.__name__} of {target} must live in an addon.")
        if target in _created:
            raise AddonError(
                f"{addon}: the extension of {target} is imported after {target} itself; it must not import its target."
            )
        for name in added_names(mixin):
            if not name.startswith((f"{addon}_", f"_{addon}_")):
                raise AddonError(
                    f"{addon}: the extension of {target} adds {name!r}; its names must start with {addon + '_'!r}."
                )
        _extensions.setdefault(target, []).append(Extension(target, addon, mixin))
        return mixin

    return register


def extension_bases(key: str, module: str, namespace: dict[str, Any], bases: tuple[type, ...]) -> tuple[type, ...]:
    """The mixins to put before ``bases`` of the model ``key``; refuses any name that is already taken."""
    _created[key] = module
    owners: dict[str, str] = {}
    for extension in _extensions.get(key, ()):
        _used.add(key)
        for name in added_names(extension.mixin):
            if name in namespace or any(hasattr(base, name) for base in bases):
                raise AddonError(f"{extension.addon}: {key} already has {name!r}; extensions add and never redefine.")
            if name in owners:
                raise AddonError(f"{extension.addon}: {key}.{name} is already added by {owners[name]}.")
            owners[name] = extension.addon
    return tuple(extension.mixin for extension in _extensions.get(key, ()))


def owner_of_column(key: str, name: str) -> str:
    """The addon whose declaration brought attribute ``name`` to model ``key``."""
    for extension in _extensions.get(key, ()):
        if name in added_names(extension.mixin):
            return extension.addon
    return key.split(".", maxsplit=1)[0]


def unused_extensions() -> list[str]:
    """One sentence per extension whose target never appeared (a typo, or a missing dependency)."""
    return [
        f"{extension.addon}: extends {extension.target}, which no installed addon declares."
        for target, found in _extensions.items()
        if target not in _used
        for extension in found
    ]


def extensions() -> list[Extension]:
    """Every extension that was declared, in load order."""
    return [extension for found in _extensions.values() for extension in found]


def added_names(mixin: type) -> list[str]:
    """The names that the extension ``mixin`` adds to its target."""
    classes = [base for base in mixin.__mro__ if base is not object]
    names = {name for base in classes for name in (*vars(base), *get_annotations(base))}
    return sorted(names - _UNREMARKABLE)
