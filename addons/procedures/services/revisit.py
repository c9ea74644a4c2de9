"""What a step asks for when a case comes back to it: a loop that repeats itself unchanged mends nothing."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect, select

from addons.procedures.models.joins_case import joining_models
from addons.procedures.models.step_output import StepOutput
from addons.procedures.models.task import Task
from addons.procedures.models.task_output import TaskOutput
from addons.procedures.services.members import details_of
from app.addon import changed_since, view_of
from app.addon import lazy_gettext as _l


def repeated(session: Any, task: Task, links: Mapping[int, int]) -> dict[str, list[Any]]:
    """What is wrong with ``links`` (output id → record id) at a later visit to the step, by field; empty at the first
    one. Of the outputs that must have changed, one is enough.
    """
    before = visit_before(session, task)
    if before is None:
        return {}
    used = given_before(session, task)
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
            compared.append((output, is_new or _changed_since(session, output.kind, record_id, before)))
    if compared and not any(changed for _output, changed in compared):
        for output, _changed in compared:
            message = _l("%(name)s: nothing was changed since the task came back.", name=output.name)
            errors[f"output_{output.id}"] = [message]
    return errors


def visit_before(session: Any, task: Task) -> Task | None:
    """The last time that the step of ``task`` was done in its case, or None at the first visit."""
    statement = select(Task).where(Task.case_id == task.case_id, Task.step_id == task.step_id, Task.state == "done")
    return session.scalar(statement.where(Task.id != task.id).order_by(Task.done_at.desc(), Task.id.desc()).limit(1))


def given_before(session: Any, task: Task) -> dict[int, set[int]]:
    """The records that other visits to the step of ``task`` gave, by output id."""
    rows = session.execute(
        select(TaskOutput.output_id, TaskOutput.record_id)
        .join(Task, Task.id == TaskOutput.task_id)
        .where(Task.case_id == task.case_id, Task.step_id == task.step_id, Task.id != task.id)
    )
    used: defaultdict[int, set[int]] = defaultdict(set)
    for output_id, record_id in rows:
        used[output_id].add(record_id)
    return used


def _changed_since(session: Any, kind: str, record_id: int, before: Task) -> bool:
    """Whether what the record says was changed after the step was done ``before``. Moving it on changes no word of it:
    states, numbers and stamps do not count, nor what a step in its life asked for.
    """
    model = joining_models().get(kind)
    record = session.get(model, record_id) if model is not None else None
    if record is None:
        return False
    parts = [record, *details_of(session, [(model, [record])])]
    written = changed_since(session, before, parts)
    return any(
        (operation.upper() == "INSERT" and part is not record) or _content(type(part)) & columns - _moved(columns)
        for part, operation, columns in written
    )


def _moved(columns: frozenset[str]) -> frozenset[str]:
    # A move writes its state and its stamps in one go.
    return columns if "state" in columns else frozenset()


def _content(model: Any) -> set[str]:
    """The columns that people write: those of the form, without its place in a case and what transitions ask."""
    view = view_of(model)
    fields = view.fields("edit") if view is not None else ()
    names = {inspect(model).attrs[field.key].columns[0].name if field.key else field.name for field in fields}
    asked = {name for step in getattr(model, "__transitions__", ()) for name in step.asks}
    return (names | {"active"}) - asked - {"case_id"}
