"""Pausing and resuming tasks: while the executor waits for somebody else, the handling time stands still."""

from typing import Any

from addons.organization.services.working_calendar import working_calendar
from addons.procedures.models.task import Task
from addons.procedures.models.task_pause import REASONS, TaskPause
from addons.procedures.services.clock import start_clock
from addons.procedures.services.promise_clock import pauses_changed
from app.addon import Attachment, Conflict, Invalid, RecordService, clock, has_words, read_text
from app.addon import lazy_gettext as _l

LONGEST_NOTE = 1000


class PausesTasks(RecordService):
    """What the service of tasks can do with pauses; ``hold`` locks a task and checks who acts."""

    def hold(self, task: Task, operation: str) -> None:
        """Lock ``task`` and refuse whoever may not do ``operation`` with it now."""
        raise NotImplementedError

    def check_files(self, record: Task, removed: Attachment | None = None) -> None:
        """What a step was done with stays: a paper that was ticked as a file, an output."""
        if removed is not None and record.state not in ("waiting", "taken"):
            raise Conflict(_l("The step is done; the papers it was done with stay."), code="task_done")

    def pause(self, task: Task, reason: Any, note: Any = None) -> Task:
        """Stop the time of a taken task. Raises `Invalid` without a reason, `Conflict` when it does not run."""
        self.hold(task, "pause")
        if task.state != "taken":
            raise Conflict(_l("Only a task in work can be paused."), code="not_taken")
        if task.paused_at is not None:
            raise Conflict(_l("This task is paused already."), code="state_changed")
        note = read_text(note, "note", longest=LONGEST_NOTE)
        if not isinstance(reason, str) or reason not in REASONS:
            message = _l("Say for whom or what the task waits.")
            raise Invalid(message, {"reason": [message]})
        if reason == "other" and not has_words(note):
            message = _l("Say what the task waits for.")
            raise Invalid(message, {"note": [message]})
        calendar = working_calendar(self.session)
        with self.saving(task):
            task.paused_at = clock.now()
            task.pauses.append(TaskPause(reason=reason, note=note, begun_at=task.paused_at))
            start_clock(task, calendar)
            self.session.flush()
            pauses_changed(task.case)
        return task

    def resume(self, task: Task) -> Task:
        """Let the time of a paused task run on; its due moment moves by the pause. Raises `Conflict` when it runs."""
        self.hold(task, "resume")
        if task.state != "taken" or task.paused_at is None:
            raise Conflict(_l("This task is not paused."), code="state_changed")
        calendar = working_calendar(self.session)
        with self.saving(task):
            for pause in task.pauses:
                pause.ended_at = pause.ended_at or clock.now()
            task.paused_at = None
            start_clock(task, calendar)
            self.session.flush()
            pauses_changed(task.case)
        return task
