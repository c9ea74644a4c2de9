"""Cards on the first page: what addons tell a person at the beginning of the day, each loaded after the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.access.access import current_access
from app.errors import AddonError
from app.registry.extensions import addon_of

Render = Callable[[], tuple[str, dict[str, Any]] | None]


@dataclass(frozen=True, slots=True)
class Card:
    """``render()`` returns the name of a template and its values; ``None`` shows nothing. Whoever may do ``operation``
    with records of ``model`` sees it.
    """

    name: str
    title: Any
    model: str
    operation: str
    icon: str
    sequence: int
    render: Render
    addon: str


cards: dict[str, Card] = {}
"""Every declared card by its name, such as ``library.due``."""


def dashboard_card(
    name: str, title: Any, model: str, *, operation: str = "read", icon: str = "list", sequence: int = 50
) -> Callable[[Render], Render]:
    """Put a card on the first page, where the addon is enabled. ``name`` begins with the addon's and a dot."""

    def register(render: Render) -> Render:
        addon = addon_of(render.__module__) or "kernel"
        if not name.startswith(f"{addon}."):
            raise AddonError(f"{addon}: the card {name!r} must be called {addon}.something.")
        if name in cards:
            raise AddonError(f"The card {name} is declared twice.")
        cards[name] = Card(name, title, model, operation, icon, sequence, render, addon)
        return render

    return register


def card_chart(
    labels: Iterable[Any], series: Mapping[Any, Sequence[float]], *, kind: str = "bar", none: Any = ""
) -> tuple[str, dict[str, Any]]:
    """A card with a chart: ``series`` maps a name to one figure for each of ``labels``; ``kind`` is ``bar``,
    ``line`` or ``doughnut``; ``none`` is said when there are no labels.
    """
    return "parts/card_chart.html", {"labels": list(labels), "series": dict(series), "kind": kind, "nothing": none}


def card_lines(
    lines: Iterable[tuple[Any, str | None, Any]], *, none: Any, more: str | None = None
) -> tuple[str, dict[str, Any]]:
    """A card with lines of (words, address, remark); ``none`` is said when there are none, ``more`` leads to all."""
    return "parts/card_lines.html", {"lines": list(lines), "nothing": none, "more": more}


def my_cards() -> list[Card]:
    """The cards that the present person sees in the active institution."""
    access = current_access()
    found = [
        item for item in cards.values() if access.sees_addon(item.addon) and access.may(item.model, item.operation)
    ]
    return sorted(found, key=lambda item: (item.sequence, item.name))
