"""`run.py worker` as a process: it does what waits and what comes, ends when told to, and a kill loses nothing."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from app.database.addresses import libpq_address
from app.database.session import db
from app.jobs.queue import defer
from app.testing.queue import Queue
from tests.jobs.conftest import Worker, wait_for

ROOT = Path(__file__).resolve().parents[2]


def ask(acting: Any, name: str, **arguments: Any) -> None:
    with acting("kendal.admin", "kendal"):
        assert defer(db.session(), name, **arguments)
        db.session.commit()


def test_it_does_what_waits_and_what_comes_and_ends_in_good_order(
    acting: Any, dummy_on: Any, run_jobs: Queue, titles: Any, start: Callable[[], Worker]
) -> None:
    dummy_on("kendal")
    ask(acting, "dummy.write_note", title="Before it came")
    worker = start()
    wait_for(lambda: "Before it came" in titles("kendal"), worker)
    begun = time.monotonic()
    ask(acting, "dummy.write_note", title="While it is there")
    wait_for(lambda: "While it is there" in titles("kendal"), worker)
    assert time.monotonic() - begun < 3  # told by PostgreSQL, not by looking now and then
    assert run_jobs.execute("SELECT count(*) FROM procrastinate_workers") == [(1,)]
    assert worker.end() == 0
    assert "The worker has ended." in worker.said()
    assert "Traceback" not in worker.said()
    assert run_jobs.execute("SELECT count(*) FROM procrastinate_workers") == [(0,)]


def test_it_finishes_the_job_under_way_when_told_to_end_and_after_a_kill_another_takes_over(
    acting: Any, dummy_on: Any, run_jobs: Queue, titles: Any, start: Callable[[], Worker]
) -> None:
    dummy_on("kendal")
    # A lock on the notes holds the job up in the middle of its work.
    with psycopg.connect(libpq_address(run_jobs.addresses.owner)) as holder:
        holder.execute("LOCK TABLE dummy_note IN EXCLUSIVE MODE")
        ask(acting, "dummy.write_note", title="Held up")
        killed = start()
        wait_for(lambda: run_jobs.runs("dummy.write_note")[0]["state"] == "running", killed)
        killed.end(signal.SIGKILL)
        held = run_jobs.runs("dummy.write_note")[0]["queue_id"]
        assert run_jobs.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", held) == [("doing",)]
        holder.rollback()
    assert "Held up" not in titles("kendal")
    run_jobs.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    next_one = start()  # looks at once for what a dead worker held
    wait_for(lambda: "Held up" in titles("kendal"), next_one, seconds=40)
    assert run_jobs.runs("dummy.write_note")[0]["attempts"] == 2
    with psycopg.connect(libpq_address(run_jobs.addresses.owner)) as holder:
        holder.execute("LOCK TABLE dummy_note IN EXCLUSIVE MODE")
        ask(acting, "dummy.write_note", title="Finished first")
        wait_for(lambda: len(run_jobs.runs("dummy.write_note")) == 2, next_one)
        wait_for(lambda: run_jobs.runs("dummy.write_note")[1]["state"] == "running", next_one)
        next_one.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        assert next_one.process.poll() is None
        holder.rollback()
    assert next_one.process.wait(20) == 0
    assert titles("kendal").count("Held up") == titles("kendal").count("Finished first") == 1


def test_without_a_synchronised_database_it_says_so_in_one_sentence(
    postgres: Any, run_jobs: Queue, start: Callable[[], Worker]
) -> None:
    postgres.empty("unsynchronised")
    run_jobs.addresses = postgres.named("unsynchronised")
    worker = start()
    assert worker.process.wait(30) == 1
    assert "run.py sync" in worker.said().splitlines()[-1]
    assert "Traceback" not in worker.said()
    postgres.drop("unsynchronised")
