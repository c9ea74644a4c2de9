"""Gates: what joined a case waits for the step that its procedure put before it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from addons.procedures.models.case import Case
from addons.procedures.models.joins_case import JoinsCase
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.step_gate import StepGate
from addons.procedures.models.task import Task
from addons.procedures.services.condition import condition_words, holds
from app.addon import Conflict, Transition, as_system, db, models, on
from app.addon import gettext as _
from app.addon import lazy_gettext as _l


@on("kernel.before_transition")
def refuse_before_step(record: Any, transition: Transition) -> None:
    """A transition that waits for a step of the record's case is refused, with the step's name, until it is done."""
    if not isinstance(record, JoinsCase) or record.case is None:
        return
    session = db.session()
    for step in _steps_before(session, record, transition.name):
        if not _was_done(session, record.case, step):
            message = _l(
                "“%(transition)s” has to wait: in case %(number)s step %(key)s “%(activity)s” is not done yet.",
                transition=transition.label,
                number=record.case.number,
                key=step.key,
                activity=step.activity,
            )
            raise Conflict(message, code="gate_closed")


def _steps_before(session: Session, record: Any, transition: str) -> list[ProcedureStep]:
    """The steps of the case's procedure that keep ``record`` from ``transition``. What a condition cannot tell waits,
    too: a gate is no gate when it stands open in doubt.
    """
    with as_system(session, "gates hold for everybody, whoever may read the procedure"):
        gates = session.scalars(
            select(StepGate)
            .join(StepGate.step)
            .where(
                ProcedureStep.procedure_id == record.case.procedure_id,
                StepGate.model == record.__model_key__,
                StepGate.transition == transition,
            )
            .order_by(ProcedureStep.place)
        ).all()
        return [
            gate.step for gate in gates if not gate.condition or holds(session, gate.condition, record) is not False
        ]


def _was_done(session: Session, case: Case, step: ProcedureStep) -> bool:
    with as_system(session, "gates hold for everybody, whoever may read the procedure"):
        statement = select(Task.id).where(Task.case_id == case.id, Task.step_id == step.id, Task.state == "done")
        return session.scalar(statement.limit(1)) is not None


def gate_words(gate: StepGate) -> str:
    """The gate for people: ``Before “Put into force” of Agreement (Kind: MoU)``."""
    return gate_item_words({"model": gate.model, "transition": gate.transition, "condition": gate.condition})


def gate_item_words(gate: Mapping[str, Any]) -> str:
    """The same of a gate as documents tell it. What an addon that is not installed brings keeps its technical names."""
    model, condition = models.get(gate["model"]), gate.get("condition")
    steps = {step.name: step.label for step in getattr(model, "__transitions__", ())}
    words = _(
        "Comes before “%(transition)s” of %(kind)s",
        transition=steps.get(gate["transition"], gate["transition"]),
        kind=model.__title__ if model is not None else gate["model"],
    )
    if not condition:
        return words
    if model is None:
        return f"{words} ({condition['field']} {condition['operator']} {condition['value']})"
    return f"{words} ({condition_words(condition, model)})"
