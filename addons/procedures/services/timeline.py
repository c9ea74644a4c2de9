"""A case as people look back on it: its procedure as a track, and one story of everything that happened."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from addons.procedures.models.case import Case
from addons.procedures.models.handover import Handover
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.task import Task
from addons.procedures.services.delegation import delegates_of
from addons.procedures.services.flow import UNDONE
from addons.procedures.services.handover import handovers_of
from addons.procedures.services.members import details_of, members_of, parts_of
from addons.procedures.services.standard_time import standard_time_sum
from app.addon import ThreadEvent, changes_of, current_access, file_events, format_date, format_moment, names_of, seen
from app.addon import gettext as _

ADDED = "plus"
"""The icon of what was added."""
LONGEST_ROW = 3
"""How many additions of one kind in a row are told one by one."""


@dataclass(frozen=True, slots=True)
class TrackStep:
    """A step of the procedure as the case stands to it: ``done``, ``current``, ``skipped`` or ``ahead``."""

    step: ProcedureStep
    visits: list[Task]

    @property
    def state(self) -> str:
        """How far the case is with the step, by its last visit."""
        if not self.visits:
            return "ahead"
        states = [visit.state for visit in self.visits]
        if any(state in UNDONE for state in states):
            return "current"
        return "done" if "done" in states else "skipped"


@dataclass(frozen=True, slots=True)
class Figures:
    """The times of a case in seconds beside the standard of the steps that were done, in words."""

    waiting: float
    handling: float
    paused: float
    standard: str
    without_standard: int


def track_of(steps: Sequence[ProcedureStep], tasks: Sequence[Task]) -> list[TrackStep]:
    """The whole procedure in its own order with the visits of a case to each step."""
    return [TrackStep(step, [task for task in tasks if task.step_id == step.id]) for step in steps]


def figures_of(tasks: Sequence[Task]) -> Figures:
    """How long the case waited and was handled, and what the procedure allows for the same steps."""
    done = [task for task in tasks if task.state == "done"]
    return Figures(
        waiting=sum(task.waiting_seconds or 0 for task in tasks),
        handling=sum(task.handling_seconds or 0 for task in done),
        paused=sum(task.paused_seconds for task in tasks),
        standard=standard_time_sum((task.step.standard_minutes, task.step.clock_mode) for task in done),
        without_standard=sum(task.step.standard_minutes is None for task in done),
    )


def timeline_of(session: Session, case: Case, tasks: Sequence[Task]) -> list[ThreadEvent]:
    """What happened in ``case``, oldest first, as far as the present person may see it."""
    groups = members_of(session, case, archived=True)
    members = [record for _model, records in groups for record in records] + details_of(session, groups)
    units = handovers_of(session, case)
    handed = {item.created_at for item in units}
    events = [*_beginning_and_end(case), *(event for task in tasks for event in _events_of(task, handed))]
    parts = parts_of(groups)
    for record, line in changes_of([case, *members, *parts]):
        if record is case and line.operation.lower() == "insert":
            continue
        if line.operation.lower() == "insert":
            if record in parts:
                continue
            title = str(type(record).__title__)
            events.append(ThreadEvent(line.at, ADDED, line.person, _("added %(kind)s", kind=title), record))
        elif line.changes:
            events.append(ThreadEvent(line.at, "pencil", line.person, _("changed"), record, changes=line.changes))
    readable = [*members, *(tasks if current_access().may(Task, "read") else ())]
    events += file_events(session, readable) + _handed(session, units, tasks)
    return _together(sorted(events, key=lambda event: event.at))


def _together(events: list[ThreadEvent]) -> list[ThreadEvent]:
    """Many records of one kind that a person added in a row are told in one line: a list of attendance is no story."""
    told: list[ThreadEvent] = []
    for _kind, group in groupby(events, key=_same_addition):
        row = list(group)
        if _same_addition(row[0]) is None or len(row) <= LONGEST_ROW:
            told.extend(row)
        else:
            kind = type(row[0].record).__plural__
            told.append(replace(row[0], record=None, what=_("added %(count)d × %(kind)s", count=len(row), kind=kind)))
    return told


def _same_addition(event: ThreadEvent) -> Any:
    return (event.person, type(event.record)) if event.icon == ADDED and event.record is not None else None


def _beginning_and_end(case: Case) -> list[ThreadEvent]:
    person = names_of({case.created_by_id}).get(case.created_by_id or 0, _("System"))
    late = case.entered_late_at
    remark = _("Late entry of %(moment)s.", moment=format_moment(late)) if late else ""
    events = [ThreadEvent(case.opened_at, "folder", person, _("opened the case"), remark=remark)]
    if case.closed_at is not None:
        events.append(ThreadEvent(case.closed_at, "circle-check", "", _("Case closed")))
    return events


def _events_of(task: Task, handed: set[datetime]) -> list[ThreadEvent]:
    """What was done with ``task``; that it was done or ``handed`` over also ends a pause, without going on."""
    events, shown = [], seen(task)
    if shown.taken_at is not None:
        events.append(ThreadEvent(shown.taken_at, "player-play", shown.taker, _("took the task"), task))
    for pause in task.pauses:
        events.append(ThreadEvent(pause.begun_at, "player-pause", "", _("paused the task"), task, pause.text))
        if pause.ended_at is not None and pause.ended_at not in {task.done_at, *handed}:
            events.append(ThreadEvent(pause.ended_at, "player-play", "", _("went on with the task"), task))
    if task.state == "done" and shown.done_at is not None:
        choice = [(str(task.step.question or _("Choice")), "", shown.choice)] if shown.choice else []
        events.append(
            ThreadEvent(
                shown.done_at, "check", shown.finisher, _("finished the task"), task, shown.remark or "", choice
            )
        )
    if task.state == "skipped" and shown.done_at is not None:
        if task.remark:
            events.append(
                ThreadEvent(shown.done_at, "x", shown.finisher, _("skipped the task"), task, shown.remark or "")
            )
        else:
            events.append(ThreadEvent(shown.done_at, "x", "", _("The case ended without the task"), task))
    return events


def _handed(session: Session, units: Sequence[Handover], tasks: Sequence[Task]) -> list[ThreadEvent]:
    """To which units the case was given, and who was named for its tasks."""
    named = delegates_of(session, list(tasks))
    people = names_of({item.created_by_id for item in (*units, *named)})
    by = {item: people.get(item.created_by_id or 0, _("System")) for item in (*units, *named)}
    told = []
    for item in units:
        words = _("handed the case over to %(unit)s", unit=str(item.to_unit))
        told.append(ThreadEvent(item.created_at, "arrow-right", by[item], words, remark=item.reason))
    for item in named:
        words = _("named %(person)s until %(day)s for", person=str(item.user), day=format_date(item.date_to))
        told.append(ThreadEvent(item.created_at, "user-plus", by[item], words, item.task, item.reason))
    return told
