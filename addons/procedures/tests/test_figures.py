"""Figures: percentiles, on time, returns and what waits, for whom they are and no one else."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app import clock
from app.access.acting import acting as acting_as
from app.access.acting import acting_as_system
from app.database.base import models
from app.database.session import db

pytestmark = pytest.mark.postgres
CODE = "SOP-PINJAM-ALAT"
MONDAY = datetime(2027, 1, 11, 1, 0, tzinfo=UTC)
MINUTES = (4, 6, 7, 10, 30)
"""How long the first step took in five cases; its standard are 7 minutes."""


@pytest.fixture
def worked(app: Any, start_case: Callable[[], dict[str, Any]]) -> list[int]:
    """Five cases whose first step is done, one of them twice; the second step of all waits. The ids of the cases."""
    ids = [start_case()["id"] for _ in MINUTES]
    with app.app_context():
        with acting_as_system("kendal", "five cases") as scope:
            del scope
            for place, (case_id, minutes) in enumerate(zip(ids, MINUTES, strict=True)):
                case = db.session.get(models["procedures.Case"], case_id)
                _finish(case.tasks[0], minutes, MONDAY + timedelta(days=31 if place == 4 else 0))
                _next(case, case.tasks[0].step.branches[0].next_step)
            again = _next(case, case.tasks[0].step)
            _finish(again, 3, MONDAY + timedelta(days=32))
        db.session.commit()
    return ids


def _finish(task: Any, minutes: int, at: datetime) -> None:
    task.state, task.taken_at, task.done_at = "done", at, at + timedelta(minutes=minutes)
    task.waiting_seconds, task.handling_seconds = 60, 60 * minutes


def _next(case: Any, step: Any) -> Any:
    task = models["procedures.Task"](case=case, step=step, arrived_at=MONDAY, state="waiting")
    db.session.add(task)
    db.session.flush()
    return task


def lines(app: Any, by: str, *period: date | None, who: str = "kendal.staf") -> dict[str, Any]:
    from addons.procedures.services.figures import Period, figures

    with app.app_context(), acting_as(who, who.split(".", maxsplit=1)[0]):
        return {line.key: line for line in figures(db.session(), CODE, by, Period(*period))}


def test_a_step_has_median_percentile_on_time_and_returns(app: Any, worked: list[int]) -> None:
    first = lines(app, "step")["a"]
    assert (first.cases, first.tasks, first.returns) == (5, 6, 1)
    assert (first.median_minutes, first.p90_minutes) == (6.5, 20.0)
    assert (first.waited_minutes, first.on_time_percent) == (1.0, 66.7)
    waiting = lines(app, "step")["b"]
    assert (waiting.tasks, waiting.median_minutes, waiting.on_time_percent, waiting.waiting_now) == (0, None, None, 5)


def test_figures_by_executor_month_procedure_and_period(app: Any, worked: list[int]) -> None:
    executors = lines(app, "executor")
    assert (executors["Petugas alat"].tasks, executors["Kepala ruang alat"].waiting_now) == (6, 5)
    assert {key: line.tasks for key, line in lines(app, "month").items()} == {"2027-01": 4, "2027-02": 2}
    assert lines(app, "procedure")[CODE].cases == 5
    january = lines(app, "step", date(2027, 1, 1), date(2027, 1, 31))["a"]
    assert (january.tasks, january.median_minutes, january.on_time_percent) == (4, 6.5, 75.0)


def test_another_institution_sees_nothing_of_it(app: Any, worked: list[int]) -> None:
    assert lines(app, "step", who="unair.humas") == {}


def test_the_heat_of_a_step_grows_with_its_delay(app: Any, worked: list[int]) -> None:
    from addons.procedures.services.figures import _heat, step_heat

    found = list(lines(app, "step").values())
    with app.app_context(), acting_as("kendal.staf", "kendal"):
        assert step_heat(db.session(), CODE, found) == {"a": 3, "b": 0}
    assert [_heat(minutes, 10, 0) for minutes in (None, 5, 8, 11, 16, 31)] == [0, 0, 1, 2, 3, 4]
    assert [_heat(minutes, None, 30) for minutes in (None, 3, 15, 30)] == [0, 0, 2, 3]


def test_the_page_leads_to_the_tasks_behind_a_figure_and_exports_what_it_shows(
    worked: list[int], person: Callable[[str], Any]
) -> None:
    from openpyxl import load_workbook

    staf, query = person("kendal.staf"), f"code={CODE}&by=step"
    page = staf.get(f"/procedures/figures/?{query}").text
    assert "Mencatat permintaan alat" in page
    assert "66.7" in page
    behind = staf.get(f"/procedures/figures/tasks?{query}&key=a").text
    assert behind.index("30 minutes") < behind.index("10 minutes")
    assert "Memeriksa kelengkapan" in staf.get(f"/procedures/figures/tasks?{query}&key=b&now=1").text
    sheet = load_workbook(io.BytesIO(staf.get(f"/procedures/figures/export/xlsx?{query}").data)).active
    assert [cell.value for cell in sheet[5]][:6] == ["a", "Mencatat permintaan alat", 5, 6, 6.5, 20]
    text = staf.get(f"/procedures/figures/export/csv?{query}").data.decode("utf-8-sig")
    assert next(row for row in csv.reader(io.StringIO(text)) if row[0] == "a")[2:6] == ["5", "6", "6.5", "20.0"]


def test_the_flow_chart_is_a_heat_map_whose_slowest_step_is_the_hottest(
    worked: list[int], person: Callable[[str], Any]
) -> None:
    staf = person("kendal.staf")
    page = staf.get(f"/procedures/figures/?code={CODE}&by=step").text
    marks = {key: mark for mark, key in re.findall(r'class="flow-step([^"]*)" data-step="(\w+)"', page)}
    assert (marks["a"], marks["b"]) == (" is-hot heat-3", ""), "at the second nothing was done yet"
    assert "90th percentile 20 minutes, heat 3 of 4: up to three times the standard time" in page, "not by colour alone"
    assert "style=" not in page[page.index('id="heat-map"') :]
    (link,) = re.findall(r'href="([^"]*figures/tasks[^"]*key=a)" class="flow-step', page)
    assert "30 minutes" in staf.get(html.unescape(link)).text
    assert "heat-map" not in staf.get(f"/procedures/figures/?code={CODE}&by=month").text


def test_words_and_times_of_a_draft_reach_no_figure(app: Any, worked: list[int], person: Callable[[str], Any]) -> None:
    before = lines(app, "step")
    with app.app_context():
        with acting_as_system("kendal", "a draft beside the version in force"):
            draft = models["procedures.Procedure"](
                code=CODE, edition=9, state="draft", title="Judul rancangan", kind="SOP AP", start_key="a", identity={}
            )
            executor = models["procedures.ProcedureExecutor"](procedure=draft, key="x", name="Pelaksana lain", place=0)
            db.session.add_all([draft, executor])
            db.session.flush()
            step = models["procedures.ProcedureStep"](
                procedure_id=draft.id,
                executor=executor,
                key="a",
                place=0,
                activity="Kata rancangan",
                standard_minutes=1,
            )
            db.session.add(step)
        db.session.commit()
    assert lines(app, "step") == before
    assert before["a"].label == "Mencatat permintaan alat"
    page = person("kendal.staf").get(f"/procedures/figures/?code={CODE}&by=step").text
    assert 'is-hot heat-3"' in page, "measured by the 7 minutes of the version in force"
    assert "rancangan" not in page


@pytest.mark.parametrize(
    "query", ["by=weekday", "first=kemarin", "last=9999-99-99", "first=2027-02-01&last=2027-01-01", "first=0001-01-01"]
)
def test_a_wrong_question_is_an_answer(person: Callable[[str], Any], query: str) -> None:
    staf = person("kendal.staf")
    assert "Performance figures" in staf.get("/procedures/figures/").text
    refused = staf.get(f"/procedures/figures/?{query}")
    assert refused.status_code == 400
    assert "Traceback" not in refused.text


def test_a_late_entry_is_counted_as_such(app: Any, worked: list[int]) -> None:
    with app.app_context():
        with acting_as_system("kendal", "a late entry"):
            db.session.get(models["procedures.Case"], worked[0]).tasks[0].entered_late_at = clock.now()
        db.session.commit()
    assert lines(app, "step")["a"].late_entries == 1
