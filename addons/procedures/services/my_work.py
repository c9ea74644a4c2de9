"""What waits for the person who is signed in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from addons.procedures.models.case import Case
from addons.procedures.models.procedure_executor import ProcedureExecutor
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.task import Task
from addons.procedures.services.assignee import for_me, my_position_ids
from addons.procedures.services.case import OPEN_TASKS
from app.addon import current_access


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A record that waits beside the tasks: what it is about, and the last day for it."""

    record: Any
    text: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class WorkSection:
    """Records of ``model`` that wait for the holders of positions; ``find(session, position ids)`` gives them."""

    title: Any
    model: Any
    find: Callable[[Any, set[int]], list[WorkItem]]


_sections: list[WorkSection] = []


def work_section(title: Any, model: Any) -> Callable[[Any], Any]:
    """Register what else waits on "my work", for those who may read ``model``."""

    def register(find: Callable[[Any, set[int]], list[WorkItem]]) -> Any:
        _sections.append(WorkSection(title, model, find))
        return find

    return register


def my_sections(session: Any) -> list[tuple[WorkSection, list[WorkItem]]]:
    """What waits for the present person beside tasks, by section; empty ones are left out."""
    positions, access = my_position_ids(session), current_access()
    if not positions:
        return []
    found = [(item, item.find(session, positions)) for item in _sections if access.may(item.model, "read")]
    return [(section, items) for section, items in found if items]


def my_tasks(session: Any) -> list[Task]:
    """The tasks that wait for the present person or were taken for the positions they hold, or for which they
    were named; oldest first."""
    statement = (
        select(Task)
        .join(ProcedureStep, Task.step_id == ProcedureStep.id)
        .join(ProcedureExecutor, ProcedureStep.executor_id == ProcedureExecutor.id)
        .where(Task.state.in_(OPEN_TASKS), Task.active, for_me(session))
        .order_by(Task.due_at.asc().nulls_last(), Task.arrived_at, Task.id)
        .options(
            joinedload(Task.case).joinedload(Case.partner),
            contains_eager(Task.step).contains_eager(ProcedureStep.executor),
            joinedload(Task.taken_by),
            joinedload(Task.offer),
        )
        .limit(200)
    )
    return list(session.scalars(statement))
