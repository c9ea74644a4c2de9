"""Handing a case over to another unit: its positions do what those of the former unit did."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from addons.organization.models.position import Position
from addons.organization.models.unit import Unit
from addons.procedures.models.case import Case
from addons.procedures.models.case_executor import CaseExecutor
from addons.procedures.models.handover import Handover
from addons.procedures.models.procedure_executor import ProcedureExecutor
from addons.procedures.services.case import CaseService
from addons.procedures.services.flow import undone_tasks
from addons.procedures.services.promise_clock import pauses_changed
from app.addon import Conflict, Invalid, as_system, has_words, read_text, require, today_here
from app.addon import lazy_gettext as _l

LONGEST = 5000
REASON = "a handover reaches all positions and tasks of the case"


def hand_over(session: Session, case: Case, unit: Unit | None, reason: Any) -> Handover:
    """Give ``case`` to ``unit``: what positions of the unit in charge would do there, positions of the new one do now.
    Raises `Forbidden`, `Conflict` for a case that ended, `Invalid` when unit or reason is missing.
    """
    service = CaseService()
    service.get(case.id, lock=True)
    require(Case, "hand_over", session, case)
    if case.state != "open":
        raise Conflict(_l("The case is closed."), code="case_closed")
    reason = read_text(reason, "reason", longest=LONGEST)
    _refuse_incomplete(case, unit, reason)
    with service.saving(case), as_system(session, REASON):
        written = Handover(case_id=case.id, from_unit_id=case.unit_id, to_unit_id=unit.id, reason=reason)  # type: ignore[union-attr]  # refused above
        session.add(written)
        session.flush()
        moved = _give_executors(session, case, unit)
        for task in undone_tasks(session, case):
            if task.step.executor_id in moved:
                task.position_id = moved[task.step.executor_id]
                _put_back(task, written.created_at)
        case.unit = unit
        session.flush()
        pauses_changed(case)
    return written


def handovers_of(session: Session, case: Case) -> list[Handover]:
    """The handovers of ``case``, oldest first."""
    return list(session.scalars(select(Handover).where(Handover.case_id == case.id).order_by(Handover.id)))


def _refuse_incomplete(case: Case, unit: Unit | None, reason: Any) -> None:
    errors: dict[str, list[Any]] = {}
    if unit is None:
        errors["unit"] = [_l("Choose the unit.")]
    elif unit.id == case.unit_id:
        errors["unit"] = [_l("The case is with this unit already.")]
    if not has_words(reason):
        errors["reason"] = [_l("Say why the case is handed over.")]
    if errors:
        raise Invalid(_l("The case cannot be handed over like this."), errors)


def _give_executors(session: Session, case: Case, unit: Any) -> dict[int, int]:
    """The new position by executor: of those whose position is in the former unit the one with the same title in
    ``unit``, else its head.
    """
    theirs = list(session.scalars(select(Position).where(Position.unit_id == unit.id, Position.active)))
    if not theirs:
        message = _l("The unit %(name)s has no positions that could do the tasks.", name=unit.name)
        raise Invalid(message, {"unit": [message]})
    ids = {item.id for item in theirs}
    head = min(theirs, key=lambda item: (item.superior_id in ids, item.id))
    by_title = {item.title: item for item in theirs}
    given = {
        item.executor_id: item for item in session.scalars(select(CaseExecutor).where(CaseExecutor.case_id == case.id))
    }
    moved = {}
    for executor in session.scalars(
        select(ProcedureExecutor).where(ProcedureExecutor.procedure_id == case.procedure_id)
    ):
        present = given[executor.id].position if executor.id in given else executor.position
        if present is None or present.unit_id != case.unit_id:
            continue
        position = by_title.get(present.title, head)
        if executor.id in given:
            given[executor.id].position = position
        else:
            session.add(CaseExecutor(case_id=case.id, executor_id=executor.id, position_id=position.id))
        moved[executor.id] = position.id
    return moved


def _put_back(task: Any, at: datetime) -> None:
    """Whom the former unit named is out of it. A task that somebody had taken waits again, paused or not; how long it
    had waited counts on.
    """
    for named in task.delegates:
        if not named.is_over(today_here()):
            named.ended_at = at
    if task.state == "taken":
        for pause in task.pauses:
            pause.ended_at = pause.ended_at or at
        task.paused_at, task.paused_seconds, task.reminded = None, 0, 0
        task.state, task.taken_at, task.taken_by_id, task.taken_as, task.due_at = "waiting", None, None, None, None
        task.waiting_seconds = None
