"""Two versions of a procedure side by side: what was added, removed, changed and moved."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from addons.procedures.services.procedure_cells import Cell, head_cells, step_cells
from addons.procedures.services.procedure_document import Document

ALIKE = 0.6
"""From this likeness on, two activities are taken for one step that was written anew."""


@dataclass(frozen=True, slots=True)
class Row:
    """A step in both versions, or in one of them."""

    before: str | None
    """Its number in the old version; None when it was added."""
    after: str | None
    cells: list[Cell]
    is_moved: bool

    @property
    def is_renumbered(self) -> bool:
        """Whether the step is there in both versions under two numbers."""
        return None not in (self.before, self.after) and self.before != self.after

    @property
    def change(self) -> str:
        """``added``, ``removed``, ``changed``, ``moved`` or ``same``."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        if any(cell.is_changed for cell in self.cells):
            return "changed"
        return "moved" if self.is_moved else "same"

    @property
    def said(self) -> list[Cell]:
        """The cells in which one of the versions says something."""
        return [cell for cell in self.cells if cell.before or cell.after]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences: of the head, and of the steps in the order of the new version."""

    head: list[Cell]
    rows: list[Row]

    @property
    def counts(self) -> dict[str, int]:
        """How many steps were added, removed, changed, moved and renumbered; one that changed and moved is both."""
        found = {name: sum(row.change == name for row in self.rows) for name in ("added", "removed", "changed")}
        renumbered = sum(row.is_renumbered for row in self.rows)
        return {**found, "moved": sum(row.is_moved for row in self.rows), "renumbered": renumbered}

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not any(self.counts.values()) and not any(cell.is_changed for cell in self.head)


def compare(old: Document, new: Document) -> Comparison:
    """What became of ``old`` in ``new``."""
    pairs = _pairs(old["steps"], new["steps"])
    moved = _moved(old["steps"], new["steps"], pairs)
    names = {before: after for after, before in pairs.items()}
    old_steps = {str(step["key"]): step for step in old["steps"]}
    rows = []
    for step in new["steps"]:
        key = str(step["key"])
        before = pairs.get(key)
        cells = step_cells(old, old_steps[before] if before else {}, new, step, names)
        rows.append(Row(before, key, cells, key in moved))
    followed: str | None = None
    for step in old["steps"]:
        key = str(step["key"])
        if key in names:
            followed = names[key]
        else:
            # What was removed stands where it stood: behind the step that it followed.
            place = next((number + 1 for number, row in enumerate(rows) if row.after == followed and followed), 0)
            while place < len(rows) and rows[place].change == "removed":
                place += 1
            rows.insert(place, Row(key, None, step_cells(old, step, new, {}, names), False))
    return Comparison(head_cells(old, new, names), rows)


def _pairs(old: list[Document], new: list[Document]) -> dict[str, str]:
    """Number in the new version → number in the old one: by number and words, by words, by likeness, by number."""
    left = {str(step["key"]): str(step["activity"]) for step in old}
    right = {str(step["key"]): str(step["activity"]) for step in new}
    found: dict[str, str] = {key: key for key, words in right.items() if left.get(key) == words}
    for take in (_same_words, _alike, _same_number):
        open_left = {key: words for key, words in left.items() if key not in found.values()}
        open_right = {key: words for key, words in right.items() if key not in found}
        found.update(take(open_left, open_right))
    return found


def _same_words(left: Mapping[str, str], right: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, words in right.items():
        other = next((k for k, w in left.items() if w == words and k not in found.values()), None)
        if other is not None:
            found[key] = other
    return found


def _alike(left: Mapping[str, str], right: Mapping[str, str]) -> dict[str, str]:
    if len(left) * len(right) > 40_000:
        return {}  # two procedures that have little to do with each other; comparing all with all would take minutes
    scores = []
    for key, words in right.items():
        matcher = SequenceMatcher(b=words.casefold(), autojunk=False)
        for other, before in left.items():
            matcher.set_seq1(before.casefold())
            if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE:
                scores.append((matcher.ratio() + (0.05 if key == other else 0), key, other))
    found: dict[str, str] = {}
    for score, key, other in sorted(scores, key=lambda item: -item[0]):
        if score >= ALIKE and key not in found and other not in found.values():
            found[key] = other
    return found


def _same_number(left: Mapping[str, str], right: Mapping[str, str]) -> dict[str, str]:
    return {key: key for key in right if key in left}


def _moved(old: list[Document], new: list[Document], pairs: Mapping[str, str]) -> set[str]:
    """The steps outside the longest run that kept its order."""
    places = {str(step["key"]): place for place, step in enumerate(old)}
    kept = [(str(step["key"]), places[pairs[str(step["key"])]]) for step in new if str(step["key"]) in pairs]
    tails: list[int] = []
    lengths = []
    for _key, place in kept:
        length = bisect_left(tails, place)
        tails[length : length + 1] = [place]
        lengths.append(length)
    wanted, staying, limit = len(tails) - 1, set[str](), len(old)
    for (key, place), length in zip(reversed(kept), reversed(lengths), strict=True):
        if length == wanted and place < limit:
            staying.add(key)
            wanted, limit = wanted - 1, place
    return {key for key, _place in kept} - staying
