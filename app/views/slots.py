"""Places in templates that addons fill: declared with a paragraph, filled only where the filling addon is enabled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import render_template
from markupsafe import Markup

from app.access.access import current_access
from app.errors import AddonError
from app.registry.extensions import addon_of

Fill = Callable[..., tuple[str, dict[str, Any]] | None]
"""``fill(**values)`` returns the name of a template and its values; ``None`` leaves the place empty."""


@dataclass(slots=True)
class Slot:
    """A declared place."""

    name: str
    purpose: str
    fillers: list[tuple[str, Fill]] = field(default_factory=list)


slots: dict[str, Slot] = {}


def declare_slot(name: str, purpose: str) -> Slot:
    """Declare the place ``name`` (``"addon.place"``) with its paragraph; a template calls ``slot(name, ...)``."""
    if name in slots:
        raise AddonError(f"The slot {name} is declared twice.")
    slots[name] = Slot(name, purpose)
    return slots[name]


def fill_slot(name: str) -> Callable[[Fill], Fill]:
    """Fill the place ``name`` with a template. The filler's addon is known by its module."""

    def register(fill: Fill) -> Fill:
        if name not in slots:
            raise AddonError(f"{fill.__module__}: there is no slot {name}.")
        slots[name].fillers.append((addon_of(fill.__module__) or "kernel", fill))
        return fill

    return register


def slot(name: str, **values: Any) -> Markup:
    """What the enabled addons put into the place ``name``, in load order: for templates."""
    access, parts = current_access(), []
    for addon, fill in slots[name].fillers:
        content = fill(**values) if access.sees_addon(addon) else None
        if content is not None:
            page = render_template(content[0], **values, **content[1])
            parts.append(Markup(page))  # noqa: S704  # a rendered template is escaped already
    return Markup().join(parts)


declare_slot("kernel.home", "On the first page above the cards; it gets nothing.")
declare_slot("kernel.record", "On every record page above the fields; it gets view= and record=.")
declare_slot("kernel.list", "On every list above the records; it gets view=.")
declare_slot("kernel.form", "On every form above the fields; it gets view= and record= (None for a new one).")
