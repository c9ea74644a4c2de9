"""The flow chart of a document as a picture (SVG) with the five symbols: capsule, box, diamond, arrow, pentagon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from addons.procedures.services.procedure import END
from addons.procedures.services.procedure_document import all_ways_of
from app.addon import gettext as _

ROW, HEAD = 64, 46
"""Height of a step, height of the executors' names, in pixels."""
COLUMN, WIDE, NAME = 116, 33, 17
"""Width of an executor, half of a symbol's, signs of a name that fit."""
NARROW = 62, 24, 9
"""The same beside the editor's table."""
HIGH, STRIP = 15, 46
"""Half of a symbol's height; width of the strips beside the executors in which ways run."""
FARTHEST = 12
"""A way over more steps than this is told by a pentagon, as one to another page is."""
LANES = 5
LABEL, SIGN = 16, 5.8
"""Signs of the words of a way that are shown; about how wide one is."""


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
    wide: float = WIDE

    @property
    def half(self) -> float:
        """From the middle to the lower corner."""
        return HIGH * 1.25 if self.kind == "decision" else HIGH

    @property
    def points(self) -> str:
        """The corners of a diamond."""
        return (
            f"{self.x - self.wide:g},{self.y:g} {self.x:g},{self.y - self.half:g} "
            f"{self.x + self.wide:g},{self.y:g} {self.x:g},{self.y + self.half:g}"
        )


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way: the corners of its line, and its words with the place where they stand."""

    path: str
    label: str = ""
    x: float = 0
    y: float = 0
    anchor: str = "start"
    is_parallel: bool = False


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
    column: float
    name_signs: int
    symbols: list[Symbol]
    arrows: list[Arrow]
    links: list[Link]
    ends: list[Link]


def chart_of(document: Mapping[str, Any], marks: Mapping[str, str] | None = None, *, narrow: bool = False) -> Chart:
    """The chart of ``document``; ``marks`` are classes for single steps, such as where a problem is. Ways that lead
    nowhere are not drawn: the checks tell of them.
    """
    return _Drawing(document, marks or {}, narrow).chart()


class _Drawing:
    """The chart while it is drawn."""

    def __init__(self, document: Mapping[str, Any], marks: Mapping[str, str], narrow: bool) -> None:
        self.document = document
        self.column, self.wide, self.name_signs = NARROW if narrow else (COLUMN, WIDE, NAME)
        self.executors = {item["key"]: place for place, item in enumerate(document["executors"])}
        self.right = STRIP * 2 + self.column * max(len(self.executors), 1)
        self.places = {str(step["key"]): place for place, step in enumerate(document["steps"])}
        self.symbols = dict(self._symbols(marks))
        self.arrows: list[Arrow] = []
        self.links: list[Link] = []
        self.ends: list[Link] = []
        self.lanes = {True: 0, False: 0}
        self.beside = {True: 0, False: 0}

    def chart(self) -> Chart:
        """Everything in its place."""
        for step in self.document["steps"]:
            self._ways(step)
        columns = [
            (STRIP + self.column * (place + 0.5), item["name"]) for place, item in enumerate(self.document["executors"])
        ]
        height = HEAD + ROW * max(len(self.document["steps"]), 1) + 14
        words = [arrow.x + SIGN * min(len(arrow.label), LABEL) for arrow in self.arrows if arrow.anchor == "start"]
        return Chart(
            max(self.right, *words, 0),
            height,
            columns,
            self.column,
            self.name_signs,
            list(self.symbols.values()),
            self.arrows,
            self.links,
            self.ends,
        )

    def _symbols(self, marks: Mapping[str, str]) -> list[tuple[str, Symbol]]:
        found = []
        for place, step in enumerate(self.document["steps"]):
            key, ways = str(step["key"]), all_ways_of(step)
            is_outer = key == str(self.document["start"]) or any(str(way["to"]) == END for way in ways)
            kind = "decision" if len(ways) > 1 else "capsule" if is_outer else "process"
            executor = self.executors.get(step["executor"], 0)
            x, y = STRIP + self.column * (executor + 0.5), HEAD + ROW * (place + 0.5)
            names = [item["name"] for item in self.document["executors"] if item["key"] == step["executor"]]
            found.append(
                (key, Symbol(key, kind, x, y, str(step["activity"]), "".join(names[:1]), marks.get(key, ""), self.wide))
            )
        return found

    def _ways(self, step: Mapping[str, Any]) -> None:
        symbol, ways, is_down_taken = self.symbols[str(step["key"])], all_ways_of(step), False
        lines = [(str(way["to"]), way.get("label", ""), False) for way in ways]
        lines += [(str(key), _("at the same time"), True) for way in ways for key in way.get("parallel", ())]
        self.beside = {True: 0, False: 0}
        for target, label, parallel in lines:
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
                    self._beside(symbol, self.symbols[target], label, back=ahead <= 0, parallel=parallel)

    def _down(self, symbol: Symbol, target: Symbol, label: str) -> None:
        start, end = symbol.y + symbol.half, target.y - target.half
        middle = symbol.y + ROW / 2
        path = f"M{symbol.x:g} {start:g}V{middle:g}H{target.x:g}V{end:g}"
        self.arrows.append(Arrow(path, label, symbol.x + 4, start + 10))

    def _end(self, symbol: Symbol, label: str, is_down_taken: bool) -> None:
        """The end of a decision: a small capsule below it, or beside it where another way goes down."""
        if is_down_taken:
            x = symbol.x + self.wide + 22
            self.arrows.append(Arrow(f"M{symbol.x + self.wide:g} {symbol.y:g}H{x - 8:g}", label, x - 20, symbol.y - 5))
            self.ends.append(Link(x, symbol.y, ""))
        else:
            y = symbol.y + ROW / 2 + 2
            start = symbol.y + symbol.half
            self.arrows.append(Arrow(f"M{symbol.x:g} {start:g}V{y - 7:g}", label, symbol.x + 11, y + 4))
            self.ends.append(Link(symbol.x, y, ""))

    def _far(self, symbol: Symbol, target: str, label: str, *, back: bool) -> None:
        x = self.right - STRIP / 2 if back else STRIP / 2
        side = symbol.x + self.wide if back else symbol.x - self.wide
        self.arrows.append(
            Arrow(f"M{side:g} {symbol.y:g}H{x + (-13 if back else 13):g}", *self._label(symbol, label, back))
        )
        self.links.append(Link(x, symbol.y, target))

    def _beside(self, symbol: Symbol, target: Symbol, label: str, *, back: bool, parallel: bool) -> None:
        """Round the other steps: back on the right, forward on the left, in the next of the lanes."""
        lane = self.lanes[back] % LANES
        self.lanes[back] += 1
        x = self.right - 6 - 7 * lane if back else 6 + 7 * lane
        sign = 1 if back else -1
        shift = 6 if target.key != symbol.key else -8
        edge = target.x + sign * (self.wide - 8 if target.kind == "decision" else self.wide)
        # Several ways on one side leave the symbol one below the other.
        leave = symbol.y + 4 * self.beside[back]
        start = symbol.x + sign * self.wide * max(1 - self.beside[back] / 4, 0)
        path = f"M{start:g} {leave:g}H{x:g}V{target.y + shift:g}H{edge:g}"
        self.arrows.append(Arrow(path, *self._label(symbol, label, back), is_parallel=parallel))

    def _label(self, symbol: Symbol, label: str, back: bool) -> tuple[str, float, float, str]:
        x = symbol.x + (self.wide + 3) * (1 if back else -1)
        row = self.beside[back]
        self.beside[back] += 1
        return label, x, symbol.y + (4 + 10 * row if row else -5), "start" if back else "end"
