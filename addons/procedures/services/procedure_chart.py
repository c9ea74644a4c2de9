"""The flow chart of a document as a picture (SVG) with the five symbols: capsule, box, diamond, arrow, pentagon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from addons.procedures.services.procedure import END
from addons.procedures.services.procedure_document import ways_of

ROW, COLUMN, HEAD = 64, 116, 46
"""Height of a step, width of an executor, height of the executors' names, in pixels."""
NUMBER, STRIP = 34, 46
"""Width of the numbers, and of the strips beside the executors in which ways run."""
WIDE, HIGH = 33, 15
"""Half of a symbol."""
FARTHEST = 12
"""A way over more steps than this is told by a pentagon, as one to another page is."""
LANES = 5


@dataclass(frozen=True, slots=True)
class Symbol:
    """The symbol of a step: where its middle is, and of which kind it is."""

    key: str
    kind: str
    x: float
    y: float
    activity: str
    executor: str
    mark: str = ""

    @property
    def half(self) -> float:
        """From the middle to the lower corner."""
        return HIGH * 1.25 if self.kind == "decision" else HIGH

    @property
    def points(self) -> str:
        """The corners of a diamond."""
        return (
            f"{self.x - WIDE:g},{self.y:g} {self.x:g},{self.y - self.half:g} "
            f"{self.x + WIDE:g},{self.y:g} {self.x:g},{self.y + self.half:g}"
        )


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way: the corners of its line, and its words with the place where they stand."""

    path: str
    label: str = ""
    x: float = 0
    y: float = 0
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Link:
    """A pentagon that names a step far away; or the capsule of an end."""

    x: float
    y: float
    text: str

    @property
    def points(self) -> str:
        """The corners of the pentagon."""
        x, y = self.x, self.y
        return f"{x - 12:g},{y - 10:g} {x + 12:g},{y - 10:g} {x + 12:g},{y + 3:g} {x:g},{y + 11:g} {x - 12:g},{y + 3:g}"


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws."""

    width: float
    height: float
    columns: list[tuple[float, str]]
    symbols: list[Symbol]
    arrows: list[Arrow]
    links: list[Link]
    ends: list[Link]


def chart_of(document: Mapping[str, Any], marks: Mapping[str, str] | None = None) -> Chart:
    """The chart of ``document``; ``marks`` are classes for single steps, such as where a problem is. Ways that lead
    nowhere are not drawn: the checks tell of them.
    """
    return _Drawing(document, marks or {}).chart()


class _Drawing:
    """The chart while it is drawn."""

    def __init__(self, document: Mapping[str, Any], marks: Mapping[str, str]) -> None:
        self.document = document
        self.executors = {item["key"]: place for place, item in enumerate(document["executors"])}
        self.right = NUMBER + STRIP * 2 + COLUMN * max(len(self.executors), 1)
        self.places = {str(step["key"]): place for place, step in enumerate(document["steps"])}
        self.symbols = dict(self._symbols(marks))
        self.arrows: list[Arrow] = []
        self.links: list[Link] = []
        self.ends: list[Link] = []
        self.lanes = {True: 0, False: 0}

    def chart(self) -> Chart:
        """Everything in its place."""
        for step in self.document["steps"]:
            self._ways(step)
        columns = [
            (NUMBER + STRIP + COLUMN * (place + 0.5), item["name"])
            for place, item in enumerate(self.document["executors"])
        ]
        height = HEAD + ROW * max(len(self.document["steps"]), 1) + 8
        return Chart(self.right, height, columns, list(self.symbols.values()), self.arrows, self.links, self.ends)

    def _symbols(self, marks: Mapping[str, str]) -> list[tuple[str, Symbol]]:
        found = []
        for place, step in enumerate(self.document["steps"]):
            key, ways = str(step["key"]), ways_of(step)
            is_outer = key == str(self.document["start"]) or any(str(way["to"]) == END for way in ways)
            kind = "decision" if len(ways) > 1 else "capsule" if is_outer else "process"
            executor = self.executors.get(step["executor"], 0)
            x, y = NUMBER + STRIP + COLUMN * (executor + 0.5), HEAD + ROW * (place + 0.5)
            names = [item["name"] for item in self.document["executors"] if item["key"] == step["executor"]]
            found.append((key, Symbol(key, kind, x, y, str(step["activity"]), "".join(names[:1]), marks.get(key, ""))))
        return found

    def _ways(self, step: Mapping[str, Any]) -> None:
        symbol, ways, is_down_taken = self.symbols[str(step["key"])], ways_of(step), False
        for way in ways:
            target, label = str(way["to"]), way.get("label", "")
            if target == END:
                if len(ways) > 1:
                    self._end(symbol, label, is_down_taken)
                    is_down_taken = True
            elif target in self.symbols:
                ahead = self.places[target] - self.places[symbol.key]
                if ahead == 1 and not is_down_taken:
                    self._down(symbol, self.symbols[target], label)
                    is_down_taken = True
                elif abs(ahead) > FARTHEST:
                    self._far(symbol, target, label, back=ahead < 0)
                else:
                    self._beside(symbol, self.symbols[target], label, back=ahead <= 0)

    def _down(self, symbol: Symbol, target: Symbol, label: str) -> None:
        start, end = symbol.y + symbol.half, target.y - target.half
        middle = symbol.y + ROW / 2
        path = f"M{symbol.x:g} {start:g}V{middle:g}H{target.x:g}V{end:g}"
        self.arrows.append(Arrow(path, label, symbol.x + 4, start + 10))

    def _end(self, symbol: Symbol, label: str, is_down_taken: bool) -> None:
        """The end of a decision: a small capsule beside it."""
        x = symbol.x + WIDE + 22
        self.arrows.append(Arrow(f"M{symbol.x + WIDE:g} {symbol.y:g}H{x - 8:g}", label, x - 20, symbol.y - 5))
        self.ends.append(Link(x, symbol.y, ""))

    def _far(self, symbol: Symbol, target: str, label: str, *, back: bool) -> None:
        x = self.right - STRIP / 2 if back else NUMBER + STRIP / 2
        side = symbol.x + WIDE if back else symbol.x - WIDE
        self.arrows.append(
            Arrow(f"M{side:g} {symbol.y:g}H{x + (-13 if back else 13):g}", *self._label(symbol, label, back))
        )
        self.links.append(Link(x, symbol.y, target))

    def _beside(self, symbol: Symbol, target: Symbol, label: str, *, back: bool) -> None:
        """Round the other steps: back on the right, forward on the left, in the next of the lanes."""
        lane = self.lanes[back] % LANES
        self.lanes[back] += 1
        x = self.right - 6 - 7 * lane if back else NUMBER + 6 + 7 * lane
        sign = 1 if back else -1
        shift = 6 if target.key != symbol.key else -8
        edge = target.x + sign * (WIDE - 8 if target.kind == "decision" else WIDE)
        path = f"M{symbol.x + sign * WIDE:g} {symbol.y:g}H{x:g}V{target.y + shift:g}H{edge:g}"
        self.arrows.append(Arrow(path, *self._label(symbol, label, back)))

    def _label(self, symbol: Symbol, label: str, back: bool) -> tuple[str, float, float, str]:
        x = symbol.x + (WIDE + 3) * (1 if back else -1)
        return label, x, symbol.y - 5, "start" if back else "end"
