"""Doing jobs: again after a failure, once after a crash, and with words that give nothing away."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from app.database.session import db
from app.errors import Conflict
from app.jobs.declared import Retry
from app.jobs.performing import perform
from app.jobs.queue import defer
from app.jobs.worker import run_waiting_jobs, take_up_stalled, worker_app
from app.testing.queue import Queue

pytestmark = pytest.mark.postgres


@pytest.fixture
def ask(acting: Any, dummy_on: Any) -> Any:
    """Ask for a note in Kendal; the log's row by its id."""
    dummy_on("kendal", "unair")

    def request(title: str = "A note") -> tuple[int, int]:
        with acting("kendal.staf", "kendal") as access:
            run = defer(db.session(), "dummy.write_note", title=title)
            assert run is not None
            db.session.commit()
            return access.institution_id, run.id

    return request


def test_a_failed_job_is_undone_written_down_and_tried_again_later(
    ask: Any, run_jobs: Queue, stumble: list[Exception], titles: Any
) -> None:
    ask()
    stumble.append(ValueError("the password is QZSECRET"))
    run_jobs()
    (line,) = run_jobs.runs("dummy.write_note")
    assert (line["state"], line["attempts"], line["fault"], line["error"]) == ("waiting", 1, "ValueError", "")
    assert line["next_at"] > line["finished_at"]
    assert titles("kendal") == []
    run_jobs()  # its time has not come
    assert run_jobs.runs("dummy.write_note")[0]["attempts"] == 1
    run_jobs(later=True)
    (line,) = run_jobs.runs("dummy.write_note")
    assert (line["state"], line["attempts"], line["fault"]) == ("succeeded", 2, "")
    assert titles("kendal") == ["A note"]


def test_after_its_last_attempt_a_job_has_failed_and_waits_for_nobody(
    ask: Any, run_jobs: Queue, stumble: list[Exception]
) -> None:
    ask()
    stumble.extend([ValueError(), ValueError(), Conflict("The books are closed.")])
    for _turn in range(4):
        run_jobs(later=True)
    (line,) = run_jobs.runs("dummy.write_note")
    assert (line["state"], line["attempts"], line["error"], line["fault"]) == ("failed", 3, "The books are closed.", "")
    assert run_jobs.waiting() == 0


def test_nothing_of_an_unforeseen_error_but_its_kind_is_kept(
    ask: Any, run_jobs: Queue, stumble: list[Exception]
) -> None:
    ask()
    stumble.append(RuntimeError("postgresql://owner:QZSECRET@db/sinergi"))
    run_jobs()
    assert "QZSECRET" not in str(run_jobs.execute("SELECT r::text FROM job_run r"))


def test_the_waits_grow_and_end() -> None:
    retry = Retry(attempts=4, wait=60, factor=5)
    assert [retry.seconds_after(attempt) for attempt in (1, 2, 3, 4)] == [60, 300, 1500, None]
    assert Retry(attempts=20, wait=60, factor=10).seconds_after(19) == 6 * 3600


def test_a_job_whose_worker_died_is_taken_up_by_another_and_done_once(
    app: Any, ask: Any, run_jobs: Queue, titles: Any
) -> None:
    """As after a kill -9: the queue says it is being done, by a worker that is heard of no more."""
    _institution, run_id = ask()
    worker = run_jobs.execute(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
    )[0][0]
    assert run_jobs.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, %s)", worker) != [(None,)]
    run_jobs.execute("UPDATE job_run SET state = 'running', attempts = 1 WHERE id = %s", run_id)
    run_jobs()
    assert titles("kendal") == []  # nobody takes what somebody seems to do
    assert take_up(app, run_jobs) == 1
    assert take_up(app, run_jobs) == 0
    run_jobs()
    assert titles("kendal") == ["A note"]
    (line,) = run_jobs.runs("dummy.write_note")
    assert (line["state"], line["attempts"]) == ("succeeded", 2)


def take_up(app: Any, run_jobs: Queue) -> int:
    async def look() -> int:
        queue = worker_app(app, run_jobs.addresses.application, periodic=False)
        async with queue.open_async():
            return await take_up_stalled(queue)

    return run_jobs.apart(asyncio.run, look())


def test_a_job_that_was_done_before_its_worker_died_is_not_done_twice(app: Any, ask: Any, titles: Any) -> None:
    """The worker died between our commit and telling the queue: the queue hands the job out again."""
    institution_id, run_id = ask()
    perform(app, institution_id, run_id)
    perform(app, institution_id, run_id)
    assert titles("kendal") == ["A note"]


def test_a_job_that_kills_its_worker_each_time_is_given_up(app: Any, ask: Any, run_jobs: Queue, titles: Any) -> None:
    _institution, run_id = ask()
    run_jobs.execute("UPDATE job_run SET state = 'running', attempts = 3 WHERE id = %s", run_id)
    run_jobs()
    (line,) = run_jobs.runs("dummy.write_note")
    assert line["state"] == "failed"
    assert titles("kendal") == []


def test_two_workers_share_the_work_and_do_nothing_twice(app: Any, ask: Any, run_jobs: Queue, titles: Any) -> None:
    wanted = [f"Note {number}" for number in range(20)]
    for title in wanted:
        ask(title)
    threads = [threading.Thread(target=run_waiting_jobs, args=(app, run_jobs.addresses.application)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(titles("kendal")) == sorted(wanted)
    assert {line["attempts"] for line in run_jobs.runs("dummy.write_note")} == {1}


def test_a_job_no_addon_knows_any_more_is_said_to_have_failed(ask: Any, run_jobs: Queue) -> None:
    _institution, run_id = ask()
    run_jobs.execute("UPDATE job_run SET name = 'gone.away' WHERE id = %s", run_id)
    run_jobs()
    assert run_jobs.runs("gone.away")[0]["state"] == "failed"


def test_a_job_sees_and_writes_its_own_institution_only(
    ask: Any, acting: Any, run_jobs: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from sqlalchemy import select

    from app.access.acting import institution_id_of
    from app.database.base import models
    from app.jobs.declared import jobs

    seen: list[Any] = []
    note: Any = models["dummy.Note"]

    def spy(session: Any, title: str) -> None:
        seen.extend(session.scalars(select(note.title)))
        session.add(note(title=title, institution_id=institution_id_of("unair")))
        session.flush()

    with acting("unair.admin", "unair"):
        db.session.add(note(title="QZUNAIR"))
        db.session.commit()
    monkeypatch.setitem(jobs, "dummy.write_note", replace(jobs["dummy.write_note"], function=spy))
    ask()
    run_jobs()
    assert seen
    assert "QZUNAIR" not in seen
    assert run_jobs.runs("dummy.write_note")[0]["fault"] == "ScopeViolation"


def test_a_job_that_is_tried_again_does_not_stumble_over_another_with_its_key(
    app: Any, acting: Any, dummy_on: Any, run_jobs: Queue, stumble: list[Exception], titles: Any
) -> None:
    """Also when its worker died: the key was let go of when the job began, and is another's by then."""
    dummy_on("kendal")

    def ask_with_key(title: str) -> None:
        with acting("kendal.staf", "kendal"):
            assert defer(db.session(), "dummy.write_note", key="one", title=title)
            db.session.commit()

    ask_with_key("First")
    stumble.append(ValueError())
    run_jobs()
    ask_with_key("Second")
    run_jobs(later=True)
    assert sorted(titles("kendal")) == ["First", "Second"]
    ask_with_key("Third")
    run_jobs.execute("SELECT procrastinate_fetch_job_v2(NULL, NULL)")
    ask_with_key("Fourth")
    assert take_up(app, run_jobs) == 1
    run_jobs()
    assert sorted(titles("kendal")) == ["First", "Fourth", "Second", "Third"]
