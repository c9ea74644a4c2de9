"""What the forms of the procedure editor send, as parts of a document; whatever was typed is kept as it was typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from addons.organization.services.working_calendar import OFFICE_HOURS
from addons.procedures.models.case import Case
from addons.procedures.models.joins_case import joining_models
from addons.procedures.models.step_branch import ONLY_WAY
from addons.procedures.models.step_output import FILE
from addons.procedures.services.procedure_document import Document
from addons.procedures.services.procedure_words import states_of_kind
from addons.procedures.services.standard_time import read_standard_time, standard_time_words, time_of
from addons.procedures.views.procedure_choices import value_of

BLANK_ROWS = 2
"""Empty rows at the end of each list of a form: it works without script."""


def read_step_form(form: Mapping[str, str], names: Mapping[str, str] | None = None) -> tuple[Document, list[Document]]:
    """The step that a form sent, and the doubts about its values; ``names`` are those of executors by their keys."""
    item: Document = {name: text_of(form, name) for name in ("key", "activity", "executor", "remark", "question")}
    minutes, mode = read_standard_time(text_of(form, "standard_minutes"), text_of(form, "clock_mode"))
    item["standard_minutes"], item["clock_mode"] = minutes, "" if mode == OFFICE_HOURS else mode
    item["papers"] = [
        {"name": row["name"], "mandatory": row["mandatory"] == "1"}
        for row in rows_of(form, "papers", ("name", "mandatory"))
        if row["name"]
    ]
    item |= {name: True for name in ("may_repeat", "waits_for_all") if text_of(form, name) == "1"}
    item |= {"printed": False} if text_of(form, "not_printed") == "1" else {}
    item["gates"] = [_gate(row) for row in rows_of(form, "gates", GATE) if row["which"]]
    item["outputs"] = [_output(row) for row in rows_of(form, "outputs", OUTPUT) if row["name"]]
    ways = _ways(form)
    if len(ways) == 1 and ways[0].keys() <= {"key", "to", "parallel"}:
        item["next"], item["parallel"] = ways[0]["to"], ways[0].get("parallel")
    else:
        item["branches"] = ways
    return {name: value for name, value in item.items() if value not in ("", None, [])}, read_doubts(form, names or {})


def time_typed(item: Document) -> str:
    """The standard time as it stands in the form: in words, or as it was typed when it could not be read."""
    minutes, mode = time_of(item)
    return standard_time_words(minutes, mode) if isinstance(minutes, int) else str(minutes or "")


OUTPUT = ("name", "kind", "mandatory", "state", "when", "on_return")
WAY = (
    *("key", "label", "to", "note", "note_required", "nothing_on_return", "parallel", "not_printed"),
    *("field", "operator", "value"),
)
GATE = ("which", "field", "operator", "value")
OFFER = ("way", "step", "name", "outputs", "state")


def rows_of(form: Mapping[str, str], prefix: str, names: Iterable[str]) -> list[dict[str, str]]:
    """The rows ``prefix-0-name``, ``prefix-1-name`` … of a form, in order."""
    pattern = re.compile(rf"{re.escape(prefix)}-(\d{{1,4}})-\w+")
    places = sorted({int(found[1]) for name in form if (found := pattern.fullmatch(name))})
    return [{name: _cell(form, f"{prefix}-{place}-{name}") for name in names} for place in places]


def _cell(form: Mapping[str, str], name: str) -> str:
    """The text of a field; of several boxes of one name that were ticked, their values, a line each."""
    several = form.getlist(name) if isinstance(form, MultiDict) else []
    return "\n".join(several) if len(several) > 1 else text_of(form, name)


def read_doubts(form: Mapping[str, str], names: Mapping[str, str]) -> list[Document]:
    """The values that a form marks as needing confirmation; executors (``names`` by key) are told by their names."""
    keys = {name.casefold(): key for key, name in names.items()}
    rows = rows_of(form, "doubts", ("field", "literal", "confidence", "note", "candidates"))
    return [
        given(
            field=row["field"],
            literal=row["literal"],
            confidence=row["confidence"] or "unknown",
            candidates=[_number(keys.get(part.casefold(), part)) for part in _parts(row["candidates"])],
            note=row["note"],
        )
        for row in rows
        if row["field"]
    ]


def read_executors_form(form: Mapping[str, str]) -> list[dict[str, Any]]:
    """The columns of the form: key, name, position, outside party."""
    rows = rows_of(form, "executors", ("key", "name", "position"))
    # An outside party is chosen among the positions, so that nobody has two answers to one question.
    return [
        {**row, "external": row["position"] == "external", "position": row["position"].replace("external", "")}
        for row in rows
    ]


def _output(row: Mapping[str, str]) -> Document:
    kind = row["kind"] or FILE
    return {
        **given(
            name=row["name"],
            kind=None if kind == FILE else kind,
            state=_states(kind, row["state"]),
            when=row["when"],
            on_return=None if row["on_return"] == "any" else row["on_return"],
        ),
        "mandatory": row["mandatory"] == "1",
    }


def _ways(form: Mapping[str, str]) -> list[Document]:
    found: list[Document] = []
    offers = [row for row in rows_of(form, "also", OFFER) if row["step"]]
    rows = [row for row in rows_of(form, "ways", WAY) if row["label"] or row["to"]]
    keys = _keys(rows)
    for key, row in zip(keys, rows, strict=True):
        also = [_offer(offer) for offer in offers if (offer["way"] or keys[0]) == key]
        flags = {name: True for name in ("note_required", "nothing_on_return") if row[name] == "1"}
        flags |= {"printed": False} if row["not_printed"] == "1" else {}
        flags |= given(parallel=_parts(row["parallel"]), condition=_condition(row))
        found.append({"key": key, "to": row["to"], **given(label=row["label"], note=row["note"], also=also), **flags})
    return found


def _condition(row: Mapping[str, str], model: Any = Case) -> Document | None:
    """The condition of a row; values by their code or by the words that people see."""
    if not row["field"]:
        return None
    values = [value_of(part, row["field"], model) for part in _parts(row["value"])]
    several = row["operator"] in {"in", "not in"}
    return {"field": row["field"], "operator": row["operator"], "value": values if several else (values or [""])[0]}


def _gate(row: Mapping[str, str]) -> Document:
    model, _colon, transition = row["which"].partition(":")
    return given(model=model, transition=transition, condition=_condition(row, joining_models().get(model, Case)))


def _keys(rows: list[dict[str, str]]) -> list[str]:
    """The keys of the ways on: what they had, or one made of the words."""
    taken = {row["key"] for row in rows if row["key"]}
    keys = []
    for row in rows:
        is_only = len(rows) == 1 and not row["label"]
        key = row["key"] or (ONLY_WAY if is_only else _free_key(row["label"], taken))
        taken.add(key)
        keys.append(key)
    return keys


def _offer(row: Mapping[str, str]) -> Document:
    return given(
        step=row["step"],
        name=row["name"],
        outputs=[name for name in row["outputs"].splitlines() if name],
        state=_parts(row["state"]),
    )


def _states(kind: str, text: str) -> list[str]:
    """States by their code or by the words that people see."""
    codes = {str(label).casefold(): code for code, label in states_of_kind(kind).items()}
    return [codes.get(part.casefold(), part) for part in _parts(text)]


def _free_key(label: str, taken: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:30] or "pilihan"
    key, number = plain, 1
    while key in taken:
        number += 1
        key = f"{plain}_{number}"
    return key


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]


def _number(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def text_of(form: Mapping[str, str], name: str) -> str:
    """What was typed in the field ``name``, without the blanks around."""
    return (form.get(name) or "").replace("\r\n", "\n").strip()


def given(**values: Any) -> Document:
    """The values that were given: what is empty is not there."""
    return {name: value for name, value in values.items() if value not in ("", None, [])}
