"""What a step asks for when a case comes back to it: a loop that repeats itself unchanged mends nothing."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from addons.procedures.models.joins_case import joining_models
from addons.procedures.models.step_output import StepOutput
from addons.procedures.models.task import Task
from addons.procedures.models.task_output import TaskOutput
from addons.procedures.services.members import details_of
from app.addon import Audited
from app.addon import lazy_gettext as _l


def repeated(session: Any, task: Task, links: Mapping[int, int]) -> dict[str, list[Any]]:
    """What is wrong with ``links`` (output id → record id) at a later visit to the step, by field; empty at the first
    one. Of the outputs that must have changed, one is enough.
    """
    before = session.scalar(
        select(Task)
        .where(Task.case_id == task.case_id, Task.step_id == task.step_id, Task.state == "done", Task.id != task.id)
        .order_by(Task.done_at.desc())
        .limit(1)
    )
    if before is None:
        return {}
    used = _given_before(session, task)
    errors: dict[str, list[Any]] = {}
    compared: list[tuple[StepOutput, bool]] = []
    for output in task.wanted_outputs:
        record_id = links.get(output.id)
        if record_id is None:
            continue
        if output.on_return == "new" and record_id in used[output.id]:
            message = _l(
                "%(name)s: this was given when the step was done before; a new one is needed.", name=output.name
            )
            errors[f"output_{output.id}"] = [message]
        if output.on_return == "changed":
            is_new = record_id not in used[output.id]
            compared.append((output, is_new or _changed_since(session, output.kind, record_id, before.done_at)))
    if compared and not any(changed for _output, changed in compared):
        for output, _changed in compared:
            message = _l("%(name)s: nothing was changed since the task came back.", name=output.name)
            errors[f"output_{output.id}"] = [message]
    return errors


def _given_before(session: Any, task: Task) -> dict[int, set[int]]:
    rows = session.execute(
        select(TaskOutput.output_id, TaskOutput.record_id)
        .join(Task, Task.id == TaskOutput.task_id)
        .where(Task.case_id == task.case_id, Task.step_id == task.step_id, Task.id != task.id)
    )
    used: defaultdict[int, set[int]] = defaultdict(set)
    for output_id, record_id in rows:
        used[output_id].add(record_id)
    return used


def _changed_since(session: Any, kind: str, record_id: int, moment: datetime) -> bool:
    model = joining_models().get(kind)
    record = session.get(model, record_id) if model is not None else None
    if not isinstance(record, Audited):
        return False
    parts = [record, *details_of(session, [(model, [record])])]
    return any(part.changed_at > moment for part in parts if isinstance(part, Audited))
