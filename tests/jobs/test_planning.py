"""The clock: in each institution's own time, once, also after a night without a worker; and silent where it is off."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app import clock
from app.access import cache
from app.errors import AddonError
from app.jobs.declared import job, jobs
from app.jobs.planning import plan_due_jobs
from app.testing.queue import Queue

pytestmark = pytest.mark.postgres
SIX_IN_JAKARTA = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
EVERY_MORNING = "dummy.every_morning"


def plan(app: Any, moment: datetime) -> int:
    with app.app_context(), clock.frozen(moment):
        return plan_due_jobs()


def places(run_jobs: Queue, name: str = EVERY_MORNING) -> list[str]:
    """The institutions in which the job was planned, in order."""
    rows = run_jobs.execute(
        "SELECT i.code FROM job_run r JOIN institution i ON i.id = r.institution_id WHERE r.name = %s ORDER BY 1", name
    )
    return [row[0] for row in rows]


def test_a_periodic_job_runs_once_in_every_institution_that_enabled_its_addon(
    app: Any, dummy_on: Any, run_jobs: Queue, titles: Any
) -> None:
    dummy_on("kendal", "unair")
    plan(app, SIX_IN_JAKARTA - timedelta(minutes=1))
    assert places(run_jobs) == []
    for minute in (0, 1, 2, 59):
        plan(app, SIX_IN_JAKARTA + timedelta(minutes=minute))
    assert places(run_jobs) == ["kendal", "unair"]
    run_jobs()
    assert [len(titles(code)) for code in ("kendal", "unair", "polibatam")] == [1, 1, 0]
    assert {line["state"] for line in run_jobs.runs(EVERY_MORNING)} == {"succeeded"}


def test_six_oclock_comes_to_each_institution_in_its_own_zone(app: Any, dummy_on: Any, run_jobs: Queue) -> None:
    dummy_on("kendal", "unair")
    run_jobs.execute("UPDATE institution SET timezone = 'Asia/Jayapura' WHERE code = 'unair'")
    cache.forget()
    plan(app, SIX_IN_JAKARTA - timedelta(hours=2))
    assert places(run_jobs) == ["unair"]
    plan(app, SIX_IN_JAKARTA)
    assert places(run_jobs) == ["kendal", "unair"]


def test_what_was_missed_is_made_up_for_hours_later_but_not_the_day_after(
    app: Any, dummy_on: Any, run_jobs: Queue
) -> None:
    dummy_on("kendal")
    plan(app, SIX_IN_JAKARTA + timedelta(hours=13))
    assert places(run_jobs) == []
    plan(app, SIX_IN_JAKARTA + timedelta(hours=5))
    assert places(run_jobs) == ["kendal"]


def test_workers_that_look_at_the_clock_together_plan_once(app: Any, dummy_on: Any, run_jobs: Queue) -> None:
    dummy_on("kendal", "unair")
    with clock.frozen(SIX_IN_JAKARTA):
        barrier = threading.Barrier(3)

        def look() -> None:
            with app.app_context():
                barrier.wait()
                plan_due_jobs()

        threads = [threading.Thread(target=look) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert places(run_jobs) == ["kendal", "unair"]


def test_a_run_that_still_waits_is_not_followed_by_another(app: Any, dummy_on: Any, run_jobs: Queue) -> None:
    dummy_on("kendal")
    plan(app, SIX_IN_JAKARTA)
    plan(app, SIX_IN_JAKARTA + timedelta(days=1))
    assert len(places(run_jobs)) == 1
    run_jobs()
    plan(app, SIX_IN_JAKARTA + timedelta(days=1))
    assert len(places(run_jobs)) == 2


def test_the_kernel_sweeps_files_that_no_record_took(app: Any, run_jobs: Queue) -> None:
    folder = Path(app.config["DATA_DIR"]) / "files" / "pending"
    folder.mkdir(parents=True, exist_ok=True)
    old, fresh = folder / "old.pdf", folder / "fresh.pdf"
    for path in (old, fresh):
        path.write_bytes(b"x")
    os.utime(old, (1_000_000, 1_000_000))
    plan(app, datetime.now(UTC).replace(hour=20, minute=0))  # three o'clock in Jakarta
    assert places(run_jobs, "kernel.sweep_files") == ["bersama"]
    run_jobs()
    assert fresh.exists()
    assert not old.exists()
    fresh.unlink()


def test_old_lines_of_the_log_go_and_young_and_open_ones_stay(app: Any, run_jobs: Queue) -> None:
    def line(institution: int, state: str, days: int) -> None:
        run_jobs.execute(
            "INSERT INTO job_run (institution_id, name, state, finished_at) VALUES (%s, 'x.y', %s, now() - %s)",
            institution, state, timedelta(days=days),
        )  # fmt: skip

    for institution in (1, 2, 3):
        line(institution, "succeeded", 31)
        line(institution, "succeeded", 29)
        line(institution, "failed", 31)
        line(institution, "failed", 91)
        line(institution, "queued", 400)
    plan(app, datetime.now(UTC).replace(hour=20, minute=0))
    run_jobs()
    rows = run_jobs.execute(
        "SELECT institution_id, state, count(*) FROM job_run WHERE name = 'x.y' GROUP BY 1, 2 ORDER BY 1, 2"
    )
    assert rows == [(place, state, 1) for place in (1, 2, 3) for state in ("failed", "queued", "succeeded")]


def test_a_declaration_that_cannot_be_is_refused_in_words() -> None:
    known = dict(jobs)

    def nothing(_session: Any) -> None:
        """Do nothing."""

    nothing.__module__ = "addons.dummy.jobs"
    for name, options, sentence in (
        ("dummy.write_note", {}, "declared twice"),
        ("rooms.other", {}, "must be called dummy.something"),
        ("dummy.wrong", {"every": "at dawn"}, "not a line of cron"),
        ("dummy.wide", {"runs": "platform", "every": "0 1 * * *"}, "only the kernel"),
        ("dummy.silent", {"reason": ""}, "gives no reason"),
    ):
        with pytest.raises(AddonError, match=sentence):
            job(name, **{"title": "x", "reason": "because", **options})(nothing)  # type: ignore[arg-type]  # a table of cases
    assert jobs == known
