"""Procedures from data files."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from addons.organization.services.working_calendar import OFFICE_HOURS
from addons.procedures.models.confirmation import Confirmation
from addons.procedures.models.kept_record import KeptRecord
from addons.procedures.models.optional_step import OptionalStep
from addons.procedures.models.procedure import Procedure
from addons.procedures.models.procedure_executor import ProcedureExecutor
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.step_branch import ONLY_WAY, StepBranch
from addons.procedures.models.step_output import FILE, StepOutput
from addons.procedures.models.step_paper import StepPaper
from addons.procedures.services.confirmation import carry_over
from app.addon import AddonError, data_loader

END = "end"


def renew_procedure(
    session: Session, procedure: Procedure, name: str, values: Mapping[str, Any], resolve: Callable[[str], int]
) -> Procedure | None:
    """The next edition when the data file has one: running cases end on theirs, new ones begin on this. What the
    institution confirmed stays confirmed.
    """
    if values.get("edition", 1) <= procedure.edition:
        return None
    renewed = load_procedure(session, name, values, resolve)
    carry_over(procedure, renewed)
    procedure.state, procedure.active = "retired", False
    return renewed


@data_loader("procedures.Procedure", renew=renew_procedure)
def load_procedure(session: Session, name: str, values: Mapping[str, Any], resolve: Callable[[str], int]) -> Procedure:
    """A procedure with everything it consists of, from a data file. Raises `AddonError` for a reference that leads
    nowhere.
    """
    procedure = Procedure(
        code=values["code"],
        edition=values.get("edition", 1),
        title=values["title"],
        kind=values.get("kind", "SOP AP"),
        identity=values.get("identity", {}),
        start_key=str(values["start"]),
    )
    session.add(procedure)
    executors = {
        item["key"]: _executor(procedure, place, item, resolve) for place, item in enumerate(values["executors"])
    }
    procedure.kept_records.extend(
        KeptRecord(name=item["name"], kind=item.get("kind"), place=place)
        for place, item in enumerate(values.get("records", ()))
    )
    steps = {}
    for place, item in enumerate(values["steps"]):
        if item["executor"] not in executors:
            raise AddonError(
                f"{name}: step {item['key']} names the executor {item['executor']}, which is not declared."
            )
        steps[str(item["key"])] = _step(procedure, place, item, executors[item["executor"]])
    session.flush()
    for item in values["steps"]:
        _add_branches(name, steps, item)
    if procedure.start_key not in steps:
        raise AddonError(f"{name}: the first step {procedure.start_key} does not exist.")
    for item in values.get("confirmations", ()):
        procedure.confirmations.append(_confirmation(item, steps))
    session.flush()
    return procedure


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


def _step(procedure: Procedure, place: int, item: Mapping[str, Any], executor: ProcedureExecutor) -> ProcedureStep:
    step = ProcedureStep(
        key=str(item["key"]),
        place=place,
        activity=item["activity"],
        executor=executor,
        standard_minutes=item.get("standard_minutes"),
        clock_mode=item.get("clock_mode", OFFICE_HOURS),
        remark=item.get("remark"),
        question=item.get("question"),
    )
    for number, paper in enumerate(item.get("papers", ())):
        step.papers.append(StepPaper(name=paper["name"], is_mandatory=paper.get("mandatory", True), place=number))
    for number, output in enumerate(item.get("outputs", ())):
        step.outputs.append(
            StepOutput(
                name=output["name"],
                kind=output.get("kind", FILE),
                states=_states(output.get("state", [])),
                on_return=output.get("on_return", "any"),
                is_mandatory=output.get("mandatory", True),
                branch_key=output.get("when"),
                place=number,
            )
        )
    procedure.steps.append(step)
    return step


def _add_branches(name: str, steps: Mapping[str, ProcedureStep], item: Mapping[str, Any]) -> None:
    step = steps[str(item["key"])]
    ways = item.get("branches") or [{"key": ONLY_WAY, "to": item.get("next", END)}]
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
            place=place,
        )
        step.branches.append(branch)
        branch.optional_steps.extend(_offers(name, steps, way.get("also", ())))


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


def _confirmation(item: Mapping[str, Any], steps: Mapping[str, ProcedureStep]) -> Confirmation:
    return Confirmation(
        step=steps.get(str(item.get("step", ""))),
        field=item["field"],
        literal=None if item.get("literal") is None else str(item["literal"]),
        confidence=item.get("confidence", "unknown"),
        candidates=list(item.get("candidates", ())),
        note=item.get("note"),
    )
