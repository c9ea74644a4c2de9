"""The administrator's page of jobs: their own institution's, the platform's administrator's all; again and cancel."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.database.session import db
from app.errors import Conflict
from app.jobs.queue import defer
from app.testing.queue import Queue

PAGE = "/kernel/jobs/"


@pytest.fixture
def log(acting: Any, dummy_on: Any, run_jobs: Queue, stumble: list[Exception]) -> dict[str, int]:
    """One job of each institution in each state that can be changed; the ids by state and institution."""
    dummy_on("kendal", "unair")
    found = {}
    stumble.extend([Conflict("QZ-kendal-failed"), Conflict("QZ-unair-failed")])
    for turn, code in enumerate(("kendal", "unair")):
        with acting(f"{code}.admin", code):
            run = defer(db.session(), "dummy.write_note", title="fails")
            found[f"{code} failed"] = run.id if run else 0
            db.session.commit()
        run_jobs()
        assert len(stumble) == 1 - turn
        run_jobs.execute("UPDATE job_run SET state = 'failed' WHERE id = %s", found[f"{code} failed"])
        run_jobs.execute("DELETE FROM procrastinate_jobs")
    for code in ("kendal", "unair"):
        with acting(f"{code}.admin", code):
            later = defer(db.session(), "dummy.write_note", title="later", at=clock.now() + timedelta(hours=1))
            found[f"{code} queued"] = later.id if later else 0
            db.session.commit()
    return found


def test_an_administrator_sees_the_jobs_of_their_institution_and_of_no_other(log: dict[str, int], person: Any) -> None:
    kendal, unair = (person(f"{code}.admin").get(PAGE).text for code in ("kendal", "unair"))
    assert "QZ-kendal-failed" in kendal
    assert "Write a note" in kendal
    assert "QZ-unair-failed" not in kendal
    assert "QZ-unair-failed" in unair
    assert "QZ-kendal-failed" not in unair


def test_the_administrator_of_the_platform_sees_all_with_their_institutions(log: dict[str, int], person: Any) -> None:
    text = person("admin").get(PAGE).text
    for marker in ("QZ-kendal-failed", "QZ-unair-failed", "Universitas Airlangga"):
        assert marker in text


def test_whoever_has_no_right_is_refused(log: dict[str, int], person: Any, run_jobs: Queue) -> None:
    staf = person("kendal.staf")
    assert staf.get(PAGE).status_code == 403
    assert PAGE not in staf.get("/partners/partner/").text
    assert PAGE in person("kendal.admin").get("/partners/partner/").text
    answer = staf.send(f"{PAGE}{log['kendal failed']}/retry", {}, form_at="/partners/partner/add")
    assert answer.status_code == 403
    assert run_jobs.waiting() == 2


def test_a_failed_job_is_tried_again_by_a_click(log: dict[str, int], person: Any, run_jobs: Queue, titles: Any) -> None:
    answer = person("kendal.admin").send(f"{PAGE}{log['kendal failed']}/retry", {}, form_at=PAGE)
    assert answer.status_code == 302
    run_jobs()
    assert titles("kendal") == ["fails"]
    line = run_jobs.runs("dummy.write_note")[0]
    assert (line["state"], line["error"], line["attempts"]) == ("succeeded", "", 1)


def test_a_queued_job_is_cancelled_by_a_click_and_leaves_the_queue(
    log: dict[str, int], person: Any, run_jobs: Queue, titles: Any
) -> None:
    person("kendal.admin").send(f"{PAGE}{log['kendal queued']}/cancel", {}, form_at=PAGE)
    assert run_jobs.waiting() == 1
    run_jobs(later=True)
    assert titles("kendal") == []
    assert titles("unair") == ["later"]
    again = person("kendal.admin").send(f"{PAGE}{log['kendal queued']}/cancel", {}, form_at=PAGE, follow_redirects=True)
    assert "can be cancelled" in again.text


@pytest.mark.parametrize(("change", "what"), [("retry", "failed"), ("cancel", "queued")])
def test_the_jobs_of_another_institution_are_not_found(
    log: dict[str, int], person: Any, run_jobs: Queue, change: str, what: str
) -> None:
    before = run_jobs.execute("SELECT id, state FROM job_run ORDER BY id")
    answer = person("unair.admin").send(f"{PAGE}{log[f'kendal {what}']}/{change}", {}, form_at=PAGE)
    assert answer.status_code == 404
    assert run_jobs.execute("SELECT id, state FROM job_run ORDER BY id") == before


def test_the_administrator_of_the_platform_changes_jobs_of_any_institution(
    log: dict[str, int], person: Any, run_jobs: Queue, titles: Any
) -> None:
    answer = person("admin").send(f"{PAGE}{log['unair failed']}/retry", {}, form_at=PAGE)
    assert answer.status_code == 302
    run_jobs()
    assert titles("unair") == ["fails"]


def test_the_page_says_when_nobody_works_and_when_there_is_nothing_yet(person: Any, run_jobs: Queue) -> None:
    admin = person("kendal.admin")
    text = admin.get(PAGE).text
    assert "No job has run yet." in text
    assert "No worker has been heard of" in text
    run_jobs.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert "No worker has been heard of" not in admin.get(PAGE).text
    indonesian = admin.get(PAGE, headers={"Accept-Language": "id"}).text
    assert "Belum ada proses" in indonesian


@pytest.mark.parametrize("query", ["?state=nonsense", "?page=-1", "?page=x", "?page=99999999999"])
def test_a_wrong_address_is_an_answer(person: Any, query: str) -> None:
    assert person("kendal.admin").get(PAGE + query).status_code == 400


def test_the_list_is_filtered_and_turned_over(log: dict[str, int], person: Any, run_jobs: Queue) -> None:
    admin = person("kendal.admin")
    assert "QZ-kendal-failed" in admin.get(f"{PAGE}?state=failed").text
    assert "QZ-kendal-failed" not in admin.get(f"{PAGE}?state=queued").text
    institution = run_jobs.execute("SELECT id FROM institution WHERE code = 'kendal'")[0][0]
    for number in range(30):
        run_jobs.execute("INSERT INTO job_run (institution_id, name) VALUES (%s, %s)", institution, f"old.{number}")
    assert "QZ-kendal-failed" not in admin.get(PAGE).text
    assert "QZ-kendal-failed" in admin.get(f"{PAGE}?page=1").text
