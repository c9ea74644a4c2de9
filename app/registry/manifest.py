"""`__manifest__.py`: one literal dict per addon, read without running code."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, fields
from importlib import metadata
from pathlib import Path
from typing import Any

from app.errors import AddonError

NAME_PATTERN = re.compile(r"[a-z][a-z0-9_]{1,39}")
RESERVED_NAMES = frozenset({"kernel", "bersama"})
"""What models, roles and hooks of the kernel begin with, and the institution that owns what all of them share."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an addon says of itself. Paths in ``data`` and its siblings are relative to ``folder``."""

    name: str
    folder: Path
    title: str
    version: str = "1.0.0"
    summary: str = ""
    category: str = ""
    depends: tuple[str, ...] = ()
    extras_depends: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    external_dependencies: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    institution_data: tuple[str, ...] = ()
    demo: tuple[str, ...] = ()
    application: bool = False
    institution: str = ""
    installable: bool = True


_KEYS = {field.name: field.type for field in fields(Manifest)} | {}
_DERIVED = {"name", "folder"}


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the addon in ``folder``. Raises `AddonError` with one sentence for whatever is wrong with it."""
    name = folder.name
    if not NAME_PATTERN.fullmatch(name):
        raise AddonError(f"{name}: an addon's name is 2 to 40 lower-case letters, digits and underscores.")
    if name in RESERVED_NAMES:
        raise AddonError(f"{name}: this name belongs to the kernel.")
    try:
        values = ast.literal_eval((folder / "__manifest__.py").read_text(encoding="utf-8"))
    except (ValueError, SyntaxError, TypeError):
        raise AddonError(f"{name}: __manifest__.py must hold one literal dict and nothing else.") from None
    if not isinstance(values, dict):
        raise AddonError(f"{name}: __manifest__.py must hold one literal dict and nothing else.")
    return Manifest(name=name, folder=folder, **_checked(name, values))


def _checked(name: str, values: dict[Any, Any]) -> dict[str, Any]:
    unknown = sorted(str(key) for key in values if key not in _KEYS or key in _DERIVED)
    if unknown:
        raise AddonError(f"{name}: unknown manifest key {unknown[0]!r}.")
    if not isinstance(values.get("title"), str) or not values["title"]:
        raise AddonError(f"{name}: the manifest needs a title.")
    checked: dict[str, Any] = {}
    for key, value in values.items():
        kind = str(_KEYS[key])
        if kind.startswith("tuple"):
            if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
                raise AddonError(f"{name}: manifest key {key!r} must be a list of strings.")
            checked[key] = tuple(value)
        elif (kind == "bool") != isinstance(value, bool) or not isinstance(value, (bool, str)):
            raise AddonError(f"{name}: manifest key {key!r} must be a {'yes or no' if kind == 'bool' else 'string'}.")
        else:
            checked[key] = value
    return checked


def missing_packages(manifest: Manifest) -> list[str]:
    """The Python distributions that the addon needs and this environment lacks."""
    missing = []
    for distribution in manifest.external_dependencies:
        try:
            metadata.version(distribution)
        except metadata.PackageNotFoundError:
            missing.append(distribution)
    return missing
