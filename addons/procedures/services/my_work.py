"""What waits for the person who is signed in."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from addons.organization.services.holder import positions_of
from addons.procedures.models.case import Case
from addons.procedures.models.procedure_executor import ProcedureExecutor
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.task import Task
from addons.procedures.services.case import OPEN_TASKS
from app.addon import (
    current_scope,
    today_here,
)


def my_position_ids(session: Any) -> set[int]:
    """The ids of the positions that the present person holds today in the active institution."""
    scope = current_scope(session)
    if scope is None or scope.user_id is None:
        return set()
    return {position.id for position in positions_of(scope.user_id, today_here())}


def my_tasks(session: Any) -> list[Task]:
    """The tasks that wait for the present person or were taken for the positions they hold, oldest first."""
    positions = my_position_ids(session)
    if not positions:
        return []
    statement = (
        select(Task)
        .join(ProcedureStep, Task.step_id == ProcedureStep.id)
        .join(ProcedureExecutor, ProcedureStep.executor_id == ProcedureExecutor.id)
        .where(Task.state.in_(OPEN_TASKS), Task.active, ProcedureExecutor.position_id.in_(positions))
        .order_by(Task.arrived_at, Task.id)
        .options(
            selectinload(Task.case).selectinload(Case.partner),
            selectinload(Task.step).selectinload(ProcedureStep.executor),
            selectinload(Task.taken_by),
        )
        .limit(200)
    )
    return list(session.scalars(statement))
