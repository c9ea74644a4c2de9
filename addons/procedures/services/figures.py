"""Figures of procedures: how long steps take, how often in time, where cases wait. Percentiles are PostgreSQL's.

Times are handling times as the clock of tasks counted them; a step without a standard is neither in time nor late.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session, joinedload

from addons.procedures.models.case import Case
from addons.procedures.models.procedure import PUBLISHED, Procedure
from addons.procedures.models.procedure_executor import ProcedureExecutor
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.task import OPEN_TASKS, Task
from app.addon import current_scope, require

GROUPS = ("procedure", "step", "executor", "month")
HOTTEST = 4
"""The highest degree of heat; 0 is cold."""


@dataclass(frozen=True, slots=True)
class Period:
    """The days from ``first`` to ``last``, both included, in the institution's zone; None: without an end."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: ``key`` is what it is about. Minutes are rounded to one place; None where nothing was counted."""

    key: str
    label: str
    cases: int
    tasks: int
    median_minutes: float | None
    p90_minutes: float | None
    waited_minutes: float | None
    on_time_percent: float | None
    returns: int
    late_entries: int
    waiting_now: int

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def figures(session: Session, code: str, by: str, period: Period = Period()) -> list[Figure]:
    """The figures of the procedure ``code`` in all its editions, done in ``period``, one line for each of ``by``."""
    require(Task, "read", session)
    visits = _visits(session, code, period).subquery()
    key = {"procedure": visits.c.code, "step": visits.c.step, "executor": visits.c.executor, "month": visits.c.month}[
        by
    ]
    minutes = visits.c.handling / 60.0
    on_time = func.count().filter(visits.c.handling <= 60 * visits.c.standard)
    measured = func.count().filter(and_(visits.c.standard.is_not(None), visits.c.handling.is_not(None)))
    rows = session.execute(
        select(
            key.label("key"),
            func.count(visits.c.case_id.distinct()),
            func.count(),
            func.percentile_cont(0.5).within_group(minutes),
            func.percentile_cont(0.9).within_group(minutes),
            func.percentile_cont(0.5).within_group(visits.c.waited / 60.0),
            on_time,
            measured,
            func.count().filter(visits.c.visit > 1),
            func.count().filter(visits.c.entered_late_at.is_not(None)),
        ).group_by(key)
    ).all()
    found = {str(row[0]): row for row in rows}
    waiting = waiting_now(session, code, by)
    labels = _labels(session, code, by)
    keys = _in_order(set(found) | set(waiting), labels)
    return [_figure(item, labels.get(item, item), found.get(item), waiting.get(item, 0)) for item in keys]


def waiting_now(session: Session, code: str, by: str) -> dict[str, int]:
    """How many tasks of open cases wait or are in work at this moment, by the key of ``by``; months have none."""
    if by == "month":
        return {}
    key = {"procedure": Procedure.code, "step": ProcedureStep.key, "executor": ProcedureExecutor.name}[by]
    statement = _joined(select(key, func.count())).where(
        Procedure.code == code, Task.state.in_(OPEN_TASKS), Case.state == "open", Task.active
    )
    return {str(name): count for name, count in session.execute(statement.group_by(key))}


def step_heat(session: Session, code: str, lines: Sequence[Figure]) -> dict[str, int]:
    """How hot each step of ``code`` is, 0 to `HOTTEST`, by its key: how far the 90th percentile is beyond what may be.

    ``lines`` are its figures by step. What may be is the standard time; steps without one are compared with the
    slowest of the procedure.
    """
    standards = _standards(session, code)
    slowest = max((line.p90_minutes or 0 for line in lines), default=0)
    return {line.key: _heat(line.p90_minutes, standards.get(line.key), slowest) for line in lines}


def tasks_behind(session: Session, code: str, by: str, key: str, period: Period, *, now: bool = False) -> list[Task]:
    """The tasks behind a figure, the slowest first; with ``now`` those that wait at this moment, the oldest first."""
    require(Task, "read", session)
    statement = _joined(select(Task)).where(Procedure.code == code)
    if now:
        statement = statement.where(Task.state.in_(OPEN_TASKS), Case.state == "open", Task.active)
        statement = statement.order_by(Task.arrived_at)
    else:
        statement = statement.where(*_done_in(session, period)).order_by(
            Task.handling_seconds.desc().nulls_last(), Task.id
        )
    value = {
        "procedure": Procedure.code,
        "step": ProcedureStep.key,
        "executor": ProcedureExecutor.name,
        "month": _month(session),
    }[by]
    options = (joinedload(Task.case), joinedload(Task.step), joinedload(Task.offer), joinedload(Task.taken_by))
    return list(session.scalars(statement.where(value == key).options(*options).limit(200)))


def _visits(session: Session, code: str, period: Period) -> Select[Any]:
    """The tasks of ``code`` that were done in ``period``, each with the number of its visit to the step."""
    earlier = select(Task.id, func.row_number().over(partition_by=(Task.case_id, Task.step_id), order_by=Task.id))
    numbered = earlier.where(Task.offer_id.is_(None), Task.state.in_((*OPEN_TASKS, "done"))).subquery()
    statement = select(
        Task.case_id.label("case_id"),
        Procedure.code.label("code"),
        ProcedureStep.key.label("step"),
        ProcedureExecutor.name.label("executor"),
        _month(session).label("month"),
        Task.handling_seconds.label("handling"),
        Task.waiting_seconds.label("waited"),
        Task.entered_late_at.label("entered_late_at"),
        case((Task.offer_id.is_(None), ProcedureStep.standard_minutes)).label("standard"),
        func.coalesce(numbered.c[1], 1).label("visit"),
    )
    return (
        _joined(statement)
        .outerjoin(numbered, numbered.c.id == Task.id)
        .where(Procedure.code == code, *_done_in(session, period))
    )


def _joined(statement: Select[Any]) -> Select[Any]:
    return (
        statement.select_from(Task)
        .join(Case, Case.id == Task.case_id)
        .join(ProcedureStep, ProcedureStep.id == Task.step_id)
        .join(ProcedureExecutor, ProcedureExecutor.id == ProcedureStep.executor_id)
        .join(Procedure, Procedure.id == ProcedureStep.procedure_id)
    )


def _done_in(session: Session, period: Period) -> list[Any]:
    parts: list[Any] = [Task.state == "done", Task.active]
    if period.first is not None:
        parts.append(Task.done_at >= datetime.combine(period.first, time.min, _zone(session)))
    if period.last is not None:
        parts.append(Task.done_at < datetime.combine(period.last + timedelta(days=1), time.min, _zone(session)))
    return parts


def _zone(session: Session) -> ZoneInfo:
    scope = current_scope(session)
    return ZoneInfo(scope.timezone if scope else "Asia/Jakarta")


def _month(session: Session) -> Any:
    return func.to_char(func.timezone(_zone(session).key, Task.done_at), "YYYY-MM")


def _labels(session: Session, code: str, by: str) -> dict[str, str]:
    """What the keys are called, in the order of the procedure; the words are those of its newest version that was ever
    in force: those of a draft are nobody's yet.
    """
    if by == "step":
        columns = (ProcedureStep.key, ProcedureStep.activity)
    elif by == "procedure":
        columns = (Procedure.code, Procedure.title)
    else:
        return {}
    statement = select(*columns).select_from(Procedure).where(Procedure.code == code, Procedure.state.in_(PUBLISHED))
    statement = statement.order_by(Procedure.edition)
    if by == "step":
        statement = statement.join(ProcedureStep, ProcedureStep.procedure_id == Procedure.id)
        statement = statement.order_by(ProcedureStep.place)
    return {str(key): str(label) for key, label in session.execute(statement)}


def _standards(session: Session, code: str) -> dict[str, int | None]:
    statement = (
        select(ProcedureStep.key, ProcedureStep.standard_minutes)
        .join(Procedure, Procedure.id == ProcedureStep.procedure_id)
        .where(Procedure.code == code, Procedure.state.in_(PUBLISHED))
        .order_by(Procedure.edition)
    )
    return {str(key): minutes for key, minutes in session.execute(statement)}


def _in_order(keys: set[str], labels: dict[str, str]) -> list[str]:
    known = [key for key in labels if key in keys]
    return [*known, *sorted(keys - set(known))]


def _figure(key: str, label: str, row: Sequence[Any] | None, waiting: int) -> Figure:
    if row is None:
        return Figure(key, label, 0, 0, None, None, None, None, 0, 0, waiting)
    percent = 100 * row[6] / row[7] if row[7] else None
    numbers = [None if value is None else round(float(value), 1) for value in (*row[3:6], percent)]
    return Figure(key, label, row[1], row[2], numbers[0], numbers[1], numbers[2], numbers[3], row[8], row[9], waiting)


def _heat(minutes: float | None, standard: int | None, slowest: float) -> int:
    if not minutes:
        return 0
    if standard:
        return min(HOTTEST, sum(minutes > standard * share for share in (0.75, 1, 1.5, 3)))
    return min(HOTTEST - 1, round(minutes / slowest * (HOTTEST - 1))) if slowest else 0
