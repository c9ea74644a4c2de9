"""The steps of a document as a graph: what is reached, and what never comes to an end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from addons.procedures.services.procedure import END
from addons.procedures.services.procedure_document import ways_of
from addons.procedures.services.standard_time import office_minutes, standard_time_sum, time_of


@dataclass(frozen=True, slots=True)
class Graph:
    """``ways`` lead on; ``beside`` are the steps that begin with a branch and are followed by nothing of their own."""

    order: tuple[str, ...]
    ways: dict[str, list[str]]
    beside: dict[str, list[str]]
    nowhere: list[tuple[str, str]]
    """(step, target) of every way to a step that does not exist."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Graph:
        """The graph of ``document``."""
        order = tuple(dict.fromkeys(str(step["key"]) for step in document["steps"]))
        ways: dict[str, list[str]] = {key: [] for key in order}
        beside: dict[str, list[str]] = {key: [] for key in order}
        nowhere = []
        for step in document["steps"]:
            key = str(step["key"])
            for way in ways_of(step):
                targets = [(str(way["to"]), ways), *((str(target), ways) for target in way.get("parallel", ()))]
                targets += [(str(offer["step"]), beside) for offer in way.get("also", ())]
                for target, kind in targets:
                    if (target == END and kind is ways) or target in ways:
                        kind[key].append(target)
                    else:
                        nowhere.append((key, target))
        return cls(order, ways, beside, nowhere)

    def leads(self, origin: str, target: str) -> bool:
        """Whether a way leads from ``origin`` to ``target``."""
        reached, waiting = set[str](), [origin]
        while waiting:
            for key in self.ways.get(waiting.pop(), ()):
                if key not in reached:
                    reached.add(key)
                    waiting.append(key)
        return target in reached

    def unreachable(self, start: str) -> list[str]:
        """The steps to which no way leads from ``start``."""
        reached, offered, waiting = {start}, set[str](), [start]
        while waiting:
            key = waiting.pop()
            offered.update(self.beside.get(key, ()))  # nothing follows what is offered
            for target in self.ways.get(key, ()):
                if target not in reached:
                    reached.add(target)
                    waiting.append(target)
        return [key for key in self.order if key not in reached | offered]

    def without_end(self) -> tuple[list[str], list[list[str]]]:
        """The steps from which no way leads to the end, and the loops in which they go round for ever."""
        before: dict[str, list[str]] = {}
        for key, targets in self.ways.items():
            for target in targets:
                before.setdefault(target, []).append(key)
        # Where a way leads nowhere is told already; what leads there is not lost besides.
        ending = {key for key, _target in self.nowhere}
        waiting = [END, *ending]
        while waiting:
            for key in before.get(waiting.pop(), ()):
                if key not in ending:
                    ending.add(key)
                    waiting.append(key)
        lost = [key for key in self.order if key not in ending]
        return lost, self._loops(lost)

    def _loops(self, lost: Iterable[str]) -> list[list[str]]:
        """One loop for each place where a walk along first ways closes."""
        found: list[list[str]] = []
        seen = set[str]()
        for start in lost:
            walk: list[str] = []
            key = start
            while key not in seen and key not in walk and self.ways.get(key):
                walk.append(key)
                key = self.ways[key][0]
            if key in walk:
                found.append(walk[walk.index(key) :])
            seen.update(walk)
        return found


def longest_way(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The steps of the way that takes longest; of steps at the same time the longer counts, ways back do not."""
    graph = Graph.of(document)
    steps = {str(step["key"]): step for step in document["steps"]}
    places = {key: place for place, key in enumerate(graph.order)}
    best: dict[str, tuple[float, str]] = {}
    for key in reversed(graph.order):
        behind = [(best[other][0], other) for other in graph.ways[key] if places.get(other, -1) > places[key]]
        longest, follower = max(behind, default=(0, ""))
        best[key] = office_minutes(*time_of(steps[key])) + longest, follower
    found, key = [], str(document["start"])
    while key in steps:
        found.append(steps[key])
        key = best[key][1]
    return found


def longest_time(document: Mapping[str, Any]) -> tuple[str, int]:
    """The standard time of the longest way, and how many steps have none."""
    missing = sum(step.get("standard_minutes") is None for step in document["steps"])
    return standard_time_sum(time_of(step) for step in longest_way(document)), missing
