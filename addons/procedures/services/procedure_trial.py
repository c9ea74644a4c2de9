"""A dry run through a procedure: who would act, what is asked, how long it may take. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from addons.organization.services.holder import holders_of
from addons.procedures.services.procedure_document import Document, all_ways_of
from addons.procedures.services.procedure_graph import Graph
from addons.procedures.services.standard_time import standard_time_sum, time_of
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
        return [] if self.is_optional else all_ways_of(self.step)


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
    def time(self) -> str:
        """The standard times of what was done, together."""
        return standard_time_sum(time_of(visit.step) for visit in self._counted)

    @property
    def without_time(self) -> list[str]:
        """The steps that were done and have no standard time."""
        return [visit.key for visit in self._counted if not visit.step.get("standard_minutes")]

    @property
    def _counted(self) -> list[Visit]:
        return [visit for visit in self.done if visit.choice != SKIP]


def run_of(document: Mapping[str, Any], path: Sequence[str]) -> Run:
    """The run along ``path``; positions of executors are ids. A word of the path that does not fit ends it."""
    trial = _Trial(document)
    for word in path[:LONGEST]:
        if not trial.do(word):
            break
    for visit in trial.run.waiting:
        visit.holders = _holders(visit.executor)
    return trial.run


class _Trial:
    """A run while it is gone."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.steps = {str(step["key"]): step for step in document["steps"]}
        self.executors = {item["key"]: item for item in document["executors"]}
        self.graph = Graph.of(document)
        self.run = Run()
        self.joining: list[str] = []
        self.offered = set[tuple[str, str, str]]()
        self.arrive(str(document["start"]))
        self.join()

    def do(self, word: str) -> bool:
        """Finish a waiting step as ``word`` says (``4:yes``); False when that does not fit."""
        key, _colon, choice = word.partition(":")
        visit = next((item for item in self.run.waiting if item.key == key), None)
        way = next((item for item in visit.ways if item["key"] == choice), None) if visit else None
        if visit is None or (way is None and not visit.is_optional):
            return False
        self.run.waiting.remove(visit)
        visit.choice = choice
        self.run.done.append(visit)
        self.run.path.append(word)
        if way is not None:
            self.follow(key, way)
        self.join()
        return True

    def follow(self, key: str, way: Document) -> None:
        """What begins when ``way`` is taken."""
        for target in (way["to"], *way.get("parallel", ())):
            self.arrive(str(target))
        for offer in way.get("also", ()):
            name = (key, way["key"], str(offer["step"]))
            if name not in self.offered and name[2] in self.steps:
                self.offered.add(name)
                words = offer.get("name") or self.steps[name[2]]["activity"]
                self.begin(name[2], words, is_optional=True)

    def arrive(self, key: str) -> None:
        """A way has come to a step; the end is none."""
        if key in self.steps and self.steps[key].get("waits_for_all"):
            self.joining.append(key)
        elif key in self.steps:
            self.begin(key)

    def join(self) -> None:
        """As in a case: a step that waits for all begins when nothing open could still lead to it."""
        for key in dict.fromkeys(self.joining):
            if not any(self.graph.leads(item.key, key) for item in self.run.waiting if not item.is_optional):
                self.joining = [other for other in self.joining if other != key]
                self.begin(key)

    def begin(self, key: str, words: str = "", *, is_optional: bool = False) -> None:
        """A task waits."""
        step = self.steps[key]
        self.run.waiting.append(Visit(step, self.executors.get(step["executor"], {}), words, "", is_optional))


def _holders(executor: Document) -> list[str]:
    position = executor.get("position")
    if not position:
        return []
    return [str(holder.user) for holder in holders_of(int(position), today_here())]
