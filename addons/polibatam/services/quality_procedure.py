"""Polibatam's layout of a procedure: a header on every page, flow chart, activities, indicators, storage of data."""

from typing import Any

from addons.procedures.models.procedure import Procedure
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.services.procedure_print import Doubts, mark, procedure_layout


@procedure_layout("PR", "polibatam.quality_procedure")
def quality_procedure(procedure: Procedure, steps: list[ProcedureStep], doubts: Doubts) -> dict[str, Any]:
    """What stands on the paper; steps that we added are not on it."""
    identity = procedure.identity
    return {
        "number": identity.get("number") or procedure.code,
        "title": procedure.title + mark(doubts, None, "title"),
        "unit": identity.get("unit") or "",
        "approval": (identity.get("approved_by") or "") + mark(doubts, None, "identity.approved_by"),
        "day": identity.get("effective_on") or "",
        "stamp": identity.get("stamp") or "",
        "purpose": _parts(identity.get("purpose")),
        "scope": _parts(identity.get("scope")),
        "steps": [_row(step, doubts) for step in steps if step.is_printed],
        "indicators": [_cells(row, ("code", "text")) for row in identity.get("indicators") or []],
        "storage": [
            {**_cells(row, ("name", "file", "place", "years")), "mark": mark(doubts, None, f"storage.{place}")}
            for place, row in enumerate(identity.get("storage") or [], 1)
        ],
        "doubtful": bool(doubts),
    }


def _parts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _cells(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    """The named cells of a row; what nobody entered is empty."""
    return {name: str(row.get(name) or "") for name in names}


def _row(step: ProcedureStep, doubts: Doubts) -> dict[str, Any]:
    """An activity with its executor before it and its note; a note of several lines is a list under its first line."""
    first, *rest = (step.remark or "").split("\n")
    return {
        "executor": step.executor.name,
        "activity": step.activity,
        "text": f"{step.executor.name}, {step.activity[:1].lower()}{step.activity[1:]}"
        + mark(doubts, step, "activity")
        + mark(doubts, step, "executor"),
        "note": first,
        "items": rest,
    }
