"""What a case was given as done and is done no longer: it is mended before the case closes."""

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session, joinedload

from addons.procedures.models.case import Case
from addons.procedures.models.joins_case import joining_models
from addons.procedures.models.task import Task
from addons.procedures.models.task_output import TaskOutput
from app.addon import Conflict
from app.addon import lazy_gettext as _l


def refuse_undone_outputs(session: Session, case: Case) -> None:
    """Raise `Conflict` when a record went back behind the state in which a step took it, such as a signed agreement
    that is a draft again. What went on since, or can no longer get there, does not count.
    """
    for link in _last_links(session, case):
        states = link.task.accepted_states(link.output)
        record = session.get(joining_models()[link.model], link.record_id)
        if record is None or not record.active or record.state in states:
            continue
        if _reachable(record) & set(states):
            names = inspect(type(record)).columns["state"].info["choices"]
            words = {
                "record": str(record),
                "output": link.output.name,
                "state": str(names[record.state]),
                "wanted": ", ".join(str(names[state]) for state in states),
            }
            message = _l(
                "%(record)s was given as “%(output)s” and is now in the state “%(state)s”. Before the case closes it "
                "must be “%(wanted)s” again.",
                **words,
            )
            raise Conflict(message, code="output_undone")


def _last_links(session: Session, case: Case) -> list[TaskOutput]:
    """For every record of ``case`` that steps asked to be in a certain state, where it was given last."""
    statement = (
        select(TaskOutput)
        .join(Task, Task.id == TaskOutput.task_id)
        .where(Task.case_id == case.id, Task.state == "done")
        .options(joinedload(TaskOutput.task).joinedload(Task.offer), joinedload(TaskOutput.output))
        .order_by(Task.done_at, TaskOutput.id)
    )
    found = {(link.model, link.record_id): link for link in session.scalars(statement)}
    return [
        link for link in found.values() if link.model in joining_models() and link.task.accepted_states(link.output)
    ]


def _reachable(record: Any) -> set[str]:
    """The states to which the ordinary steps lead ``record``: ways back and ways out are the lesser ones."""
    found, before = {record.state}, set()
    while found != before:
        before = set(found)
        found |= {step.to_state for step in record.__transitions__ if step.primary and set(step.from_states) & before}
    return found
