"""A procedure as one document, in the shape of the data files: what is exported, compared, checked, drawn and tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from addons.organization.models.position import Position
from addons.organization.services.working_calendar import OFFICE_HOURS
from addons.procedures.models.confirmation import Confirmation
from addons.procedures.models.optional_step import OptionalStep
from addons.procedures.models.parallel_step import ParallelStep
from addons.procedures.models.procedure import Procedure
from addons.procedures.models.procedure_executor import ProcedureExecutor
from addons.procedures.models.procedure_step import AGAIN, ONCE_MORE, ProcedureStep
from addons.procedures.models.step_branch import ONLY_WAY, StepBranch
from addons.procedures.models.step_output import FILE, StepOutput
from addons.procedures.services.procedure import END
from app.addon import as_system, current_scope, db, external_names

Document = dict[str, Any]


def document_of(
    procedure: Procedure, positions: Mapping[int, str] | None = None, steps: Sequence[ProcedureStep] | None = None
) -> Document:
    """The whole of ``procedure``; ``positions`` are the names of the executors' positions (`position_names`). Where its
    ``steps`` are at hand already, as for a chart, nothing is looked up and doubts are left out.
    """
    doubts: list[Confirmation] = []
    if steps is None:
        with as_system(db.session(), "a procedure is told whole to whoever may read it"):
            steps, doubts = steps_of(procedure), _doubts(procedure)
    return {
        "code": procedure.code,
        "edition": procedure.edition,
        "title": procedure.title,
        "kind": procedure.kind,
        "identity": dict(procedure.identity),
        "executors": [executor_item(item, positions or {}) for item in procedure.executors],
        "records": [_without_nothing(name=item.name, kind=item.kind) for item in procedure.kept_records],
        "start": procedure.start_key,
        "steps": [step_item(step) for step in steps],
        "confirmations": [doubt_item(doubt) for doubt in doubts],
    }


def steps_of(procedure: Procedure) -> list[ProcedureStep]:
    """The steps in the order of the form, with everything that belongs to them."""
    statement = (
        select(ProcedureStep)
        .where(ProcedureStep.procedure_id == procedure.id)
        .order_by(ProcedureStep.place)
        .options(
            selectinload(ProcedureStep.papers),
            selectinload(ProcedureStep.outputs),
            selectinload(ProcedureStep.gates),
            selectinload(ProcedureStep.branches).selectinload(StepBranch.parallel_steps).joinedload(ParallelStep.step),
            joinedload(ProcedureStep.executor),
            selectinload(ProcedureStep.branches).joinedload(StepBranch.next_step),
            selectinload(ProcedureStep.branches).selectinload(StepBranch.optional_steps).joinedload(OptionalStep.step),
        )
    )
    return list(db.session.scalars(statement))


def position_names() -> dict[int, str]:
    """How documents call the positions of the institution: by the data file's name, else by title, with the unit where
    two have the same.
    """
    session, scope = db.session(), current_scope(db.session())
    shipped = external_names(session, Position, scope.institution_id) if scope else {}
    return {key: shipped.get(key, name) for key, name in position_titles().items()}


def position_titles() -> dict[int, str]:
    """How people call the positions of the institution: by title, with the unit where two have the same."""
    session = db.session()
    with as_system(session, "documents name positions, also for people who may not read them"):
        found = session.scalars(
            select(Position).where(Position.active).order_by(Position.id).options(joinedload(Position.unit))
        ).all()
    titles = [position.title for position in found]
    return {
        item.id: item.title if titles.count(item.title) == 1 else f"{item.title} @ {item.unit.name}" for item in found
    }


def executor_item(executor: ProcedureExecutor, positions: Mapping[int, str]) -> Document:
    """An executor as a document tells it."""
    position = positions.get(executor.position_id) if executor.position_id is not None else None
    return _without_nothing(
        key=executor.key, name=executor.name, position=position, external=True if executor.is_external else None
    )


def step_item(step: ProcedureStep) -> Document:
    """A step with its papers, outputs and ways on."""
    item = _without_nothing(
        key=step.key,
        activity=step.activity,
        executor=step.executor.key,
        standard_minutes=step.standard_minutes,
        clock_mode=step.clock_mode if step.clock_mode != OFFICE_HOURS else None,
        remark=step.remark,
        question=step.question,
        papers=[{"name": paper.name, "mandatory": paper.is_mandatory} for paper in step.papers],
        outputs=[_output_item(output) for output in step.outputs],
        may_repeat=step.may_repeat or None,
        waits_for_all=step.waits_for_all or None,
        printed=None if step.is_printed else False,
        gates=[
            _without_nothing(model=gate.model, transition=gate.transition, condition=gate.condition)
            for gate in step.gates
        ],
    )
    ways = [_way_item(branch) for branch in step.branches]
    if len(ways) == 1 and ways[0].keys() <= {"key", "to", "parallel"} and ways[0]["key"] == ONLY_WAY:
        return {**item, "next": ways[0]["to"], **{name: ways[0][name] for name in ("parallel",) if name in ways[0]}}
    return {**item, "branches": ways}


def ways_of(item: Mapping[str, Any]) -> list[Document]:
    """The ways on from the step ``item`` of a document, however they are written there."""
    branches: Sequence[Document] = item.get("branches") or ()
    return list(branches) or [_without_nothing(key=ONLY_WAY, to=item.get("next", END), parallel=item.get("parallel"))]


def all_ways_of(item: Mapping[str, Any]) -> list[Document]:
    """The ways on, and that of a repeating step back to itself."""
    again = [{"key": AGAIN, "label": str(ONCE_MORE), "to": str(item["key"])}] if item.get("may_repeat") else []
    return [*ways_of(item), *again]


def doubt_item(doubt: Confirmation) -> Document:
    """A value that needs confirmation."""
    return _without_nothing(
        step=doubt.step.key if doubt.step else None,
        field=doubt.field,
        literal=doubt.literal,
        confidence=doubt.confidence,
        candidates=list(doubt.candidates),
        note=doubt.note,
    )


def _doubts(procedure: Procedure) -> list[Confirmation]:
    """What still needs confirmation; what was confirmed is a value like others."""
    statement = (
        select(Confirmation)
        .where(Confirmation.procedure_id == procedure.id, Confirmation.state == "open")
        .order_by(Confirmation.id)
        .options(joinedload(Confirmation.step))
    )
    return list(db.session.scalars(statement))


def _output_item(output: StepOutput) -> Document:
    return _without_nothing(
        name=output.name,
        kind=output.kind if output.kind != FILE else None,
        mandatory=output.is_mandatory,
        state=list(output.states),
        when=output.branch_key,
        on_return=output.on_return if output.on_return != "any" else None,
    )


def _way_item(branch: StepBranch) -> Document:
    return _without_nothing(
        key=branch.key,
        label=branch.label or None,
        to=branch.next_step.key if branch.next_step else END,
        note=branch.note,
        condition=branch.condition,
        note_required=branch.needs_remark or None,
        nothing_on_return=branch.nothing_on_return or None,
        printed=None if branch.is_printed else False,
        parallel=[item.step.key for item in branch.parallel_steps],
        also=[_offer_item(offer) for offer in branch.optional_steps],
    )


def _offer_item(offer: OptionalStep) -> Document:
    return _without_nothing(
        step=offer.step.key, name=offer.name, outputs=list(offer.output_names), state=list(offer.states)
    )


def _without_nothing(**values: Any) -> Document:
    """What is not set is not written."""
    return {name: value for name, value in values.items() if value is not None and value != []}
