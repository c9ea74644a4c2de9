"""Who does a task: the holders of its position today, acting officials among them, and whom somebody named for it."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from addons.organization.models.holder import Holder
from addons.organization.models.position import Position
from addons.organization.services.holder import held_on, positions_of
from addons.procedures.models.procedure_executor import ProcedureExecutor
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.task import OPEN_TASKS, Task
from addons.procedures.models.task_delegate import TaskDelegate
from app.addon import as_system, current_scope, today_here


def my_position_ids(session: Any) -> set[int]:
    """The ids of the positions that the present person holds today in the active institution."""
    scope = current_scope(session)
    if scope is None or scope.user_id is None:
        return set()
    return {position.id for position in positions_of(scope.user_id, today_here())}


def is_assignee(session: Session, task: Task) -> bool:
    """Whether the present person does ``task``: holds its position today, or was named for it."""
    return task.position_wanted_id in my_position_ids(session) or is_delegate(session, task)


def own_open_tasks(session: Session, tasks: Iterable[Task]) -> list[Task]:
    """Those of ``tasks`` that wait for the present person or are in their hands; closed cases have none."""
    found = [task for task in tasks if task.state in OPEN_TASKS and task.case.state == "open"]
    scope = current_scope(session)
    if not found or scope is None or scope.user_id is None:
        return []
    held = select(Holder.position_id).where(Holder.user_id == scope.user_id, held_on(today_here()))
    position_ids = select(Position.id).where(Position.active, Position.id.in_(held))
    mine = or_(of_positions(position_ids), named_for(scope.user_id).where(TaskDelegate.task_id == Task.id))
    statement = select(Task.id).join(Task.step).join(ProcedureStep.executor).where(mine)
    with as_system(session, "who holds a position or was named for a task may do it"):
        ids = set(session.scalars(statement.where(Task.id.in_([task.id for task in found]))))
    return [task for task in found if task.id in ids]


def is_delegate(session: Session, task: Task) -> bool:
    """Whether the present person was named for ``task`` and the time is not over."""
    scope = current_scope(session)
    if scope is None or scope.user_id is None:
        return False
    with as_system(session, "who was named for a task may do it"):
        return bool(session.scalar(select(named_for(scope.user_id).where(TaskDelegate.task_id == task.id))))


def for_me(session: Session) -> ColumnElement[bool]:
    """The condition on `Task`, joined to `ProcedureExecutor`, that it is one for the present person."""
    scope, by_position = current_scope(session), of_positions(my_position_ids(session))
    if scope is None or scope.user_id is None:
        return by_position
    return or_(by_position, named_for(scope.user_id).where(TaskDelegate.task_id == Task.id))


def of_positions(position_ids: Any) -> ColumnElement[bool]:
    """The condition on `Task`, joined to `ProcedureExecutor`, that it waits for one of these positions: ids, or a
    statement that selects them.
    """
    handed_over = Task.position_id.in_(position_ids)
    return or_(handed_over, and_(Task.position_id.is_(None), ProcedureExecutor.position_id.in_(position_ids)))


def named_for(user_id: int) -> Any:
    """Whether ``user_id`` was named for a task that is not over by now; narrow it to the task."""
    return exists().where(TaskDelegate.user_id == user_id, in_force())


def in_force() -> ColumnElement[bool]:
    """The condition on `TaskDelegate` that it holds today."""
    return and_(TaskDelegate.ended_at.is_(None), TaskDelegate.date_to >= today_here())
