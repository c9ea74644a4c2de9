"""Other views of the same records: each is one line in a `ModelView`, and narrowed as the list is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from app.i18n import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Board:
    """Records as cards in a column for each state; dragging one takes the transition. ``columns`` stand on the card."""

    columns: tuple[str, ...] = ()
    name: ClassVar[str] = "board"
    icon: ClassVar[str] = "layout-kanban"
    label: ClassVar[Any] = _l("Board")

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns without which there is no such view."""
        return ("state",)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Records on their days: from the column ``starts`` (a date or a moment), to ``ends`` if they last."""

    starts: str
    ends: str | None = None
    name: ClassVar[str] = "calendar"
    icon: ClassVar[str] = "calendar"
    label: ClassVar[Any] = _l("Calendar")

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns without which there is no such view."""
        return (self.starts,)


@dataclass(frozen=True, slots=True)
class Graph:
    """How many records there are ``by`` a column; people choose other columns, and the sum ``of`` a number."""

    by: str
    of: str = ""
    name: ClassVar[str] = "graph"
    icon: ClassVar[str] = "chart-bar"
    label: ClassVar[Any] = _l("Graph")

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns without which there is no such view."""
        return (self.by,)


@dataclass(frozen=True, slots=True)
class Pivot:
    """A table of two columns, ``rows`` and ``by``, with how many records there are, or the sum ``of`` a number."""

    rows: str
    by: str
    of: str = ""
    name: ClassVar[str] = "pivot"
    icon: ClassVar[str] = "table"
    label: ClassVar[Any] = _l("Pivot table")

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns without which there is no such view."""
        return (self.rows, self.by)


Mode = Board | Calendar | Graph | Pivot
