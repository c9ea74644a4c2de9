"""Panels: what addons add to the record page of a model, loaded after the page itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.registry.extensions import addon_of


@dataclass(frozen=True, slots=True)
class Panel:
    """``render(record)`` returns the name of a template and its values; ``None`` shows nothing."""

    name: str
    title: Any
    render: Callable[[Any], tuple[str, dict[str, Any]] | None]
    addon: str


_panels: defaultdict[str, list[Panel]] = defaultdict(list)


def record_panel(model_key: str, name: str, title: Any) -> Callable[[Any], Any]:
    """Add a panel to the record page of ``model_key``, where the addon is enabled."""

    def register(render: Callable[[Any], Any]) -> Callable[[Any], Any]:
        _panels[model_key].append(Panel(name, title, render, addon_of(render.__module__) or "kernel"))
        return render

    return register


def declared_panels() -> list[tuple[str, Panel]]:
    """Every panel with the model it belongs to."""
    return [(key, panel) for key, found in _panels.items() for panel in found]


def panels_of(model_key: str, enabled: frozenset[str]) -> list[Panel]:
    """The panels of ``model_key`` for an institution with ``enabled`` addons."""
    return [panel for panel in _panels.get(model_key, ()) if panel.addon == "kernel" or panel.addon in enabled]
