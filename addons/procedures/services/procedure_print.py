"""The procedure as the official form prints it: identity page and flow chart (Permenpan-RB 35/2012, SOP AP)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import select

from addons.procedures.models.confirmation import Confirmation
from addons.procedures.models.procedure import IDENTITY, Procedure
from addons.procedures.models.procedure_executor import ProcedureExecutor
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.services.gate import gate_words
from addons.procedures.services.procedure import END
from addons.procedures.services.procedure_document import steps_of
from addons.procedures.services.procedure_heading import head_value, lines_above, signature_lines
from addons.procedures.services.way import way_words
from app.addon import Printed, as_system, db, official_language, render_pdf
from app.addon import gettext as _
from app.addon import lazy_gettext as _l

TEMPLATE = "procedures.sop"
Doubts = set[tuple[int | None, str]]
DOUBT = " †"
"""Stands behind a value that still needs confirmation."""

HEAD = ("number", "made_on", "revised_on", "effective_on", "approved_by")
EXTRA = ("year", "stamp")
"""Rows of the heading that are printed when they are filled in."""
PARTS = ("legal_basis", "qualifications", "related", "equipment", "warnings")
NAME_OF_SOP = _l("Name of the SOP")
RECORDS = _l("Records and data")


Layout = Callable[[Procedure, list[ProcedureStep], Doubts], dict[str, Any]]
_layouts: dict[str, tuple[str, Layout]] = {}


def procedure_layout(kind: str, template: str) -> Callable[[Layout], Layout]:
    """Register the form on which procedures of ``kind`` (such as IK) are printed: ``template`` is the Typst file, the
    function gives its data. Other kinds are printed as SOP AP.
    """

    def register(function: Layout) -> Layout:
        _layouts[kind] = (template, function)
        return function

    return register


def kinds_of_document() -> list[str]:
    """The kinds of document that have a form of their own to be printed on."""
    return ["SOP AP", *_layouts]


def procedure_pdf(procedure: Procedure) -> Printed:
    """The procedure as PDF, in the layout of its kind; what needs confirmation is marked."""
    template, _data_of = _layouts.get(procedure.kind, (TEMPLATE, form_of))
    with official_language(), as_system(db.session(), "a procedure is printed whole for whoever may read it"):
        return render_pdf(template, layout_data(procedure), f"{procedure.kind} {procedure.code}-{procedure.edition}")


def layout_data(procedure: Procedure) -> dict[str, Any]:
    """What stands on the form of the procedure's kind."""
    _template, data_of = _layouts.get(procedure.kind, (TEMPLATE, form_of))
    return data_of(procedure, *parts_to_print(procedure))


def parts_to_print(procedure: Procedure) -> tuple[list[ProcedureStep], Doubts]:
    """The steps and the doubts that layouts take."""
    return steps_of(procedure), open_doubts(procedure)


def form_of(procedure: Procedure, steps: list[ProcedureStep], doubts: Doubts) -> dict[str, Any]:
    """What the form shows; ``doubts`` are (id of the step or None, field) of what needs confirmation."""
    return {
        "title": procedure.title,
        "code": procedure.code,
        "edition": str(procedure.edition),
        **_identity(procedure, doubts),
        "executors": [
            item.name + mark(doubts, None, f"executors.{item.key}.name") for item in _columns(procedure, steps)
        ],
        "steps": _rows(procedure, steps, doubts),
        "papers_title": _("Papers") + mark(doubts, None, "papers"),
        "doubtful": bool(doubts),
    }


def open_doubts(procedure: Procedure) -> Doubts:
    """What of the procedure still needs confirmation."""
    statement = select(Confirmation.step_id, Confirmation.field).where(
        Confirmation.procedure_id == procedure.id, Confirmation.state == "open"
    )
    return {(step_id, field) for step_id, field in db.session.execute(statement)}


def mark(doubts: Doubts, step: ProcedureStep | None, field: str) -> str:
    return DOUBT if (step.id if step else None, field) in doubts else ""


def _identity(procedure: Procedure, doubts: Doubts) -> dict[str, Any]:
    identity = procedure.identity
    rows: list[dict[str, Any]] = [
        {"label": str(IDENTITY[key]), "value": f"{head_value(procedure, key)}{mark(doubts, None, f'identity.{key}')}"}
        for key in (*(key for key in EXTRA if identity.get(key)), *HEAD)
    ]
    rows[-1]["sign"] = signature_lines(procedure)
    rows.append({"label": str(NAME_OF_SOP), "value": procedure.title + mark(doubts, None, "title")})
    parts = [
        {
            "title": str(IDENTITY[key]) + mark(doubts, None, key),
            "items": [
                item + mark(doubts, None, f"{key}.{number}") for number, item in enumerate(identity.get(key) or (), 1)
            ],
        }
        for key in PARTS
    ]
    parts += [
        {"title": str(IDENTITY[key]) + mark(doubts, None, f"identity.{key}"), "items": [str(identity[key])]}
        for key in ("purpose", "scope")
        if identity.get(key)
    ]
    kept = [
        item.name + mark(doubts, None, f"records.{number}") for number, item in enumerate(procedure.kept_records, 1)
    ]
    parts.append({"title": str(RECORDS), "items": kept})
    unit = (identity.get("unit") or "") + mark(doubts, None, "identity.unit")
    return {"above": lines_above(procedure), "unit": unit, "identity": rows, "parts": parts}


def _columns(procedure: Procedure, steps: list[ProcedureStep]) -> list[ProcedureExecutor]:
    """Who has a column on the form; an outside party that carries out no step has none."""
    used = {step.executor_id for step in steps}
    return [item for item in procedure.executors if not item.is_external or item.id in used]


def _rows(procedure: Procedure, steps: list[ProcedureStep], doubts: Doubts) -> list[dict[str, Any]]:
    columns = {executor.id: number for number, executor in enumerate(_columns(procedure, steps))}
    place = {step.key: number for number, step in enumerate(steps)}
    ways, beside = _ways(steps, place, doubts), _beside(steps)
    return [
        {
            "key": step.key,
            "activity": step.activity + mark(doubts, step, "activity"),
            "executor": columns[step.executor_id],
            "papers": _names(doubts, step, "papers"),
            "time": _time(step, doubts),
            "outputs": _names(doubts, step, "outputs"),
            "remark": "\n".join(part for part in (_remark(step, doubts), *beside[step.key]) if part),
            "starts": step.key == procedure.start_key,
            "decides": len(step.ways) > 1,
            "ends": any(way.next_step is None for way in step.ways),
            "branches": ways[step.key],
            "arrivals": [
                {"from": origin, **{name: way[name] for name in ("down", "back", "shift")}}
                for origin, all_ways in ways.items()
                for way in all_ways
                if way["to"] == step.key and origin != step.key
            ],
        }
        for step in steps
    ]


def _names(doubts: Doubts, step: ProcedureStep, part: str) -> list[str]:
    """The papers or outputs: a doubt about one stands behind it, a doubt about them all behind the last."""
    items = getattr(step, part)
    names = [item.name + mark(doubts, step, f"{part}.{number}") for number, item in enumerate(items, 1)] or ["-"]
    return [*names[:-1], names[-1] + mark(doubts, step, part)]


def _time(step: ProcedureStep, doubts: Doubts) -> str:
    return (step.standard_time or "...") + mark(doubts, step, "standard_minutes")


def _remark(step: ProcedureStep, doubts: Doubts) -> str:
    """The remark, the question of a decision, what its answers bring along, and a doubt about who does it."""
    parts = [step.remark + mark(doubts, step, "remark")] if step.remark else []
    parts += (
        [step.question + (mark(doubts, step, "question") or mark(doubts, step, "branches"))] if step.question else []
    )
    for branch in step.ways:
        if branch.condition:
            parts.append(f"{branch.label}: {way_words(branch)}")
        if branch.parallel_steps:
            keys = [str(getattr(branch.next_step, "key", "")), *(item.step.key for item in branch.parallel_steps)]
            words = _("steps %(keys)s at the same time", keys=_(" and ").join(key for key in keys if key))
            parts.append(f"{branch.label}: {words}" if branch.label else words)
        if branch.note:
            parts.append(f"{branch.label}: {branch.note}")
        parts += [
            _("%(choice)s: step %(key)s if needed", choice=branch.label, key=offer.step.key)
            for offer in branch.optional_steps
        ]
    if step.waits_for_all:
        parts.append(_("Begins when all ways have come in"))
    parts += [gate_words(gate) for gate in step.gates]
    if {(step.id, "executor"), (step.id, "symbol")} & doubts:
        parts.append(_("Executor") + DOUBT)
    return "\n".join(parts)


def _beside(steps: list[ProcedureStep]) -> dict[str, list[str]]:
    """For each step the words that tell of the steps that begin at the same time."""
    found: dict[str, list[str]] = {step.key: [] for step in steps}
    for way in (way for step in steps for way in step.ways if way.parallel_steps):
        together = [item.step.key for item in way.parallel_steps]
        together += [way.next_step.key] if way.next_step is not None else []
        for key in together:
            for other in (other for other in sorted(together) if other != key):
                words = _("at the same time as step %(key)s", key=other)
                found.setdefault(key, []).extend([] if words in found.get(key, ()) else [words])
    return found


def _ways(steps: list[ProcedureStep], place: dict[str, int], doubts: Doubts) -> dict[str, list[dict[str, Any]]]:
    """The ways on from each step as the chart draws them: down to the next row, else in a lane of its own."""
    lanes, arrived = {True: 0, False: 0}, dict[str, int]()
    ways: dict[str, list[dict[str, Any]]] = {}
    for step in steps:
        ways[step.key] = []
        taken, beside = False, {True: 0, False: 0}
        for branch, next_step, parallel in _targets(step):
            target = next_step.key if next_step else END
            ahead = place[target] - place[step.key] if target != END else 1
            down = ahead == 1 and not taken and target != END
            taken = taken or down
            back = ahead <= 0
            words = _("at the same time") if parallel else str(branch.label)
            doubted = mark(doubts, step, f"branches.{branch.key}") or mark(doubts, step, "branches")
            label = words + ("" if parallel else doubted)
            way = {"to": target, "label": label, "down": down, "back": back, "lane": 0, "shift": 0}
            way |= {"parallel": parallel, "row": 0}
            if not down:
                way["row"], beside[back] = beside[back], beside[back] + (target != END)
                way["lane"] = lanes[back] % 4
                lanes[back] += 1
                way["shift"] = arrived.get(target, 0)
                arrived[target] = arrived.get(target, 0) + 1
            ways[step.key].append(way)
    return ways


def _targets(step: ProcedureStep) -> Iterator[tuple[Any, ProcedureStep | None, bool]]:
    """Every line that leaves the symbol of a step: its ways, and those to the steps that begin beside."""
    for way in step.ways:
        yield way, way.next_step, False
        for item in way.parallel_steps:
            yield way, item.step, True
