"""What two versions of a procedure say, cell by cell: every value of the document stands in one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from addons.organization.services.working_calendar import CLOCK_MODES, OFFICE_HOURS
from addons.procedures.models.confirmation import CONFIDENCES, field_name
from addons.procedures.models.procedure import IDENTITY, IDENTITY_TABLES, TABLE_CELLS
from addons.procedures.models.step_output import ON_RETURN
from addons.procedures.services.condition import condition_words
from addons.procedures.services.gate import gate_item_words
from addons.procedures.services.procedure import END
from addons.procedures.services.procedure_document import Document, ways_of
from addons.procedures.services.procedure_words import kind_words, offer_kinds, state_words
from addons.procedures.services.standard_time import standard_time_words, time_of
from app.addon import gettext as _

Names = Mapping[str, str]
"""Number of a step in the old version → its number in the new one."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the form in both versions."""

    label: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        """Whether the two differ."""
        return self.before != self.after

    @property
    def lines_before(self) -> list[tuple[bool, str]]:
        """The lines of the old version; True marks those that the new one does not have so."""
        return self._lines(0)

    @property
    def lines_after(self) -> list[tuple[bool, str]]:
        """The lines of the new version; True marks those that the old one did not have so."""
        return self._lines(1)

    def _lines(self, side: int) -> list[tuple[bool, str]]:
        texts = self.before.split("\n"), self.after.split("\n")
        kept: set[int] = set()
        for block in SequenceMatcher(None, *texts, autojunk=False).get_matching_blocks():
            kept.update(range(block[side], block[side] + block.size))
        return [(place not in kept, line) for place, line in enumerate(texts[side]) if line]


def head_cells(old: Document, new: Document, names: Names) -> list[Cell]:
    """The identity block with everything around the steps; old steps are named by their new numbers."""
    pairs: list[tuple[Any, Any, Any]] = [
        (_("Code"), old["code"], new["code"]),
        (_("Title"), old["title"], new["title"]),
        (_("Kind of document"), old["kind"], new["kind"]),
    ]
    for key, label in _identity_parts(old["identity"], new["identity"]):
        cells = TABLE_CELLS.get(key, {})
        pairs.append((label, *(_listed(side["identity"].get(key), cells) for side in (old, new))))
    pairs.append((_("Recording"), *("\n".join(map(_record, side.get("records", ()))) for side in (old, new))))
    pairs.append((_("Executors"), *("\n".join(map(_executor, side["executors"])) for side in (old, new))))
    keys = [[item["key"] for item in side["executors"]] for side in (old, new)]
    if keys[0] != keys[1]:
        pairs.append((_("Keys of the executors"), *("\n".join(side) for side in keys)))
    first = names.get(str(old["start"]), str(old["start"]))
    pairs.append((_("First step"), first, str(new["start"])))
    pairs.append((_("Needs confirmation"), _doubts(old, None), _doubts(new, None)))
    return [Cell(str(label), before, after) for label, before, after in pairs]


def step_cells(
    old: Document, before: Mapping[str, Any], new: Document, after: Mapping[str, Any], names: Names
) -> list[Cell]:
    """The cells of a row; old ways name their targets by the new numbers, so that numbering anew changes nothing."""
    left, right = _texts(old, before, names), _texts(new, after, {})
    if before and after:
        keys = [[str(way["key"]) for way in ways_of(side)] for side in (before, after)]
        if keys[0] != keys[1]:
            left["ways"], right["ways"] = (
                f"{texts['ways']}\n({', '.join(side)})" for texts, side in zip((left, right), keys, strict=True)
            )
    labels = {
        "activity": _("Activity"),
        "executor": _("Executor"),
        "papers": _("Papers"),
        "time": _("Time"),
        "outputs": _("Output"),
        "remark": _("Remark"),
        "ways": _("Goes on to"),
        "rules": _("Rules"),
        "doubts": _("Needs confirmation"),
    }
    return [Cell(label, left.get(name, ""), right.get(name, "")) for name, label in labels.items()]


def _texts(document: Document, step: Mapping[str, Any], names: Names) -> dict[str, str]:
    if not step:
        return {}
    executors = _told_apart((str(item["key"]), str(item["name"])) for item in document["executors"])
    labels = _told_apart((str(way["key"]), str(way.get("label") or way["key"])) for way in ways_of(step))
    return {
        "activity": str(step["activity"]),
        "executor": executors.get(str(step["executor"]), str(step["executor"])),
        "papers": "\n".join(_mandatory(item) for item in step.get("papers", ())),
        "time": _time(step),
        "outputs": "\n".join(_output(item, labels) for item in step.get("outputs", ())),
        "remark": _lines([step.get("remark"), f"{_('Question')}: {step['question']}" if step.get("question") else ""]),
        "ways": "\n".join(_way(item, names, document) for item in ways_of(step)),
        "rules": _lines(_rules(step)),
        "doubts": _doubts(document, str(step["key"])),
    }


def _told_apart(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Key → name; what shares its name with another says its key too."""
    found = dict(names)
    shared = Counter(found.values())
    return {key: f"{name} ({key})" if shared[name] > 1 else name for key, name in found.items()}


def _time(step: Mapping[str, Any]) -> str:
    """The standard time; the way of counting besides, unless the words tell it."""
    minutes, mode = time_of(step)
    words = standard_time_words(minutes, mode)
    is_told = mode == OFFICE_HOURS or (minutes and words != standard_time_words(minutes, OFFICE_HOURS))
    return _lines([words, "" if is_told else str(CLOCK_MODES[mode])])


def _rules(step: Mapping[str, Any]) -> Iterator[str]:
    if step.get("may_repeat"):
        yield _("May be done once more")
    if step.get("waits_for_all"):
        yield _("Begins when all ways have come in")
    if step.get("printed") is False:
        yield _("Our addition: does not stand in the written procedure")
    yield from (gate_item_words(gate) for gate in step.get("gates", ()))


def _mandatory(item: Mapping[str, Any]) -> str:
    return item["name"] + (" *" if item.get("mandatory", True) else "")


def _output(item: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    kind = item.get("kind")
    details = [kind_words(kind), _state_list(state_words([kind], _many(item.get("state"))))]
    if item.get("when"):
        details.append(_("only on: %(choice)s", choice=labels.get(str(item["when"]), item["when"])))
    if item.get("on_return"):
        details.append(f"{_('again:')} {ON_RETURN[item['on_return']]}")
    words = ", ".join(part for part in details if part)
    return _mandatory(item) + (f" ({words})" if words else "")


def _way(item: Mapping[str, Any], names: Names, document: Document) -> str:
    target = str(item["to"])
    words = [f"{item['label']} →" if item.get("label") else "→"]
    words.append(_("end") if target == END else names.get(target, target))
    told = "; ".join(_details(item, names, document))
    return " ".join(words) + (f" ({told})" if told else "")


def _details(item: Mapping[str, Any], names: Names, document: Document) -> Iterator[str]:
    if item.get("condition"):
        yield condition_words(item["condition"])
    if item.get("note"):
        yield str(item["note"])
    if item.get("note_required"):
        yield _("needs a remark")
    if item.get("nothing_on_return"):
        yield _("asks for no output when the step comes again")
    if item.get("printed") is False:
        yield _("our addition")
    if item.get("parallel"):
        keys = (names.get(str(key), str(key)) for key in item["parallel"])
        yield _("at the same time: %(steps)s", steps=", ".join(keys))
    for offer in item.get("also", ()):
        yield f"{_('optional')}: {_offer(offer, names, document)}"


def _offer(offer: Mapping[str, Any], names: Names, document: Document) -> str:
    key = str(offer["step"])
    step = next((item for item in document["steps"] if str(item["key"]) == key), None)
    outputs = offer.get("outputs", ())
    states = state_words(offer_kinds(step, outputs), _many(offer.get("state")))
    parts = [offer.get("name"), ", ".join(outputs), _state_list(states)]
    return f"{names.get(key, key)} {' · '.join(part for part in parts if part)}".strip()


def _state_list(states: Sequence[str]) -> str:
    return _("in the state %(states)s", states=", ".join(states)) if states else ""


def _identity_parts(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The parts of the identity block in their order, then whatever else was read in from a file."""
    known = {**IDENTITY, **IDENTITY_TABLES}
    return [*known.items(), *((key, key) for key in dict.fromkeys([*old, *new]) if key not in known)]


def _record(item: Mapping[str, Any]) -> str:
    kept_as = kind_words(item.get("kind"))
    return item["name"] + (f" ({kept_as})" if kept_as else "")


def _executor(item: Mapping[str, Any]) -> str:
    who = item.get("position") or (_("Outside party") if item.get("external") else "")
    return item["name"] + (f" ({who})" if who else "")


def _doubts(document: Document, key: str | None) -> str:
    found = [item for item in document.get("confirmations", ()) if _step_of(item) == key]
    names = {str(item["key"]): str(item["name"]) for item in document["executors"]} | {END: _("end of the case")}
    return "\n".join(_doubt(item, names) for item in found)


def _step_of(doubt: Mapping[str, Any]) -> str | None:
    return str(doubt["step"]) if doubt.get("step") is not None else None


def _doubt(item: Mapping[str, Any], names: Mapping[str, str]) -> str:
    parts = [f"“{item['literal']}”" if item.get("literal") is not None else "", _confidence(item)]
    parts += [", ".join(names.get(one, one) for one in _many(item.get("candidates"))), item.get("note") or ""]
    return f"{field_name(item['field'])}: " + "; ".join(part for part in parts if part)


def _confidence(item: Mapping[str, Any]) -> str:
    return str(CONFIDENCES[item.get("confidence", "unknown")])


def _lines(parts: Iterable[Any]) -> str:
    return "\n".join(str(part) for part in parts if part)


def _listed(value: Any, cells: Mapping[str, Any]) -> str:
    rows = value if isinstance(value, list) else [] if value is None else [value]
    return "\n".join(
        " · ".join(f"{cells.get(name, name)}: {cell}" for name, cell in row.items() if cell not in (None, ""))
        if isinstance(row, Mapping)
        else str(row)
        for row in rows
    )


def _many(value: Any) -> Sequence[str]:
    return [str(item) for item in value] if isinstance(value, list) else [] if value is None else [str(value)]
