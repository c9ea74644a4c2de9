"""The list of "my work": narrowed by position and urgency, with what each task asks for; and the team of a head."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from addons.organization.models.position import Position
from addons.organization.services.holder import positions_of
from addons.procedures.models.case import Case
from addons.procedures.models.procedure_executor import ProcedureExecutor
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.task import OPEN_TASKS, Task
from addons.procedures.services.assignee import my_position_ids
from app.addon import as_system, clock, current_scope, today_here
from app.addon import lazy_gettext as _l

SHOWN = 100
"""How many tasks a page shows; the most pressing come first."""
SHOWS = {
    "": _l("Everything"),
    "late": _l("Late"),
    "mine": _l("I am working on"),
    "waiting": _l("Waiting"),
    "paused": _l("Paused"),
}


@dataclass(frozen=True, slots=True)
class WorkList:
    """The tasks of some positions, the most pressing first; ``more`` when there are further ones."""

    tasks: list[Task]
    more: bool


def my_positions(session: Session) -> list[Position]:
    """The positions that the present person holds today."""
    scope = current_scope(session)
    return positions_of(scope.user_id, today_here()) if scope is not None and scope.user_id is not None else []


def work_of(session: Session, condition: ColumnElement[bool], show: str = "") -> WorkList:
    """The open tasks for which ``condition`` holds (on `Task` joined to `ProcedureExecutor`), by their due moment;
    those without one by arrival.
    """
    statement = (
        select(Task)
        .join(ProcedureStep, Task.step_id == ProcedureStep.id)
        .join(ProcedureExecutor, ProcedureStep.executor_id == ProcedureExecutor.id)
        .where(Task.state.in_(OPEN_TASKS), Task.active, condition, *_shown(session, show))
        .order_by(Task.due_at.asc().nulls_last(), Task.arrived_at, Task.id)
        .options(
            joinedload(Task.case).joinedload(Case.partner),
            contains_eager(Task.step).contains_eager(ProcedureStep.executor),
            contains_eager(Task.step).selectinload(ProcedureStep.papers),
            contains_eager(Task.step).selectinload(ProcedureStep.outputs),
            contains_eager(Task.step).selectinload(ProcedureStep.branches),
            joinedload(Task.taken_by),
            joinedload(Task.offer),
        )
        .limit(SHOWN + 1)
    )
    tasks = list(session.scalars(statement))
    return WorkList(tasks[:SHOWN], len(tasks) > SHOWN)


def team_positions(session: Session) -> list[Position]:
    """The positions under those that the present person holds, at whatever depth, in the order of their titles."""
    mine = my_position_ids(session)
    if not mine:
        return []
    with as_system(session, "who leads whom follows from positions, also for people who may not read them"):
        positions = list(session.scalars(select(Position).where(Position.active).order_by(Position.title)))
    found: set[int] = set()
    above = set(mine)
    while above:
        above = {item.id for item in positions if item.superior_id in above} - found - mine
        found |= above
    return [item for item in positions if item.id in found]


def is_simple(task: Task) -> bool:
    """Whether a task can be finished without a look at it: no paper to tick, no output, nothing to choose or to say."""
    step = task.step
    if task.is_optional:
        return not any(output.is_mandatory for output in task.wanted_outputs) and not _has_papers(task)
    plain = len(step.branches) == 1 and not step.branches[0].needs_remark
    plain = plain and not step.may_repeat and step.branches[0].condition is None
    return plain and not _has_papers(task) and not any(output.is_mandatory for output in step.outputs)


def _has_papers(task: Task) -> bool:
    return any(paper.is_mandatory for paper in task.step.papers)


def _shown(session: Session, show: str) -> list[Any]:
    scope = current_scope(session)
    conditions: dict[str, list[Any]] = {
        "late": [and_(Task.state == "taken", Task.due_at < clock.now())],
        "mine": [Task.taken_by_id == (scope.user_id if scope else None)],
        "waiting": [Task.state == "waiting"],
        "paused": [Task.paused_at.is_not(None)],
    }
    return conditions.get(show, [])
