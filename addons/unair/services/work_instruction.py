"""The library's layout of an Instruksi Kerja: cover, identity with three signers, five numbered parts."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from addons.procedures.models.procedure import Procedure
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.services.procedure_print import Doubts, mark, procedure_layout

EMPTY = "-"


@procedure_layout("IK", "unair.work_instruction")
def work_instruction(procedure: Procedure, steps: list[ProcedureStep], doubts: Doubts) -> dict[str, Any]:
    """What stands on the paper. Steps and branches that we added are not on it: it is the library's own text."""
    identity = procedure.identity
    printed = [step for step in steps if step.is_printed]
    return {
        "title": procedure.title,
        "authority": _lines(identity.get("authority")),
        "year": str(identity.get("year") or ""),
        "rows": [
            {"label": "Nama IK", "value": procedure.title},
            {"label": "Nomor IK", "value": _said(identity, "number", doubts)},
            {"label": "Tanggal Pembuatan", "value": _said(identity, "made_on", doubts)},
            {"label": "Tanggal Revisi", "value": _said(identity, "revised_on", doubts)},
            {"label": "Tanggal Efektif", "value": _said(identity, "effective_on", doubts)},
        ],
        "signers": [
            {"role": item.get("role") or "", "name": item.get("name"), "nip": item.get("nip")}
            for item in _signers(identity)
        ],
        "purpose": _said(identity, "purpose", doubts),
        "scope": _said(identity, "scope", doubts),
        "related": _lines(identity.get("related")),
        "sections": [
            {"title": _section(identity, key), "steps": [_line(step, doubts) for step in group]}
            for key, group in groupby(printed, key=lambda step: step.key[0])
        ],
        "records": [
            item.name + mark(doubts, None, f"records.{place}") for place, item in enumerate(procedure.kept_records, 1)
        ],
        "doubtful": bool(doubts),
    }


def _lines(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _signers(identity: dict[str, Any]) -> Sequence[dict[str, Any]]:
    return identity.get("signers") or ()


def _said(identity: dict[str, Any], key: str, doubts: Doubts) -> str:
    return (identity.get(key) or EMPTY) + mark(doubts, None, f"identity.{key}")


def _section(identity: dict[str, Any], key: str) -> str:
    titles = {str(item.get("key")): item.get("title") for item in identity.get("sections") or ()}
    return str(titles.get(key) or "")


def _line(step: ProcedureStep, doubts: Doubts) -> dict[str, Any]:
    """A step as the paper has it: a decision with its printed ways, the others as they are."""
    ways = [way for way in step.branches if way.is_printed and way.note]
    return {
        "activity": step.activity + mark(doubts, step, "activity") + mark(doubts, step, "executor"),
        "ways": [str(way.note) + mark(doubts, step, f"branches.{way.key}") for way in ways],
        "letter": step.key[1:2],
    }
