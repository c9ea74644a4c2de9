"""Papers of a case: the record of how it was carried out, and forms of its steps to be filled in by hand."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from addons.procedures.models.case import STATES, Case
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.task import STATES as TASK_STATES
from addons.procedures.models.task import Task
from addons.procedures.models.task_output import TaskOutput
from addons.procedures.models.task_paper import TaskPaper
from addons.procedures.services.task import outputs_of
from addons.procedures.services.timeline import figures_of
from app.addon import (
    Printed,
    clock,
    db,
    format_duration,
    format_moment,
    official_language,
    render_pdf,
    seen,
)
from app.addon import gettext as _

RECORD, FORM = "procedures.case_record", "procedures.task_form"


def case_record(case: Case) -> Printed:
    """What was done in ``case``, step by step, as far as whoever prints may see it."""
    with official_language():
        return render_pdf(RECORD, record_of(case, tasks_in(case)), f"{_('Execution record')} {case.number}")


def blank_form(task: Task) -> Printed:
    """The form of a step, to be filled in by hand and entered later."""
    with official_language():
        return render_pdf(FORM, form_of(task), f"{_('Form')} {task.case.number} {task.step.key}")


def record_of(case: Case, tasks: Sequence[Task]) -> dict[str, Any]:
    """What stands on the execution record."""
    figures, papers, outputs = figures_of(tasks), _papers(tasks), outputs_of(db.session(), list(tasks))
    whole = {name: format_duration(getattr(figures, name), in_days=False) or "-" for name in ("waiting", "handling")}
    return {
        "title": _("Execution record"),
        "number": case.number,
        "procedure": f"{case.procedure.title} ({case.procedure.code})",
        "printed": _("printed on %(moment)s", moment=format_moment(clock.now())),
        "head": _pairs(
            (_("Case number"), case.number),
            (_("Subject"), case.title),
            (_("Partner"), str(case.partner or "-")),
            (_("State"), str(STATES[case.state])),
            (_("Opened at"), format_moment(case.opened_at)),
            (_("Closed at"), format_moment(case.closed_at) or "-"),
        ),
        "columns": _columns(),
        "rows": [_row(task, papers.get(task.id, set()), outputs.get(task.id, [])) for task in tasks],
        "summary": _("Waited %(waiting)s, handled in %(handling)s; times are counted as the procedure says.", **whole),
    }


def form_of(task: Task) -> dict[str, Any]:
    """What stands on the form of a step."""
    step, case = task.step, task.case
    choices = [branch.label for branch in step.branches if branch.label]
    parts = [
        (_("Papers"), [_named(item.name, item.is_mandatory) for item in step.papers]),
        (_("Outputs"), [_named(item.name, item.is_mandatory) for item in task.wanted_outputs]),
        (step.question or _("Choice"), choices if len(choices) > 1 and not task.is_optional else []),
    ]
    return {
        "title": _("Form of step %(key)s", key=step.key),
        "procedure": f"{case.procedure.title} ({case.procedure.code})",
        "executor": step.executor.name,
        "head": _pairs(
            (_("Case number"), case.number),
            (_("Subject"), case.title),
            (_("Partner"), str(case.partner or "-")),
            (_("Activity"), task.title),
            (_("Executor"), step.executor.name),
            (_("Standard time"), step.standard_time or "-"),
            (_("Arrived at"), format_moment(task.arrived_at)),
        ),
        "parts": [{"title": title, "items": items} for title, items in parts if items],
        "times": [_("Begun on"), _("Done on")],
        "words": {
            "times": _("Times"),
            "hour": _("at"),
            "remark": _("Remark"),
            "later": _("Enter this form in Sinergi later with these times; the step keeps the mark “late entry”."),
        },
    }


def tasks_in(case: Case) -> list[Task]:
    """The tasks of ``case`` in their order, with what a paper shows of them."""
    statement = (
        select(Task)
        .where(Task.case_id == case.id)
        .order_by(Task.id)
        .options(
            joinedload(Task.step).joinedload(ProcedureStep.executor),
            joinedload(Task.taken_by),
            joinedload(Task.finished_by),
        )
    )
    return list(db.session.scalars(statement))


def _columns() -> list[str]:
    return [
        _("No."), _("Activity"), _("Executor"), _("Times"), _("Durations"), _("Papers"), _("Output"), _("Remark"),
    ]  # fmt: skip


def _papers(tasks: Sequence[Task]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    statement = select(TaskPaper.task_id, TaskPaper.paper_id).where(TaskPaper.task_id.in_([task.id for task in tasks]))
    for task_id, paper_id in db.session.execute(statement):
        found.setdefault(task_id, set()).add(paper_id)
    return found


def _row(task: Task, ticked: set[int], outputs: list[tuple[TaskOutput, Any]]) -> dict[str, str]:
    shown = seen(task)
    who = task.finisher if task.state in ("done", "skipped") and task.finished_by else task.taker
    moments = (
        (_("Arrived"), shown.arrived_at),
        (_("Taken"), shown.taken_at),
        (_("Done") if task.state == "done" else _("Skipped"), shown.done_at),
    )
    marks = [_("late entry")] if task.entered_late_at else []
    return {
        "key": task.step.key,
        "activity": "\n".join([task.title.split(". ", 1)[-1], str(TASK_STATES[task.state]), *marks]),
        "who": "\n".join(part for part in (task.step.executor.name, who) if part),
        "times": "\n".join(f"{name} {format_moment(moment)}" for name, moment in moments if moment is not None),
        "durations": "\n".join(_durations(task)),
        "papers": "\n".join(f"{'☑' if item.id in ticked else '☐'} {item.name}" for item in task.step.papers),
        "outputs": "\n".join(f"{link.output.name}: {found or _('(not visible to you)')}" for link, found in outputs),
        "remark": "\n".join(part for part in (task.choice, shown.remark or "") if part),
    }


def _durations(task: Task) -> list[str]:
    lines = [
        (_("Waited"), task.waiting_seconds),
        (_("Handled"), task.handling_seconds),
        (_("Paused"), task.paused_seconds or None),
    ]
    told = [f"{name} {format_duration(value, in_days=False)}" for name, value in lines if value is not None]
    told += [_("Standard time %(time)s", time=task.step.standard_time)] if task.step.standard_time else []
    return [*told, *([_("over the standard time")] if task.is_over_standard else [])]


def _pairs(*rows: tuple[str, str]) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for label, value in rows]


def _named(name: str, mandatory: bool) -> str:
    return name if mandatory else _("%(name)s (if used)", name=name)
