"""Procedures from data files and other documents."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from addons.organization.services.working_calendar import OFFICE_HOURS
from addons.procedures.models.confirmation import Confirmation
from addons.procedures.models.joins_case import joining_models
from addons.procedures.models.kept_record import KeptRecord
from addons.procedures.models.optional_step import OptionalStep
from addons.procedures.models.parallel_step import ParallelStep
from addons.procedures.models.procedure import Procedure
from addons.procedures.models.procedure_executor import ProcedureExecutor
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.step_branch import ONLY_WAY, StepBranch
from addons.procedures.models.step_gate import StepGate
from addons.procedures.models.step_output import FILE, StepOutput
from addons.procedures.models.step_paper import StepPaper
from addons.procedures.services.condition import condition_problem
from addons.procedures.services.confirmation import carry_over
from addons.procedures.services.procedure_version import come_into_force, free_edition, in_force
from app.addon import AddonError, data_loader, models, report_progress

END = "end"
PIECE = 100
"""So many steps are written at once."""


def renew_procedure(
    session: Session, procedure: Procedure, name: str, values: Mapping[str, Any], resolve: Callable[[str], int]
) -> Procedure | None:
    """The next edition when the data file has one: running cases end on theirs, new ones begin on this. What the
    institution confirmed stays confirmed. Where the institution has put a version of its own in force, the edition
    waits beside it as a draft.
    """
    if values.get("edition", 1) <= (procedure.shipped_edition or 0):
        return None
    before = in_force(session, procedure.code)
    renewed = load_procedure(session, name, values, resolve)
    renewed.previous = before or procedure
    carry_over(renewed.previous, renewed)
    if before is procedure:
        come_into_force(session, renewed)
    return renewed


@data_loader("procedures.Procedure", renew=renew_procedure)
def load_procedure(session: Session, name: str, values: Mapping[str, Any], resolve: Callable[[str], int]) -> Procedure:
    """A procedure with everything it consists of, from a data file: in force, or a draft where another version is.
    Raises `AddonError` for a reference that leads nowhere.
    """
    procedure = Procedure(
        code=values["code"],
        edition=free_edition(session, values["code"], values.get("edition", 1)),
        shipped_edition=values.get("edition", 1),
        state="draft" if in_force(session, values["code"]) else "in_force",
        title=values["title"],
        kind=values.get("kind", "SOP AP"),
        identity=values.get("identity", {}),
        start_key=str(values["start"]),
    )
    session.add(procedure)
    fill_procedure(session, procedure, name, values, resolve)
    return procedure


def fill_procedure(
    session: Session, procedure: Procedure, name: str, values: Mapping[str, Any], resolve: Callable[[str], int]
) -> None:
    """Give a new ``procedure`` its parts. Raises `AddonError` for a reference that leads nowhere."""
    executors = {
        item["key"]: _executor(procedure, place, item, resolve) for place, item in enumerate(values["executors"])
    }
    procedure.kept_records.extend(
        KeptRecord(name=item["name"], kind=item.get("kind"), place=place)
        for place, item in enumerate(values.get("records", ()))
    )
    steps, parts = {}, 2 * len(values["steps"])
    for place, item in enumerate(values["steps"]):
        _write_piece(session, place, place, parts)
        if item["executor"] not in executors:
            raise AddonError(
                f"{name}: step {item['key']} names the executor {item['executor']}, which is not declared."
            )
        # Without ways yet, and known to be: else each is asked for, and what is pending written before, step by step.
        step = ProcedureStep(key=str(item["key"]), place=place, branches=[])
        fill_step(step, item, executors)
        procedure.steps.append(step)
        steps[step.key] = step
    session.flush()
    for place, item in enumerate(values["steps"]):
        _write_piece(session, place, len(steps) + place, parts)
        fill_branches(name, steps, item)
    if procedure.start_key not in steps:
        raise AddonError(f"{name}: the first step {procedure.start_key} does not exist.")
    for item in values.get("confirmations", ()):
        procedure.confirmations.append(confirmation_of(item, steps))
    session.flush()
    report_progress(session, parts, parts)


def _write_piece(session: Session, place: int, done: int, parts: int) -> None:
    """Write what has been filled before every hundredth step, and say how far it is."""
    if place % PIECE == 0:
        session.flush()
        report_progress(session, done, parts)


def _executor(
    procedure: Procedure, place: int, item: Mapping[str, Any], resolve: Callable[[str], int]
) -> ProcedureExecutor:
    position = resolve(item["position"]) if item.get("position") else None
    executor = ProcedureExecutor(
        key=item["key"],
        name=item["name"],
        place=place,
        position_id=position,
        is_external=bool(item.get("external")),
    )
    procedure.executors.append(executor)
    return executor


def fill_step(step: ProcedureStep, item: Mapping[str, Any], executors: Mapping[str, ProcedureExecutor]) -> None:
    """Give ``step`` what ``item`` says of it, without the ways on: these need all steps."""
    step.activity = item["activity"]
    step.executor = executors[item["executor"]]
    step.standard_minutes = item.get("standard_minutes")
    step.clock_mode = item.get("clock_mode", OFFICE_HOURS)
    step.remark = item.get("remark")
    step.question = item.get("question")
    step.may_repeat = item.get("may_repeat", False)
    step.waits_for_all = item.get("waits_for_all", False)
    step.is_printed = item.get("printed", True)
    step.gates = [_gate(step.key, gate) for gate in item.get("gates", ())]
    step.papers = [
        StepPaper(name=paper["name"], is_mandatory=paper.get("mandatory", True), place=number)
        for number, paper in enumerate(item.get("papers", ()))
    ]
    step.outputs = [
        StepOutput(
            name=output["name"],
            kind=output.get("kind", FILE),
            states=_states(output.get("state", [])),
            on_return=output.get("on_return", "any"),
            is_mandatory=output.get("mandatory", True),
            branch_key=output.get("when"),
            place=number,
        )
        for number, output in enumerate(item.get("outputs", ()))
    ]


def _gate(key: str, item: Mapping[str, Any]) -> StepGate:
    model, condition = joining_models().get(item["model"]), item.get("condition")
    if item["model"].split(".")[0] in {name.split(".")[0] for name in models} and model is None:
        raise AddonError(f"step {key}: a gate before {item['model']}, whose records join no case.")
    if model is not None and item["transition"] not in {step.name for step in model.__transitions__}:
        raise AddonError(f"step {key}: {item['model']} has no transition {item['transition']}.")
    if model is not None and condition is not None and (problem := condition_problem(condition, model)):
        raise AddonError(f"step {key}: {problem}")
    return StepGate(model=item["model"], transition=item["transition"], condition=condition)


def fill_branches(name: str, steps: Mapping[str, ProcedureStep], item: Mapping[str, Any]) -> None:
    """Give the step of ``item`` its ways on. Raises `AddonError` for one that leads nowhere."""
    step = steps[str(item["key"])]
    only = {"key": ONLY_WAY, "to": item.get("next", END), "parallel": item.get("parallel", ())}
    ways = item.get("branches") or [only]
    for place, way in enumerate(ways):
        target = str(way["to"])
        if target != END and target not in steps:
            raise AddonError(f"{name}: step {step.key} leads to {target}, which does not exist.")
        branch = StepBranch(
            key=way["key"],
            label=way.get("label", ""),
            next_step=steps.get(target),
            note=way.get("note"),
            needs_remark=way.get("note_required", False),
            nothing_on_return=way.get("nothing_on_return", False),
            condition=_condition(name, step, way.get("condition")),
            is_printed=way.get("printed", True),
            place=place,
        )
        step.branches.append(branch)
        branch.parallel_steps.extend(_parallel(name, steps, way.get("parallel", ())))
        branch.optional_steps.extend(_offers(name, steps, way.get("also", ())))


def _condition(name: str, step: ProcedureStep, condition: Any) -> Any:
    if condition is not None and (problem := condition_problem(condition)):
        raise AddonError(f"{name}: step {step.key}: {problem}")
    return condition


def _parallel(name: str, steps: Mapping[str, ProcedureStep], keys: Iterable[Any]) -> Iterator[ParallelStep]:
    for place, key in enumerate(keys):
        if str(key) not in steps:
            raise AddonError(f"{name}: the parallel step {key} does not exist.")
        yield ParallelStep(step=steps[str(key)], place=place)


def _offers(
    name: str, steps: Mapping[str, ProcedureStep], items: Iterable[Mapping[str, Any]]
) -> Iterator[OptionalStep]:
    for place, item in enumerate(items):
        step = steps.get(str(item["step"]))
        if step is None:
            raise AddonError(f"{name}: the optional step {item['step']} does not exist.")
        outputs = list(item.get("outputs", ()))
        if set(outputs) - {output.name for output in step.outputs}:
            raise AddonError(f"{name}: the optional step {step.key} asks for outputs that the step does not have.")
        states = _states(item.get("state", []))
        yield OptionalStep(step=step, name=item.get("name"), output_names=outputs, states=states, place=place)


def _states(given: str | list[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def confirmation_of(item: Mapping[str, Any], steps: Mapping[str, ProcedureStep]) -> Confirmation:
    """The value to confirm that ``item`` tells of."""
    return Confirmation(
        step=steps.get(str(item.get("step", ""))),
        field=item["field"],
        literal=None if item.get("literal") is None else str(item["literal"]),
        confidence=item.get("confidence", "unknown"),
        candidates=list(item.get("candidates", ())),
        note=item.get("note"),
    )
