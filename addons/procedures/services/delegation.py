"""Naming a person for a task: a holder delegates it, or the head fills in where nobody holds the position today."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from addons.organization.models.holder import Holder
from addons.organization.models.position import Position
from addons.organization.services.holder import held_on, holders_of
from addons.procedures.models.case import Case
from addons.procedures.models.task import Task
from addons.procedures.models.task_delegate import TaskDelegate
from addons.procedures.services.assignee import in_force, my_position_ids
from addons.procedures.services.flow import UNDONE
from app.addon import (
    Conflict,
    Forbidden,
    Invalid,
    access_of,
    as_system,
    current_access,
    current_scope,
    has_words,
    read_text,
    require,
    today_here,
)
from app.addon import lazy_gettext as _l

LONGEST = 5000
REASON = "who can be named for a task follows from positions"


def is_vacant(session: Session, task: Task) -> bool:
    """Whether nobody holds the position of ``task`` today, so that it stands still until somebody is named."""
    position_id = task.position_wanted_id
    if task.state not in UNDONE or position_id is None or holders_of(position_id, today_here()):
        return False
    with as_system(session, REASON):
        named = select(TaskDelegate.id).where(TaskDelegate.task_id == task.id, in_force())
        return session.scalar(named.limit(1)) is None


def may_name(session: Session, task: Task) -> bool:
    """Whether the present person may name somebody for ``task``: who holds its position; while nobody does, who holds
    a position above it, or has the right on every task (``delegate`` on what is not theirs: administrators).
    """
    if task.state not in UNDONE or task.case.state != "open" or not current_access().may(Task, "delegate"):
        return False
    positions = my_position_ids(session)
    if task.position_wanted_id in positions:
        return True
    if task.position_wanted_id is not None and holders_of(task.position_wanted_id, today_here()):
        return False
    return current_access().may(Case, "hand_over") or bool(positions & _above(session, task.position_wanted_id))


def people_for(session: Session, task: Task) -> list[tuple[int, str]]:
    """Whom a task can be given to: people with a position in the unit of its position (or of the head above, when the
    unit has nobody else) who may do tasks; id and name.
    """
    with as_system(session, REASON):
        position = session.get(Position, task.position_wanted_id) if task.position_wanted_id else None
        if position is None:
            return []
        found = _in_unit(session, position.unit_id)
        if not found and position.superior is not None:
            found = _in_unit(session, position.superior.unit_id)
    return [(user_id, name) for user_id, name in found.items() if access_of(user_id).may(Task, "done")]


def name_person(session: Session, task: Task, user_id: int | None, until: date | None, reason: Any) -> TaskDelegate:
    """Let a person of the unit do ``task`` until a day (inclusive). Raises `Forbidden`, `Conflict` for a task that is
    over, `Invalid` for what is missing.
    """
    session.execute(select(Case.id).where(Case.id == task.case_id).with_for_update())
    session.refresh(task, with_for_update={"of": Task})
    require(Task, "delegate", session, task)
    if task.state not in UNDONE or task.case.state != "open":
        raise Conflict(_l("This task was already done."), code="state_changed")
    if not may_name(session, task):
        raise Forbidden(
            _l("Only a holder of the position names somebody for this task, or the head while nobody holds it."),
            code="not_executor",
        )
    reason = read_text(reason, "reason", longest=LONGEST)
    _refuse_incomplete(session, task, user_id, until, reason)
    named = TaskDelegate(task_id=task.id, user_id=user_id, date_to=until, reason=reason)
    session.add(named)
    session.flush()
    return named


def delegates_of(session: Session, tasks: list[Task]) -> list[TaskDelegate]:
    """Who was named for ``tasks``, oldest first."""
    statement = select(TaskDelegate).where(TaskDelegate.task_id.in_([task.id for task in tasks]))
    return list(session.scalars(statement.order_by(TaskDelegate.id)))


def _refuse_incomplete(session: Session, task: Task, user_id: Any, until: Any, reason: Any) -> None:
    errors: dict[str, list[Any]] = {}
    if user_id not in {person for person, _name in people_for(session, task)}:
        errors["user"] = [_l("Choose a person of the unit who may do tasks.")]
    if until is None or until < today_here():
        errors["until"] = [_l("Enter the last day, today or later.")]
    if not has_words(reason):
        errors["reason"] = [_l("Say why somebody else does the task.")]
    if errors:
        raise Invalid(_l("Nobody was named yet."), errors)


def _in_unit(session: Session, unit_id: int) -> dict[int, str]:
    statement = (
        select(Holder)
        .join(Position, Position.id == Holder.position_id)
        .where(Position.unit_id == unit_id, Position.active, held_on(today_here()))
        .order_by(Holder.id)
    )
    scope = current_scope(session)
    me = scope.user_id if scope is not None else None
    return {item.user_id: str(item.user) for item in session.scalars(statement) if item.user_id != me}


def _above(session: Session, position_id: int | None) -> set[int]:
    """The positions above one, up to the top."""
    found: set[int] = set()
    with as_system(session, REASON):
        position = session.get(Position, position_id) if position_id else None
        while position is not None and position.superior_id is not None and position.superior_id not in found:
            found.add(position.superior_id)
            position = position.superior
    return found
