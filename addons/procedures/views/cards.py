"""What the overview tells of cases and tasks."""

from typing import Any

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from addons.procedures.models.case import STATES, Case
from addons.procedures.models.task import Task
from app.addon import card_chart, card_lines, clock, dashboard_card, db, format_moment, view_of
from app.addon import lazy_gettext as _l

MOST = 8


@dashboard_card("procedures.cases_by_state", _l("Cases by state"), "procedures.Case", icon="folder", sequence=20)
def cases_by_state() -> tuple[str, dict[str, Any]]:
    """How many cases are open and how many closed, of those that the person reads."""
    rows = select(Case.state, func.count()).where(Case.active).group_by(Case.state)
    counts: dict[str, int] = dict(db.session.execute(rows).all())
    states = [state for state in STATES if state in counts]
    figures = {_l("Cases"): [counts[state] for state in states]}
    return card_chart([STATES[state] for state in states], figures, kind="doughnut", none=_l("There is no case yet."))


@dashboard_card("procedures.late_tasks", _l("Late tasks"), "procedures.Task", icon="clock", sequence=10)
def late_tasks() -> tuple[str, dict[str, Any]]:
    """Tasks in work whose standard time is over, the latest first."""
    late = select(Task).where(Task.active, Task.state == "taken", Task.due_at < clock.now())
    late = late.options(joinedload(Task.case), joinedload(Task.step), joinedload(Task.offer))
    tasks = db.session.scalars(late.order_by(Task.due_at, Task.id).limit(MOST)).unique()
    view = view_of(Task)
    lines = [(task, view.url("show", pk=task.id), format_moment(task.due_at)) for task in tasks]
    more = url_for("procedures_my_work_page.index") if lines else None
    return card_lines(lines, none=_l("No task is late."), more=more)
