"""A dry run through a procedure: who would act, what is asked, how long it may take. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from addons.organization.services.holder import holders_of
from addons.procedures.services.procedure import END
from addons.procedures.services.procedure_document import Document, ways_of
from app.addon import today_here

LONGEST = 300
"""So many steps are tried at most: a loop can be gone round for ever."""
SKIP = "-skip"


@dataclass(slots=True)
class Visit:
    """One visit to a step: waiting, or done by the way ``choice``."""

    step: Document
    executor: Document
    optional_as: str = ""
    """What is done here when the step is optional; empty otherwise."""
    choice: str = ""
    is_optional: bool = False
    holders: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The number of the step."""
        return str(self.step["key"])

    @property
    def ways(self) -> list[Document]:
        """What can be chosen at the end of it."""
        return [] if self.is_optional else ways_of(self.step)


@dataclass(slots=True)
class Run:
    """A run as far as it went. ``path`` is what the address says: ``4:yes`` for each step that was done."""

    done: list[Visit] = field(default_factory=list)
    waiting: list[Visit] = field(default_factory=list)
    path: list[str] = field(default_factory=list)

    @property
    def waiting_keys(self) -> list[str]:
        """The numbers of the steps that wait."""
        return [visit.key for visit in self.waiting]

    @property
    def is_over(self) -> bool:
        """Whether the case would be closed: optional steps do not keep it open."""
        return not any(not visit.is_optional for visit in self.waiting)

    @property
    def minutes(self) -> int:
        """The sum of the standard times of what was done."""
        return sum(visit.step.get("standard_minutes") or 0 for visit in self._counted)

    @property
    def without_time(self) -> list[str]:
        """The steps that were done and have no standard time."""
        return [visit.key for visit in self._counted if not visit.step.get("standard_minutes")]

    @property
    def _counted(self) -> list[Visit]:
        return [visit for visit in self.done if visit.choice != SKIP]


def run_of(document: Mapping[str, Any], path: Sequence[str]) -> Run:
    """The run along ``path``; positions of executors are ids. A word of the path that does not fit ends it."""
    steps = {str(step["key"]): step for step in document["steps"]}
    executors = {item["key"]: item for item in document["executors"]}
    run, offered = Run(), set[tuple[str, str, str]]()

    def arrive(key: str, optional_as: str | None = None) -> None:
        step = steps.get(key)
        if step is not None:
            visit = Visit(step, executors.get(step["executor"], {}), optional_as or "", "", optional_as is not None)
            run.waiting.append(visit)

    arrive(str(document["start"]))
    for word in path[:LONGEST]:
        key, _colon, choice = word.partition(":")
        visit = next((item for item in run.waiting if item.key == key), None)
        way = next((item for item in visit.ways if item["key"] == choice), None) if visit else None
        if visit is None or (way is None and not visit.is_optional):
            break
        run.waiting.remove(visit)
        visit.choice = choice
        run.done.append(visit)
        run.path.append(word)
        if way is not None:
            if str(way["to"]) != END:
                arrive(str(way["to"]))
            for offer in way.get("also", ()):
                if (key, way["key"], str(offer["step"])) not in offered:
                    offered.add((key, way["key"], str(offer["step"])))
                    arrive(str(offer["step"]), offer.get("name") or steps[str(offer["step"])]["activity"])
    for visit in run.waiting:
        visit.holders = _holders(visit.executor)
    return run


def _holders(executor: Document) -> list[str]:
    position = executor.get("position")
    if not position:
        return []
    return [str(holder.user) for holder in holders_of(int(position), today_here())]
