"""Pauses: paused time is no handling time, and the due moment moves with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addons.organization.tests.test_working_calendar import OFFICE, modes, moments
from addons.procedures.tests.test_task import first_task
from app import clock
from app.access.acting import acting as acting_as
from app.database.base import models
from app.database.session import db
from app.errors import Conflict, Invalid
from app.records.service import service_of

HOUR = timedelta(hours=1)
MONDAY = datetime(2027, 1, 11, 1, 0, tzinfo=UTC)
"""Monday, 11 January 2027, 08.00 in Kendal."""


def paused(marks: list[datetime]) -> list[tuple[datetime, datetime | None]]:
    """Pauses between every other pair of ``marks``."""
    return list(pairwise(sorted(set(marks))))[::2]


@settings(max_examples=60, deadline=None)
@given(moments, moments, moments, st.lists(moments, max_size=6), modes)
def test_the_parts_of_a_time_with_pauses_add_up_to_the_whole(
    a: datetime, b: datetime, c: datetime, marks: list[datetime], mode: str
) -> None:
    a, b, c = sorted((a, b, c))
    pauses = paused(marks)
    first, second = OFFICE.net_seconds(a, b, pauses, mode), OFFICE.net_seconds(b, c, pauses, mode)
    assert OFFICE.net_seconds(a, c, pauses, mode) == first + second
    assert 0 <= first <= OFFICE.seconds(a, b, mode)


@settings(max_examples=60, deadline=None)
@given(moments, st.lists(moments, max_size=6), modes, st.sampled_from(["Asia/Jayapura", "America/New_York"]))
def test_net_time_and_pauses_make_the_whole_in_whatever_zone(
    begin: datetime, marks: list[datetime], mode: str, zone: str
) -> None:
    marks = [mark for mark in marks if mark >= begin]
    pauses, end = paused(marks), max([begin, *marks])
    counted = sum(OFFICE.seconds(since, until or end, mode) for since, until in pauses)
    assert OFFICE.net_seconds(begin, end, pauses, mode) + counted == OFFICE.seconds(begin, end, mode)
    moved = [(since.astimezone(ZoneInfo(zone)), until) for since, until in pauses]
    assert OFFICE.net_seconds(begin, end, moved, mode) == OFFICE.net_seconds(begin, end, pauses, mode)


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(1, 40 * 3600), st.lists(moments, max_size=6), modes)
def test_a_task_is_due_when_so_much_was_worked_without_pauses(
    begin: datetime, seconds: int, marks: list[datetime], mode: str
) -> None:
    pauses = paused([mark for mark in marks if mark >= begin])
    due = OFFICE.due(begin, seconds, pauses, mode)
    assert due is not None
    worked = OFFICE.net_seconds(begin, due, pauses, mode)
    assert worked == seconds if mode != "calendar_days" else worked >= 0


def test_a_pause_that_lasts_leaves_the_due_moment_open_unless_it_passed_before() -> None:
    due = OFFICE.due(MONDAY, 3600, [(MONDAY + HOUR / 2, None)], "office_hours")
    assert due is None
    assert OFFICE.due(MONDAY, 3600, [(MONDAY + 2 * HOUR, None)], "office_hours") == MONDAY + HOUR


@contextmanager
def task_in_work(app: Any, program: Callable[..., Any], case: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """The service and the first task of ``case``, taken on Monday at eight with an hour of standard time."""
    task_id = first_task(program("kendal.staf"), case["id"])["id"]
    with app.app_context(), acting_as("kendal.staf", "kendal"):
        service: Any = service_of(models["procedures.Task"])
        task = service.get(task_id)
        task.step.standard_minutes = 60
        for item in (*task.step.papers, *task.step.outputs):
            item.is_mandatory = False
        with clock.frozen(MONDAY):
            service.take(task)
        yield service, task
        db.session.rollback()


def test_paused_time_is_no_handling_time_and_moves_the_due_moment(
    app: Any, start_case: Callable[[], dict[str, Any]], program: Callable[..., Any]
) -> None:
    with task_in_work(app, program, start_case()) as (service, task):
        assert task.due_at == MONDAY + HOUR
        with clock.frozen(MONDAY + HOUR / 2):
            service.pause(task, "partner", "Direktur mitra di luar kota")
            assert (task.due_at, task.urgency) == (None, "")
            with pytest.raises(Conflict):
                service.pause(task, "partner")
        with clock.frozen(MONDAY + 24 * HOUR):
            service.resume(task)
            assert task.due_at == MONDAY + 24.5 * HOUR
            assert task.urgency == "in_time"
        with clock.frozen(MONDAY + 25 * HOUR):
            assert task.urgency == "late"
            service.done(task, [], {}, None)
        assert task.handling_seconds == 1.5 * 3600
        assert task.paused_seconds == 7 * 3600
        assert task.is_over_standard


def test_a_task_done_while_it_is_paused_ends_its_pause(
    app: Any, start_case: Callable[[], dict[str, Any]], program: Callable[..., Any]
) -> None:
    with task_in_work(app, program, start_case()) as (service, task):
        with clock.frozen(MONDAY + HOUR / 2):
            service.pause(task, "unit")
        with clock.frozen(MONDAY + 2 * HOUR):
            service.done(task, [], {}, None)
            with pytest.raises(Conflict):
                service.resume(task)
        assert (task.handling_seconds, task.paused_seconds, task.paused_at) == (1800, 5400, None)
        assert [pause.ended_at for pause in task.pauses] == [task.done_at]


def test_a_holiday_entered_later_is_taken_out_of_pauses_too(
    app: Any, start_case: Callable[[], dict[str, Any]], program: Callable[..., Any]
) -> None:
    from datetime import date

    from addons.procedures.services.clock import count_durations

    with task_in_work(app, program, start_case()) as (service, task):
        with clock.frozen(MONDAY + HOUR / 2):
            service.pause(task, "partner")
        with clock.frozen(MONDAY + 48 * HOUR):
            service.resume(task)
        assert (task.paused_seconds, task.due_at) == (14.5 * 3600, MONDAY + 48.5 * HOUR)
        db.session.add(models["organization.Holiday"](day=date(2027, 1, 12), title="Libur contoh", kind="own"))
        db.session.flush()
        with clock.frozen(MONDAY + 48 * HOUR):
            count_durations(db.session(), date(2027, 1, 12), date(2027, 1, 12))
        assert (task.paused_seconds, task.due_at) == (7 * 3600, MONDAY + 48.5 * HOUR)


@pytest.mark.parametrize(
    ("reason", "note", "field"),
    [(None, None, "reason"), ("lunch", None, "reason"), (["partner"], None, "reason"), ("other", "...", "note")],
)
def test_a_pause_needs_a_reason(
    app: Any, start_case: Callable[[], dict[str, Any]], program: Callable[..., Any], reason: Any, note: Any, field: str
) -> None:
    with task_in_work(app, program, start_case()) as (service, task):
        with pytest.raises(Invalid) as refused:
            service.pause(task, reason, note)
        assert list(refused.value.errors) == [field]


def test_a_step_counts_round_the_clock_when_the_procedure_says_so(
    app: Any, start_case: Callable[[], dict[str, Any]], program: Callable[..., Any]
) -> None:
    with task_in_work(app, program, start_case()) as (service, task):
        task.step.clock_mode = "round_the_clock"
        with clock.frozen(MONDAY + 24 * HOUR):
            service.done(task, [], {}, None)
        assert task.handling_seconds == 24 * 3600


def test_a_person_pauses_and_resumes_on_the_page_and_a_program_by_the_api(
    start_case: Callable[[], dict[str, Any]], program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    case = start_case()
    task_id = first_task(program("kendal.staf"), case["id"])["id"]
    early = program("kendal.staf").api("POST", f"task/{task_id}/do/pause", {"reason": "partner"})
    assert (early.status_code, early.json["code"]) == (409, "not_taken")
    program("kendal.staf").api("POST", f"task/{task_id}/do/take")
    staf, page = person("kendal.staf"), f"/procedures/task/{task_id}"
    refused = staf.send(f"/procedures/work/{task_id}/pause", {"reason": "other", "note": "-"}, form_at=page)
    assert refused.status_code == 422
    assert "Say what the task waits for." in refused.text
    staf.send(f"/procedures/work/{task_id}/pause", {"reason": "partner", "note": "Rapat mitra"}, form_at=page)
    assert f"{page}/panel/pauses" in staf.get(page).text
    assert "Waiting for the partner: Rapat mitra" in staf.get(f"{page}/panel/pauses").text
    assert "Rapat mitra" in staf.get(f"/procedures/case/{case['id']}/timeline").text
    assert "paused" in staf.get("/procedures/my_work/").text
    foreign = program("kendal.kabid").api("POST", f"task/{task_id}/do/resume")
    assert foreign.json["code"] == "not_executor"
    resumed = program("kendal.staf").api("POST", f"task/{task_id}/do/resume")
    assert (resumed.status_code, resumed.json["result"]["paused_at"]) == (200, None)
