"""Taking and doing tasks: by whoever holds the executor's position, with its papers and outputs, exactly once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from addons.organization.services.holder import acting_title
from addons.organization.services.working_calendar import working_calendar
from addons.procedures.models.case import Case
from addons.procedures.models.joins_case import joining_models
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.promise_event import STEP_DONE, STEP_TAKEN
from addons.procedures.models.step_output import FILE, StepOutput
from addons.procedures.models.task import OPEN_TASKS, Task
from addons.procedures.models.task_output import TaskOutput
from addons.procedures.models.task_paper import TaskPaper
from addons.procedures.services.assignee import is_assignee
from addons.procedures.services.case import CaseService
from addons.procedures.services.clock import start_clock, stop_clock
from addons.procedures.services.late_entry import EntersLate, read_moment
from addons.procedures.services.procedure_words import states_of_kind
from addons.procedures.services.promise_clock import happened, pauses_changed
from addons.procedures.services.revisit import repeated, visit_before
from addons.procedures.services.way import chosen_way
from app.addon import (
    Attachment,
    Conflict,
    Forbidden,
    Invalid,
    attachments_of,
    clock,
    current_access,
    current_scope,
    has_words,
    read_text,
    require,
    today_here,
)
from app.addon import lazy_gettext as _l

ATTACHMENT = "kernel.Attachment"
LONGEST_REMARK = 5000


@dataclass(frozen=True, slots=True)
class Choice:
    """What could be the output: ``model`` + ``record_id``, and how it is called on screen."""

    model: str
    record_id: int
    text: str
    state: str = ""
    is_accepted: bool = True


class TaskService(EntersLate):
    """The steps of a case. What must be there before one is done stands in the procedure, not here."""

    model = Task

    def act(self, task: Task, name: str, values: Mapping[str, Any]) -> Task:
        """What programs do with a task. ``done`` takes ``papers``, ``outputs``, ``choice`` and ``remark``;
        ``enter_late`` also ``taken_at`` and ``done_at``; ``skip`` takes ``remark``; ``pause`` ``reason`` and ``note``.
        """
        if name == "pause":
            return self.pause(task, values.get("reason"), values.get("note"))
        if name == "resume":
            return self.resume(task)
        if name != "enter_late":
            self.find_transition(name)
        if name == "take":
            return self.take(task)
        if name == "skip":
            return self.skip(task, values.get("remark"))
        papers, outputs = values.get("papers", []), values.get("outputs", {})
        if not isinstance(papers, list) or not isinstance(outputs, dict):
            raise Invalid(_l("Some values cannot be accepted."), {"papers": [_l("Not of the right type.")]})
        choice = read_text(values.get("choice"), "choice")
        linked = {_number(key): _number(value) for key, value in outputs.items()}
        given = ([_number(item) for item in papers], linked, choice, values.get("remark"))
        if name == "enter_late":
            times = read_moment(values.get("taken_at"), "taken_at"), read_moment(values.get("done_at"), "done_at")
            return self.enter_late(task, times, *given)
        return self.done(task, *given)

    def transition(self, record: Task, name: str) -> Task:
        """The generic way in leads here too: no task is done without its papers."""
        return self.act(record, name, {})

    def take(self, task: Task, *, at: datetime | None = None) -> Task:
        """Begin a task. Raises `Forbidden` for whoever does not hold the executor's position, `Conflict` when it is
        taken.
        """
        self._lock(task, "take")
        if task.state != "waiting":
            raise Conflict(_l("This task was already taken."), code="state_changed")
        scope, title = current_scope(self.session), self._acting_title(task)
        calendar = working_calendar(self.session)
        with self.saving(task):
            task.state, task.taken_at, task.taken_by_id = "taken", at or clock.now(), scope.user_id if scope else None
            task.taken_as = title
            start_clock(task, calendar)
            self.session.flush()
            self.session.expire(task, ["taken_by"])
            happened(task.case, STEP_TAKEN, task.taken_at, task.step.key)
        return task

    def done(
        self,
        task: Task,
        papers: list[int],
        outputs: Mapping[int, int],
        choice: str | None,
        remark: Any = None,
        *,
        at: datetime | None = None,
    ) -> Task:
        """Finish a task and go on.

        ``papers`` are ids of the step's papers that were at hand, ``outputs`` maps ids of the step's outputs to ids of
        records (or files of the task), ``choice`` is the key of a branch. Raises `Invalid` for whatever is missing.
        """
        self._lock(task, "done")
        if task.state == "done":
            raise Conflict(_l("This task was already done."), code="state_changed")
        if task.state != "taken":
            raise Conflict(_l("Take the task before you finish it."), code="not_taken")
        remark = read_text(remark, "remark", longest=LONGEST_REMARK)
        branch = None if task.is_optional else chosen_way(self.session, task, choice)
        errors = self._missing_papers(task.step, papers)
        if branch is not None and branch.needs_remark and not has_words(remark):
            errors["remark"] = [_l("“%(choice)s” needs a remark that says why.", choice=branch.label)]
        links, wrong = self._links(task, outputs, branch)
        if errors or wrong:
            raise Invalid(_l("The task cannot be finished yet."), {**errors, **wrong})
        title, calendar = self._acting_title(task), working_calendar(self.session)
        with self.saving(task):
            self._store(task, papers, links)
            task.state, task.done_at, task.remark, task.finished_as = "done", at or clock.now(), remark, title
            stop_clock(task, calendar)
            pauses_changed(task.case)
            happened(task.case, STEP_DONE, task.done_at, task.step.key)
            if branch is not None:
                task.branch_key = branch.key
                CaseService().go_on(task.case, branch, at)
        return task

    def skip(self, task: Task, remark: Any) -> Task:
        """Leave an optional task undone, with a reason. Raises `Conflict` for a mandatory one."""
        self._lock(task, "skip")
        if task.state not in OPEN_TASKS:
            raise Conflict(_l("This task was already done."), code="state_changed")
        if not task.is_optional:
            raise Conflict(_l("Only an optional task can be skipped."), code="mandatory")
        remark = read_text(remark, "remark", longest=LONGEST_REMARK)
        if not has_words(remark):
            message = _l("Say why the task is skipped.")
            raise Invalid(message, {"remark": [message]})
        title, calendar = self._acting_title(task), working_calendar(self.session)
        with self.saving(task):
            task.state, task.done_at, task.remark, task.finished_as = "skipped", clock.now(), remark, title
            stop_clock(task, calendar)
            pauses_changed(task.case)
        return task

    def may_act(self, task: Task) -> bool:
        """Whether the present person holds the position of the task's executor today, or was named for the task."""
        return is_assignee(self.session, task)

    def choices(self, task: Task, output: StepOutput) -> list[Choice]:
        """What joined the case and could be ``output``, newest first; for a file, the files on the task."""
        if output.kind == FILE:
            return [Choice(ATTACHMENT, item.id, item.name) for item in reversed(attachments_of(self.session, task))]
        model = joining_models().get(output.kind)
        found = self.members(task, model) if model is not None else []
        states = task.accepted_states(output)
        return [_choice(output, item, states) for item in found]

    def members(self, task: Task, model: Any) -> list[Any]:
        """The records of ``model`` that joined the task's case and this person may read, newest first."""
        if not current_access().may(model, "read"):
            return []
        statement = select(model).where(model.case_id == task.case_id, model.active).order_by(model.id.desc()).limit(50)
        return list(self.session.scalars(statement))

    def hold(self, task: Task, operation: str) -> None:
        """Lock ``task`` and refuse whoever may not do ``operation`` with it now."""
        self._lock(task, operation)

    # Helpers -------------------------------------------------------------------------------------------------

    def _lock(self, task: Task, operation: str) -> None:
        # The case first, then the task: every service locks in this order.
        self.session.execute(select(Case.id).where(Case.id == task.case_id).with_for_update())
        self.session.refresh(task, with_for_update={"of": Task})
        require(Task, operation, self.session, task)
        if not self.may_act(task):
            raise Forbidden(
                _l("Only the holder of the position %(name)s can do this.", name=task.step.executor.name),
                code="not_executor",
            )
        if task.case.state != "open":
            raise Conflict(_l("The case is closed."), code="case_closed")

    def _acting_title(self, task: Task) -> str | None:
        scope, position_id = current_scope(self.session), task.position_wanted_id
        known = scope is not None and scope.user_id is not None and position_id is not None
        return acting_title(scope.user_id, position_id, today_here()) if known else None

    def _missing_papers(self, step: ProcedureStep, papers: list[int]) -> dict[str, list[Any]]:
        known = {paper.id for paper in step.papers}
        if set(papers) - known:
            return {"papers": [_l("This paper does not belong to the step.")]}
        missing = [paper.name for paper in step.papers if paper.is_mandatory and paper.id not in papers]
        return {"papers": [_l("Not ticked: %(names)s.", names=", ".join(missing))]} if missing else {}

    def _links(
        self, task: Task, outputs: Mapping[int, int], branch: Any | None
    ) -> tuple[dict[int, Choice], dict[str, list[Any]]]:
        links: dict[int, Choice] = {}
        errors: dict[str, list[Any]] = {}
        is_over = branch is not None and branch.nothing_on_return and visit_before(self.session, task) is not None
        for output in task.wanted_outputs:
            if branch is not None and output.branch_key not in (None, branch.key):
                continue
            wanted = outputs.get(output.id)
            found = next((item for item in self.choices(task, output) if item.record_id == wanted), None)
            if wanted and found is None:
                errors[f"output_{output.id}"] = [_l("%(name)s: this is not part of the case.", name=output.name)]
            elif found is not None and not found.is_accepted:
                errors[f"output_{output.id}"] = [_not_accepted(task, output, found)]
            elif found is not None:
                links[output.id] = found
            elif output.is_mandatory and can_be_given(output) and not is_over:
                errors[f"output_{output.id}"] = [_l("%(name)s is missing.", name=output.name)]
        given = {output_id: link.record_id for output_id, link in links.items() if link.model != ATTACHMENT}
        return links, {**repeated(self.session, task, given), **errors}

    def _store(self, task: Task, papers: list[int], links: Mapping[int, Choice]) -> None:
        self.session.add_all(TaskPaper(task_id=task.id, paper_id=paper) for paper in dict.fromkeys(papers))
        self.session.add_all(
            TaskOutput(task_id=task.id, output_id=output, model=link.model, record_id=link.record_id)
            for output, link in links.items()
        )


def _choice(output: StepOutput, record: Any, states: list[str]) -> Choice:
    state = getattr(record, "state", None)
    label = str(states_of_kind(output.kind).get(state, "")) if state is not None else ""
    return Choice(output.kind, record.id, str(record), label, not states or state in states)


def _not_accepted(task: Task, output: StepOutput, choice: Choice) -> Any:
    names = states_of_kind(output.kind)
    wanted = ", ".join(str(names.get(state, state)) for state in task.accepted_states(output))
    words = {"name": output.name, "state": choice.state, "wanted": wanted}
    return _l("%(name)s: the state is “%(state)s”, needed is “%(wanted)s”.", **words)


def can_be_given(output: StepOutput) -> bool:
    """Whether the institution works with what ``output`` asks for: an addon that is off cannot be asked for records."""
    return output.kind == FILE or current_access().sees_addon(output.kind.split(".")[0])


def outputs_of(session: Any, tasks: list[Task]) -> dict[int, list[tuple[TaskOutput, Any]]]:
    """What the tasks brought forth, by task id: the link and the record behind it (None when it is not visible)."""
    rows = session.scalars(
        select(TaskOutput)
        .where(TaskOutput.task_id.in_([task.id for task in tasks]))
        .options(selectinload(TaskOutput.output))
        .order_by(TaskOutput.id)
    ).all()
    found: dict[int, list[tuple[TaskOutput, Any]]] = {}
    for row in rows:
        model = Attachment if row.model == ATTACHMENT else joining_models().get(row.model)
        visible = model is not None and (model is Attachment or current_access().may(model, "read"))
        found.setdefault(row.task_id, []).append((row, session.get(model, row.record_id) if visible else None))
    return found


def _number(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    raise Invalid(_l("Some values cannot be accepted."), {"outputs": [_l("Not of the right type.")]})
