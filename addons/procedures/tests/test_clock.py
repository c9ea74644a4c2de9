"""The clock of tasks: office hours, deadlines, and counting anew when the calendar changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app import clock
from app.access.acting import acting as acting_as
from app.database.base import models
from app.database.session import db
from app.records.service import service_of

MONDAY = datetime(2027, 1, 11, 1, 0, tzinfo=UTC)
"""Monday, 11 January 2027, 08.00 in Kendal."""


def taken_and_done(program: Callable[..., Any], case: dict[str, Any], app: Any, taken: datetime, done: datetime) -> int:
    """The first task of ``case``, taken and done at these moments by Kendal's staff; returns its id."""
    from addons.procedures.tests.test_task import first_task

    task_id = int(first_task(program("kendal.staf"), case["id"])["id"])
    with app.app_context(), acting_as("kendal.staf", "kendal"):
        service: Any = service_of(models["procedures.Task"])
        task = service.get(task_id)
        for paper in task.step.papers:
            paper.is_mandatory = False
        for output in task.step.outputs:
            output.is_mandatory = False
        task.step.standard_minutes = 60
        with clock.frozen(taken):
            service.take(task)
        with clock.frozen(done):
            service.done(task, [], {}, None)
        db.session.commit()
    return task_id


def seconds_of(app: Any, task_id: int) -> Any:
    with app.app_context(), acting_as("kendal.staf", "kendal"):
        task = db.session.get(models["procedures.Task"], task_id)
        return task.handling_seconds, task.is_over_standard


def test_a_holiday_entered_later_is_taken_out_of_the_times(
    start_case: Callable[[], dict[str, Any]], program: Callable[..., Any], app: Any, run_jobs: Any
) -> None:
    task_id = taken_and_done(program, start_case(), app, MONDAY, MONDAY + timedelta(days=2))
    assert seconds_of(app, task_id) == (15 * 3600, True)

    with app.app_context(), acting_as("kendal.admin", "kendal"):
        day = {"day": date(2027, 1, 12), "title": "Libur daerah contoh", "kind": "own"}
        holiday = service_of(models["organization.Holiday"]).create(day)
        db.session.commit()
        holiday_id = holiday.id
    run_jobs()
    assert seconds_of(app, task_id) == (7.5 * 3600, True)

    with app.app_context(), acting_as("kendal.admin", "kendal"):
        days = service_of(models["organization.Holiday"])
        days.archive(days.get(holiday_id))
        db.session.commit()
    run_jobs()
    assert seconds_of(app, task_id) == (15 * 3600, True)


def test_a_task_says_when_it_is_due_and_that_it_is_late(
    start_case: Callable[[], dict[str, Any]], program: Callable[..., Any], app: Any
) -> None:
    from addons.procedures.tests.test_task import first_task

    task_id = first_task(program("kendal.staf"), start_case()["id"])["id"]
    with app.app_context(), acting_as("kendal.staf", "kendal"):
        service: Any = service_of(models["procedures.Task"])
        task = service.get(task_id)
        task.step.standard_minutes = 60
        friday = datetime(2027, 1, 8, 9, 0, tzinfo=UTC)  # 16.00: half an hour before the weekend
        assert task.urgency == ""
        with clock.frozen(friday):
            service.take(task)
        assert task.due_at == datetime(2027, 1, 11, 1, 0, tzinfo=UTC)
        assert [_at(task, moment) for moment in (friday, task.due_at, task.due_at + timedelta(seconds=1))] == [
            "in_time",
            "soon",
            "late",
        ]
        task.step.standard_minutes = None
        assert not task.is_over_standard
        db.session.rollback()


def _at(task: Any, moment: datetime) -> str:
    with clock.frozen(moment):
        return str(task.urgency)
