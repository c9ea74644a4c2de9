"""Asking for jobs: in the caller's transaction, in one institution, once while the same one waits."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.access.acting import acting_as_system, institution_id_of
from app.database.session import db
from app.errors import AddonError, NoActiveInstitution, ScopeViolation
from app.jobs.queue import defer
from app.testing.queue import Queue

pytestmark = pytest.mark.postgres
Titles = Any


@pytest.fixture(autouse=True)
def _on(dummy_on: Any) -> None:
    dummy_on("kendal", "unair")


def test_a_job_is_done_after_the_commit_in_the_institution_that_asked(
    acting: Any, run_jobs: Queue, titles: Titles
) -> None:
    with acting("kendal.staf", "kendal"):
        run = defer(db.session(), "dummy.write_note", title="Asked for")
        assert run is not None
        assert run_jobs.waiting() == 0  # not committed: nobody else sees it
        db.session.commit()
    assert run_jobs.waiting() == 1
    run_jobs()
    assert titles("kendal") == ["Asked for"]
    assert titles("unair") == []
    (line,) = run_jobs.runs("dummy.write_note")
    assert (line["state"], line["attempts"], line["error"], line["fault"]) == ("succeeded", 1, "", "")
    assert line["finished_at"] >= line["started_at"]
    assert run_jobs.execute("SELECT count(*) FROM procrastinate_jobs") == [(0,)]


def test_what_the_job_writes_has_nobody_as_its_author_and_the_row_tells_who_asked(acting: Any, run_jobs: Queue) -> None:
    with acting("kendal.staf", "kendal") as access:
        defer(db.session(), "dummy.write_note", title="By the system")
        db.session.commit()
        asked_by = access.user_id
    run_jobs()
    assert run_jobs.execute("SELECT created_by_id FROM dummy_note WHERE title = 'By the system'") == [(None,)]
    assert run_jobs.runs("dummy.write_note")[0]["created_by_id"] == asked_by


def test_a_rollback_leaves_no_job(acting: Any, run_jobs: Queue, titles: Titles) -> None:
    with acting("kendal.staf", "kendal"):
        defer(db.session(), "dummy.write_note", title="Never")
        db.session.rollback()
    with acting("kendal.staf", "kendal"):
        savepoint = db.session.begin_nested()
        defer(db.session(), "dummy.write_note", title="Never either")
        savepoint.rollback()
        defer(db.session(), "dummy.write_note", title="This one")
        db.session.commit()
    assert run_jobs.waiting() == 1
    run_jobs()
    assert titles("kendal") == ["This one"]
    assert len(run_jobs.runs("dummy.write_note")) == 1


def test_a_key_keeps_a_second_one_out_while_the_first_waits_and_spoils_nothing(acting: Any, run_jobs: Queue) -> None:
    for institution in ("kendal", "unair"):
        with acting(f"{institution}.admin", institution):
            first = defer(db.session(), "dummy.write_note", key="letter-7", title="First")
            second = defer(db.session(), "dummy.write_note", key="letter-7", title="Second")
            other = defer(db.session(), "dummy.write_note", key="letter-8", title="Other")
            assert first is not None
            assert second is None
            assert other is not None
            db.session.commit()
    assert [line["arguments"]["title"] for line in run_jobs.runs("dummy.write_note")] == ["First", "Other"] * 2
    run_jobs()
    with acting("kendal.staf", "kendal"):
        assert defer(db.session(), "dummy.write_note", key="letter-7", title="Later") is not None


def test_a_key_is_taken_by_the_first_of_two_who_ask_at_once(app: Any, acting: Any, run_jobs: Queue) -> None:
    barrier, given = threading.Barrier(2), []

    def ask() -> None:
        with acting("kendal.staf", "kendal"):
            barrier.wait()
            given.append(defer(db.session(), "dummy.write_note", key="one", title="One") is not None)
            db.session.commit()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [False, True]
    assert run_jobs.waiting() == 1


def test_a_job_for_later_waits_for_its_time(acting: Any, run_jobs: Queue, titles: Titles) -> None:
    with acting("kendal.staf", "kendal"):
        defer(db.session(), "dummy.write_note", at=clock.now() + timedelta(hours=1), title="In an hour")
        db.session.commit()
    run_jobs()
    assert titles("kendal") == []
    run_jobs(later=True)
    assert titles("kendal") == ["In an hour"]


def test_the_queue_itself_holds_ids_only(acting: Any, run_jobs: Queue) -> None:
    with acting("kendal.staf", "kendal"):
        run = defer(db.session(), "dummy.write_note", title="QZSECRET")
        assert run is not None
        expected = {"run_id": run.id, "institution_id": run.institution_id}
        db.session.commit()
    assert run_jobs.execute("SELECT args FROM procrastinate_jobs") == [(expected,)]
    assert "QZSECRET" not in str(run_jobs.execute("SELECT j::text FROM procrastinate_jobs j"))


def test_an_addon_that_is_off_asks_for_nothing_and_what_it_had_asked_for_is_not_done(
    app: Any, acting: Any, run_jobs: Queue, titles: Titles
) -> None:
    from app.registry.enablement import disable

    with acting("kendal.staf", "kendal"):
        defer(db.session(), "dummy.write_note", title="Asked while it was on")
        db.session.commit()
    with app.app_context(), acting_as_system("kendal", "a test") as scope:
        disable(db.session(), scope.institution_id, "dummy")
        assert defer(db.session(), "dummy.write_note", title="Asked while it was off") is None
        db.session.commit()
    run_jobs()
    assert titles("kendal") == []
    (line,) = run_jobs.runs("dummy.write_note")
    assert line["state"] == "cancelled"
    assert line["error"]


def test_another_institution_cannot_be_asked_for(acting: Any, run_jobs: Queue) -> None:
    with acting("kendal.staf", "kendal"):
        with pytest.raises(ScopeViolation):
            defer(db.session(), "dummy.write_note", institution_id=institution_id_of("unair"), title="Smuggled")
        db.session.rollback()
    assert run_jobs.waiting() == 0


def test_what_cannot_be_asked_for_is_refused_in_words(app: Any, acting: Any) -> None:
    with acting("kendal.staf", "kendal"):
        with pytest.raises(AddonError, match=r"There is no job dummy\.nothing"):
            defer(db.session(), "dummy.nothing")
        with pytest.raises(AddonError, match="must be plain JSON"):
            defer(db.session(), "dummy.write_note", title=clock.now())
    with app.app_context(), pytest.raises(NoActiveInstitution):
        defer(db.session(), "dummy.write_note", title="Nowhere")
