"""Screens of tasks: what is expected, what was given, and the way to finish one."""

from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import select

from addons.organization.services.working_calendar import CLOCK_MODES
from addons.partners.models.partner import Partner
from addons.procedures.models.joins_case import joining_models
from addons.procedures.models.step_output import StepOutput
from addons.procedures.models.task import OPEN_TASKS, Task
from addons.procedures.models.task_paper import TaskPaper
from addons.procedures.models.task_pause import REASONS
from addons.procedures.services.assignee import own_open_tasks
from addons.procedures.services.case import done_words
from addons.procedures.services.case_print import blank_form
from addons.procedures.services.late_entry import read_moment
from addons.procedures.services.procedure_words import states_of_kind
from addons.procedures.services.revisit import given_before
from addons.procedures.services.task import TaskService, outputs_of
from addons.procedures.services.way import way_words, ways_of
from addons.procedures.views.case import tasks_of
from app.addon import (
    Board,
    Calendar,
    Graph,
    ModelView,
    PageView,
    Pivot,
    Print,
    SinergiError,
    attach_files,
    current_access,
    db,
    local,
    record_panel,
    route,
    view_of,
)
from app.addon import gettext as _
from app.addon import lazy_gettext as _l

EXPECTED = ("papers", "outputs", "choices")
"""What a program reads of a task to know what it must send."""


COURSE = (
    "arrived_at", "taken_at", "taken_by", "taken_as", "paused_at", "due_at", "done_at", "finisher", "finished_as",
    "entered_late_at", "waiting_seconds", "handling_seconds", "paused_seconds",
)  # fmt: skip
"""What tells how a task went: who in which capacity, and when; durations in seconds of office hours."""


class TaskView(ModelView):
    """A task: what is expected, what was given, and the way to finish it."""

    model = Task
    resource = "task"
    icon = "checklist"
    sequence = 20
    list_columns = ("title", "case", "state", "arrived_at", "taken_at", "done_at")
    form_columns = ("remark",)
    show_columns = ("case", "step", *COURSE, "choice", "remark", *EXPECTED)
    search_columns = ("case.number", "case.title", "step.activity")
    filter_columns = ("state", "case", "arrived_at")
    order_columns = ("arrived_at", "done_at")
    default_order = "-arrived_at"
    attachments = True
    eager = ("step", "offer")
    may_add = False
    may_edit = False
    show_template = "procedures/task.html"
    modes = (Board(("case", "due_at")), Calendar("due_at"), Graph("state"), Pivot("state", "arrived_at"))
    prints = (
        Print("form", _l("Form to be filled in by hand"), blank_form, offered=lambda task: task.state in OPEN_TASKS),
    )

    def show_values(self, record: Task) -> dict[str, Any]:
        """Papers, outputs with what could be linked, branches, and whether this person may act."""
        return task_values(record)


@record_panel("procedures.Task", "pauses", _l("Pauses"))
def pauses_of(task: Task) -> Any:
    """When and why the task was paused."""
    return ("procedures/pauses.html", {"pauses": task.pauses}) if task.pauses else None


def task_values(
    task: Task, *, typed: Any = None, refusal: SinergiError | None = None, late: bool = False
) -> dict[str, Any]:
    """What the page of ``task`` shows; ``typed`` is a form that was refused, ``late`` asks for the times on paper."""
    service = TaskService()
    acts = task.state in OPEN_TASKS and task.case.state == "open" and service.may_act(task)
    finishing = acts and (task.state == "taken" or late)
    access = current_access()
    return {
        "acts": acts,
        "may_take": acts and access.may(Task, "take"),
        "may_skip": acts and task.is_optional and access.may(Task, "skip"),
        "before": _before(task) if task.state in OPEN_TASKS else None,
        "given_before": given_before(db.session(), task) if finishing else {},
        "may_finish": acts and access.may(Task, "done"),
        "may_pause": acts and task.state == "taken" and access.may(Task, "pause"),
        "may_enter_late": acts and task.paused_at is None and access.may(Task, "enter_late"),
        "late": late,
        "pause_reasons": REASONS,
        "clock_modes": CLOCK_MODES,
        "times": _times(task, typed) if late else {},
        "ways": ways_of(db.session(), task) if finishing and not task.is_optional else None,
        "choices": {output.id: service.choices(task, output) for output in task.wanted_outputs} if finishing else {},
        "creators": {output.id: _creator(task, output.kind) for output in task.wanted_outputs} if finishing else {},
        "ticked": set(db.session.scalars(select(TaskPaper.paper_id).where(TaskPaper.task_id == task.id))),
        "given": outputs_of(db.session, [task]).get(task.id, []),
        "typed": typed,
        "state_names": _state_text,
        "way_words": way_words,
        "refusal": refusal,
        "errors": refusal.errors if refusal else {},
    }


def _times(task: Task, typed: Any) -> dict[str, str]:
    """The times of a late entry as the form begins with them, or as they were typed."""
    if typed:
        return {name: typed.get(name, "") for name in ("taken_at", "done_at")}
    return {"taken_at": f"{local(task.taken_at or task.arrived_at):%Y-%m-%dT%H:%M}", "done_at": ""}


def _state_text(output: StepOutput, states: list[str]) -> str:
    names = states_of_kind(output.kind)
    return ", ".join(str(names.get(state, state)) for state in states)


def _before(task: Task) -> Task | None:
    """The task that led to this one, when its executor left a remark."""
    statement = select(Task).where(Task.case_id == task.case_id, Task.id < task.id, Task.state == "done")
    found = db.session.scalar(statement.order_by(Task.done_at.desc(), Task.id.desc()).limit(1))
    return found if found is not None and found.remark else None


def _creator(task: Task, kind: str) -> str | None:
    """The address at which a record of ``kind`` is made for the case, if the person may."""
    model = joining_models().get(kind)
    view = view_of(model) if model is not None else None
    if view is None or not view.may("create") or not view.may_add:
        return None
    here = url_for("procedures_task.show", pk=task.id)
    return str(view.url("add", case=task.case_id, next=here, **_known_links(task, view)))


def _known_links(task: Task, view: ModelView) -> dict[str, int]:
    """What a new record of the case can only be linked to: the partner of the case, and the letter of a disposition or
    of a reply, when the case has one letter.
    """
    joining = set(joining_models().values())
    known = {}
    for field in view.fields("add"):
        if field.kind != "relation" or field.target is view.model:
            continue
        if field.target is Partner and task.case.partner_id is not None:
            known[field.name] = task.case.partner_id
        elif field.target in joining:
            candidates = TaskService().members(task, field.target)
            if len(candidates) == 1:
                known[field.name] = candidates[0].id
    return known


def _gone_on(task: Task) -> Any:
    """To the case of ``task``, which was just done, with a way to what the person does next."""
    mine = own_open_tasks(db.session(), tasks_of(task.case))
    if mine:
        target, words = (
            url_for("procedures_task.show", pk=mine[0].id),
            _("Open your next task: %(name)s", name=mine[0].title),
        )
    else:
        target, words = url_for("procedures_my_work_page.index"), _("To my work")
    flash((str(done_words(task)), target, words), "lead")
    return redirect(url_for("procedures_case.show", pk=task.case_id))


def _id(text: str) -> int | None:
    """The id that ``text`` writes, or None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class TaskWorkPage(PageView):
    """``/procedures/work``: taking and finishing tasks."""

    path = "work"

    @route("/<int:pk>/take", methods=["POST"])
    def take(self, pk: int) -> Any:
        """Take a task."""
        self.enter(Task, "take")
        task = TaskService().get(pk)
        try:
            TaskService().take(task)
            flash(_l("The task is yours; its time runs."), "success")
        except SinergiError as refusal:
            db.session.rollback()
            flash(refusal.message, "danger")
        return redirect(url_for("procedures_task.show", pk=pk))

    @route("/<int:pk>/skip", methods=["POST"])
    def skip(self, pk: int) -> Any:
        """Leave an optional task undone, with a reason."""
        self.enter(Task, "skip")
        task = TaskService().get(pk)
        try:
            TaskService().skip(task, request.form.get("remark"))
        except SinergiError as refusal:
            return self._again(pk, refusal)
        flash(_l("The task was skipped."), "success")
        return redirect(url_for("procedures_case.show", pk=task.case_id))

    @route("/<int:pk>/done", methods=["POST"])
    def done(self, pk: int) -> Any:
        """Finish a task; what is missing is said beside it, and what was ticked stays."""
        self.enter(Task, "done")
        task = TaskService().get(pk)
        try:
            outputs = self._outputs(task)
            papers = self._papers(task)
            choice, remark = request.form.get("choice"), request.form.get("remark")
            TaskService().done(task, papers, outputs, choice or None, remark)
        except SinergiError as refusal:
            return self._again(pk, refusal)
        return _gone_on(task)

    @route("/<int:pk>/pause", methods=["POST"])
    def pause(self, pk: int) -> Any:
        """Let the time of a task stand still, with a reason."""
        self.enter(Task, "pause")
        task = TaskService().get(pk)
        try:
            TaskService().pause(task, request.form.get("reason"), request.form.get("note"))
        except SinergiError as refusal:
            return self._again(pk, refusal)
        flash(_l("The task is paused; its time stands still."), "success")
        return redirect(url_for("procedures_task.show", pk=pk))

    @route("/<int:pk>/resume", methods=["POST"])
    def resume(self, pk: int) -> Any:
        """Let the time of a paused task run on."""
        self.enter(Task, "resume")
        task = TaskService().get(pk)
        try:
            TaskService().resume(task)
            flash(_l("The task goes on; its time runs."), "success")
        except SinergiError as refusal:
            db.session.rollback()
            flash(refusal.message, "danger")
        return redirect(url_for("procedures_task.show", pk=pk))

    @route("/<int:pk>/late", methods=["GET", "POST"])
    def late(self, pk: int) -> Any:
        """Enter a step that was done on paper, with its real times."""
        self.enter(Task, "enter_late")
        task = TaskService().get(pk)
        if request.method == "GET":
            view: Any = view_of(Task)
            task = view.load(pk)
            return view.show_page(task, **task_values(task, late=True))
        try:
            times = [read_moment(request.form.get(name), name) for name in ("taken_at", "done_at")]
            given = (self._papers(task), self._outputs(task), request.form.get("choice") or None)
            TaskService().enter_late(task, (times[0], times[1]), *given, request.form.get("remark"))
        except SinergiError as refusal:
            return self._again(pk, refusal, late=True)
        flash(_l("Entered with its real times."), "success")
        return _gone_on(task)

    def _papers(self, task: Task) -> list[int]:
        """The papers that were ticked, and those that were attached instead."""
        ticked = {number for value in request.form.getlist("paper") if (number := _id(value))}
        for paper in task.step.papers:
            if attach_files(task, request.files.getlist(f"paper_file_{paper.id}")):
                ticked.add(paper.id)
        return sorted(ticked)

    def _outputs(self, task: Task) -> dict[int, int]:
        outputs = {}
        for output in task.wanted_outputs:
            if number := _id(request.form.get(f"output_{output.id}", "")):
                outputs[output.id] = number
            new = attach_files(task, request.files.getlist(f"file_{output.id}"))
            if new:
                outputs[output.id] = new[-1].id
        return outputs

    def _again(self, pk: int, refusal: SinergiError, *, late: bool = False) -> Any:
        db.session.rollback()
        view: Any = view_of(Task)
        task = view.load(pk)
        values = task_values(task, typed=request.form, refusal=refusal, late=late)
        page = view.show_page(task, **values)
        return page, refusal.status
