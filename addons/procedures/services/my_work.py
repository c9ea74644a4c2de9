"""What waits for the person who is signed in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from addons.procedures.services.assignee import my_position_ids
from app.addon import current_access


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A record that waits beside the tasks: what it is about, and the last day for it."""

    record: Any
    text: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class WorkSection:
    """Records of ``model`` that wait for the holders of positions; ``find(session, position ids)`` gives them."""

    title: Any
    model: Any
    find: Callable[[Any, set[int]], list[WorkItem]]


_sections: list[WorkSection] = []


def work_section(title: Any, model: Any) -> Callable[[Any], Any]:
    """Register what else waits on "my work", for those who may read ``model``."""

    def register(find: Callable[[Any, set[int]], list[WorkItem]]) -> Any:
        _sections.append(WorkSection(title, model, find))
        return find

    return register


def my_sections(session: Any) -> list[tuple[WorkSection, list[WorkItem]]]:
    """What waits for the present person beside tasks, by section; empty ones are left out."""
    positions, access = my_position_ids(session), current_access()
    if not positions:
        return []
    found = [(item, item.find(session, positions)) for item in _sections if access.may(item.model, "read")]
    return [(section, items) for section, items in found if items]
