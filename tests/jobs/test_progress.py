"""Jobs that work as a person: progress is seen while they run, they are cancelled, their file is for nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from app.database.session import db
from app.errors import AddonError, Conflict
from app.jobs.prepared_file import offer_file
from app.jobs.progress import report_progress
from app.jobs.queue import defer
from app.prints.printed import XLSX, Printed
from app.testing.queue import Queue
from tests.jobs.conftest import Worker, wait_for

HOME, ADMIN = "/kernel/my-jobs/", "/kernel/jobs/"


def ask(acting: Any, username: str = "kendal.admin", **arguments: Any) -> int:
    with acting(username, username.split(".", maxsplit=1)[0]):
        run = defer(db.session(), "dummy.write_many", about="QZ-many", **arguments)
        assert run is not None
        db.session.commit()
        return run.id


def percent(text: str) -> int | None:
    found = re.search(r'<progress[^>]* value="(\d+)"', text)
    return int(found[1]) if found else None


def test_while_it_runs_everybody_concerned_sees_how_far_it_is(
    acting: Any, dummy_on: Any, run_jobs: Queue, start: Callable[[], Worker], person: Any
) -> None:
    dummy_on("kendal")
    pk = ask(acting, count=20, seconds=0.2)
    admin, seen = person("kendal.admin"), []
    worker = start()

    def is_over() -> bool:
        text = admin.get(f"{HOME}{pk}/progress").text
        figure = percent(text)
        if figure is not None:
            seen.append(figure)
            assert "data-poll" in text
        if figure is not None and figure < 70:  # the next pages are asked before it ends
            assert percent(admin.get(ADMIN).text) is not None
            assert percent(admin.get("/kernel/notifications/newest").text) is not None
        return "Many notes.xlsx" in text

    wait_for(is_over, worker)
    assert seen == sorted(seen)
    assert len({figure for figure in seen if 0 < figure < 100}) >= 3
    text = admin.get(f"{HOME}{pk}/progress").text
    assert "data-poll" not in text
    assert "QZ-many" in admin.get(HOME).text
    assert "Write many notes is done: QZ-many" in worker_told(run_jobs)


def worker_told(run_jobs: Queue) -> list[str]:
    """The notifications as they were kept (in Indonesian, where there is a translation)."""
    found = [text for (text,) in run_jobs.execute("SELECT text FROM notification WHERE addon = 'kernel'")]
    return [text.replace("sudah selesai", "is done") for text in found]


def test_a_running_job_stops_at_its_next_report_and_leaves_nothing(
    acting: Any, dummy_on: Any, run_jobs: Queue, start: Callable[[], Worker], person: Any, titles: Any
) -> None:
    dummy_on("kendal")
    pk = ask(acting, count=200, seconds=0.1)
    admin, worker = person("kendal.admin"), start()
    wait_for(lambda: (percent(admin.get(f"{HOME}{pk}").text) or 0) > 0, worker)
    answer = admin.send(f"{HOME}{pk}/cancel", {}, form_at=f"{HOME}{pk}", follow_redirects=True)
    assert "asked to stop" in answer.text or "was cancelled" in answer.text
    wait_for(lambda: run_jobs.runs("dummy.write_many")[0]["state"] == "cancelled", worker, 10)
    # A worker may write its note of the morning meanwhile: it catches up on what was due today.
    assert [title for title in titles("kendal") if title.startswith("Many")] == []
    assert "Nothing of it was kept" in admin.get(f"{HOME}{pk}").text
    assert run_jobs.waiting() == 0


def test_the_administrator_stops_what_others_began(
    acting: Any, dummy_on: Any, run_jobs: Queue, start: Callable[[], Worker], person: Any, titles: Any
) -> None:
    dummy_on("kendal")
    pk = ask(acting, "kendal.staf", count=200, seconds=0.1)
    admin, worker = person("kendal.admin"), start()
    wait_for(lambda: f"{ADMIN}{pk}/cancel" in admin.get(ADMIN).text, worker)
    assert person("unair.admin").send(f"{ADMIN}{pk}/cancel", {}, form_at=ADMIN).status_code == 404
    admin.send(f"{ADMIN}{pk}/cancel", {}, form_at=ADMIN)
    wait_for(lambda: run_jobs.runs("dummy.write_many")[0]["state"] == "cancelled", worker, 10)
    assert [title for title in titles("kendal") if title.startswith("Many")] == []


def test_one_that_waits_leaves_the_queue(acting: Any, dummy_on: Any, run_jobs: Queue, person: Any) -> None:
    dummy_on("kendal")
    pk = ask(acting, count=2)
    admin = person("kendal.admin")
    admin.send(f"{HOME}{pk}/cancel", {}, form_at=f"{HOME}{pk}")
    assert run_jobs.waiting() == 0
    assert run_jobs.runs("dummy.write_many")[0]["state"] == "cancelled"
    again = admin.send(f"{HOME}{pk}/cancel", {}, form_at=HOME, follow_redirects=True)
    assert "has ended already" in again.text


def test_the_file_is_for_the_person_alone_and_for_three_days(
    acting: Any, dummy_on: Any, run_jobs: Queue, person: Any
) -> None:
    dummy_on("kendal", "unair")
    pk = ask(acting, "kendal.staf", count=2)
    run_jobs()
    staf = person("kendal.staf")
    answer = staf.get(f"{HOME}{pk}/file")
    assert answer.data == b"many notes"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    for other in ("kendal.admin", "unair.admin", "admin"):
        for page in ("", "/file", "/progress", "/line"):
            assert person(other).get(f"{HOME}{pk}{page}").status_code == 404, (other, page)
        assert "QZ-many" not in person(other).get(HOME).text
    run_jobs.execute("UPDATE prepared_file SET kept_until = now() - interval '1 minute'")
    assert staf.get(f"{HOME}{pk}/file").status_code == 404
    with acting("kendal.admin", "kendal"):
        assert defer(db.session(), "kernel.forget_files")
        db.session.commit()
    run_jobs()
    assert run_jobs.execute("SELECT count(*) FROM prepared_file") == [(0,)]


def test_a_refusal_is_told_at_once_and_another_fault_is_tried_again(
    acting: Any, dummy_on: Any, run_jobs: Queue, person: Any, stumble: list[Exception], titles: Any
) -> None:
    dummy_on("kendal")
    stumble.append(Conflict("QZ-refused"))
    refused = ask(acting, count=2)
    run_jobs()
    assert run_jobs.runs("dummy.write_many")[0]["state"] == "failed"
    assert "QZ-refused" in person("kendal.admin").get(f"{HOME}{refused}").text
    stumble.append(RuntimeError("unforeseen"))
    ask(acting, count=2)
    run_jobs()
    assert run_jobs.runs("dummy.write_many")[1]["state"] == "waiting"
    assert titles("kendal") == []
    run_jobs(later=True)
    assert titles("kendal") == ["Many 0", "Many 1"]


def test_it_has_the_rights_of_the_person_when_it_runs(acting: Any, dummy_on: Any, run_jobs: Queue, titles: Any) -> None:
    dummy_on("kendal")
    ask(acting, "kendal.staf", count=2)
    run_jobs.execute("UPDATE ab_user SET active = false WHERE username = 'kendal.staf'")
    run_jobs()
    run = run_jobs.runs("dummy.write_many")[0]
    assert (run["state"], bool(run["error"])) == ("failed", True)
    assert titles("kendal") == []


def test_outside_a_job_reports_do_nothing_and_no_file_is_offered(acting: Any, dummy_on: Any) -> None:
    dummy_on("kendal")
    with acting("kendal.admin", "kendal"):
        report_progress(db.session(), 1, 2)
        with pytest.raises(AddonError, match="offered by a job"):
            offer_file(db.session(), Printed(b"x", XLSX, "x"))
