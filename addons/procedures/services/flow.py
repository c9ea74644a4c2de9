"""What begins after a step: the next one, steps beside it, and joins that wait until all ways have come in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from addons.procedures.models.case import Case
from addons.procedures.models.case_executor import CaseExecutor
from addons.procedures.models.optional_step import OptionalStep
from addons.procedures.models.parallel_step import ParallelStep
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.step_branch import StepBranch
from addons.procedures.models.task import Task
from app.addon import as_system, clock

HELD = "held"
UNDONE = (HELD, "waiting", "taken")


def begin(
    session: Session, case: Case, step: ProcedureStep, offer: OptionalStep | None = None, at: datetime | None = None
) -> None:
    """Hand out ``step`` at the moment ``at`` or now. A join is held until `release_joins` finds that every way has come
    in; it begins once, and arrives with the last way.
    """
    at, state = at or clock.now(), HELD if step.waits_for_all and offer is None else "waiting"
    if state == HELD:
        for task in undone_tasks(session, case):
            if task.step_id == step.id and not task.is_optional:
                task.arrived_at = max(task.arrived_at, at)
                return
    position_id = _position_in(session, case, step)
    session.add(Task(case=case, step=step, arrived_at=at, state=state, offer=offer, position_id=position_id))
    session.flush()


def release_joins(session: Session, case: Case, at: datetime | None = None) -> None:
    """Let the joins begin to which no open step leads any more, at the moment ``at`` or now, but not before a way came
    in. Two joins that wait for each other are a mistake of the procedure: the first begins, so that the case does not
    stand still.
    """
    while True:
        open_ones = [task for task in undone_tasks(session, case) if not task.is_optional]
        held = sorted((task for task in open_ones if task.state == HELD), key=lambda task: task.step.place)
        if not held:
            return
        ways = _ways_of(session, case)
        free = [task for task in held if not _awaited(task, open_ones, ways)]
        if not free and len(held) < len(open_ones):
            return
        for task in free or held[:1]:
            task.state, task.arrived_at = "waiting", max(task.arrived_at, at or clock.now())
        session.flush()


def undone_tasks(session: Session, case: Case) -> list[Task]:
    """The tasks of ``case`` that wait, are held or are worked on, whoever may read them."""
    with as_system(session, "whether a case is finished depends on all its tasks"):
        statement = select(Task).where(Task.case_id == case.id, Task.state.in_(UNDONE)).order_by(Task.id)
        return list(session.scalars(statement.options(joinedload(Task.step))))


def _position_in(session: Session, case: Case, step: ProcedureStep) -> int | None:
    """The position that does ``step`` in a case that was handed over; None where the procedure's own does."""
    wanted = (CaseExecutor.case_id == case.id, CaseExecutor.executor_id == step.executor_id)
    with as_system(session, "whoever does a step of a case does it, whoever may read that"):
        return session.scalar(select(CaseExecutor.position_id).where(*wanted))


def _awaited(join: Task, open_ones: Iterable[Task], ways: dict[int, set[int]]) -> bool:
    """Whether an open task still leads to the step of ``join``."""
    return any(join.step_id in _reached_from(task.step_id, ways) for task in open_ones if task is not join)


def _reached_from(step_id: int, ways: dict[int, set[int]]) -> set[int]:
    found: set[int] = set()
    ahead = [step_id]
    while ahead:
        for target in ways.get(ahead.pop(), set()) - found:
            found.add(target)
            ahead.append(target)
    return found


def _ways_of(session: Session, case: Case) -> dict[int, set[int]]:
    """Which steps follow which, by id."""
    with as_system(session, "whether a case is finished depends on all its tasks"):
        branches: Any = session.scalars(
            select(StepBranch)
            .join(ProcedureStep, ProcedureStep.id == StepBranch.step_id)
            .where(ProcedureStep.procedure_id == case.procedure_id)
            .options(selectinload(StepBranch.parallel_steps).load_only(ParallelStep.step_id))
        )
        ways: dict[int, set[int]] = {}
        for branch in branches:
            targets = {branch.next_step_id, *(item.step_id for item in branch.parallel_steps)} - {None}
            ways.setdefault(branch.step_id, set()).update(targets)
        return ways
