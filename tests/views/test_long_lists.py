"""Long lists and books as files: made by a job with the person's rights, equal to what is handed out at once."""

from __future__ import annotations

from typing import Any

import pytest

from app.testing.client import Browserish
from app.testing.papers import pdf_text, sheet_words
from app.testing.queue import Queue

HOME, MINE = "/partners/contact/", "/kernel/my-jobs/"


def asked(person: Browserish, query: str) -> str:
    """Ask for the file by the button of the page; the address of its job."""
    page = person.get(f"{HOME}export?{query}")
    assert "Make the file" in page.text
    answer = person.send(f"{HOME}export?{query}", {}, form_at=f"{HOME}export?{query}")
    address = str(answer.headers["Location"])
    assert address.startswith(MINE)
    return address


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
def test_a_long_list_is_made_by_a_job_and_holds_what_a_short_one_does(
    person: Any, run_jobs: Queue, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    from app.views import list_file

    admin, query = person("kendal.admin"), f"kind={kind}&order=-id"
    at_once = admin.get(f"{HOME}export?{query}").data
    run_jobs.execute("DELETE FROM disclosure")
    monkeypatch.setitem(list_file.AT_ONCE, kind, 0)
    monkeypatch.setattr(list_file, "PIECE", 1)
    address = asked(admin, query)
    assert asked(admin, query) == MINE, "the same file is not made twice"
    assert run_jobs.waiting() == 1
    assert run_jobs.execute("SELECT count(*) FROM disclosure") == [(0,)]
    run_jobs()
    file = admin.get(f"{address}/file")
    assert f".{kind}" in file.headers["Content-Disposition"]
    if kind == "csv":
        assert file.data == at_once
        assert at_once.count(b"\r\n") >= 2
    else:
        assert file.data[:4] == at_once[:4]
        assert abs(len(file.data) - len(at_once)) < 200
    [(done, total)] = run_jobs.execute("SELECT done, total FROM job_progress")
    assert done >= 1
    assert total == (None if kind == "pdf" else done)
    assert len(run_jobs.execute("SELECT 1 FROM disclosure WHERE kind = 'export' AND user_id IS NOT NULL")) == 1


def test_the_file_holds_what_the_person_may_see_and_no_more(
    person: Any, run_jobs: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.views import list_file

    query = "kind=csv"
    direct = {name: person(name).get(f"{HOME}export?{query}").data for name in ("kendal.admin", "kendal.staf")}
    monkeypatch.setitem(list_file.AT_ONCE, "csv", 0)
    made = {name: asked(person(name), query) for name in direct}
    run_jobs()
    assert {name: person(name).get(f"{address}/file").data for name, address in made.items()} == direct
    assert person("kendal.staf").get(f"{made['kendal.admin']}/file").status_code == 404


def test_whoever_lost_the_right_meanwhile_gets_no_file(
    person: Any, run_jobs: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.views import list_file

    monkeypatch.setitem(list_file.AT_ONCE, "csv", 0)
    staf = person("kendal.staf")
    address = asked(staf, "kind=csv")
    run_jobs.execute("UPDATE addon_enablement SET enabled = false WHERE addon = 'partners'")
    run_jobs.execute("UPDATE registry_state SET access_version = access_version + 1")
    run_jobs()
    [run] = run_jobs.runs("kernel.export_list")
    assert (run["state"], bool(run["error"])) == ("failed", True)
    assert run["error"] in staf.get(address).text
    assert run_jobs.execute("SELECT count(*) FROM prepared_file") == [(0,)]


def test_while_looking_as_somebody_else_no_file_is_made(
    person: Any, run_jobs: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.views import list_file

    monkeypatch.setitem(list_file.AT_ONCE, "csv", 0)
    admin = person("kendal.admin")
    [(staf,)] = run_jobs.execute("SELECT id FROM ab_user WHERE username = 'kendal.staf'")
    admin.send(f"/kernel/viewing/begin/{staf}", {}, form_at="/kernel/people/")
    page = admin.get(f"{HOME}export?kind=csv")
    assert "Make the file" in page.text
    answer = admin.send(f"{HOME}export?kind=csv", {}, form_at=f"{HOME}export?kind=csv")
    assert answer.status_code == 403
    assert "You are viewing as" in answer.text
    assert run_jobs.waiting() == 0


def test_many_chosen_records_are_changed_by_a_job_all_or_none(
    person: Any, run_jobs: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.views import chosen_records

    monkeypatch.setattr(chosen_records, "AT_ONCE", 2)
    admin, home = person("kendal.admin"), "/partners/partner/"
    run_jobs.execute(
        "INSERT INTO partners_partner (institution_id, name, kind_id, city, level, active, version, created_at, "
        "changed_at) SELECT institution_id, 'Banyak ' || n, kind_id, city, level, true, 1, now(), now() FROM "
        "(SELECT * FROM partners_partner p WHERE EXISTS (SELECT FROM institution i WHERE i.id = p.institution_id AND "
        "i.code = 'kendal') LIMIT 1) one, generate_series(1, 4) n"
    )
    ids = [str(pk) for (pk,) in run_jobs.execute("SELECT id FROM partners_partner WHERE name LIKE 'Banyak %%'")]

    def archived() -> int:
        found = "SELECT count(*) FROM partners_partner WHERE name LIKE 'Banyak %%' AND NOT active"
        return int(run_jobs.execute(found)[0][0])

    wrong = admin.send(f"{home}chosen/archive", {"id": [*ids, "999999"]}, form_at=f"{home}add")
    run_jobs()
    assert "failed" in admin.get(wrong.headers["Location"]).text.lower()
    assert archived() == 0
    answer = admin.send(f"{home}chosen/archive", {"id": ids}, form_at=f"{home}add")
    assert archived() == 0
    run_jobs()
    assert archived() == 4
    assert "Archive: Partners" in admin.get(answer.headers["Location"]).text
    assert run_jobs.execute("SELECT done, total FROM job_progress ORDER BY id DESC LIMIT 1") == [(4, 4)]


def test_an_action_with_many_chosen_records_is_a_job_that_tells_what_the_action_says(
    person: Any, run_jobs: Queue, program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.jobs import progress
    from app.views import chosen_records

    clerk, admin, home = program("kendal.staf"), person("kendal.admin"), "/correspondence/letter/"
    for subject in ("Kunjungan", "Pembinaan", "Magang"):
        made = clerk.api("POST", "letter/", {"subject": subject, "sender_name": "SD Contoh"})
        assert made.status_code == 201, made.text
    ids = [str(pk) for (pk,) in run_jobs.execute("SELECT id FROM correspondence_letter ORDER BY id")][-3:]

    def requests() -> int:
        found = f"SELECT count(request_id) FROM correspondence_letter WHERE id IN ({', '.join(ids)})"
        return int(run_jobs.execute(found)[0][0])

    def choose(*chosen: str) -> str:
        return str(admin.send(f"{home}act/make_request", {"id": list(chosen)}, form_at=home).headers["Location"])

    assert "act/make_request" in admin.get(home).text
    monkeypatch.setattr(chosen_records, "AT_ONCE", 2)
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_REPORTS", 0)
    job = choose(*ids)
    assert job.startswith(MINE)
    assert requests() == 0, "nothing is done in the request"
    run_jobs()
    assert requests() == 3
    assert "Make a request of it: Incoming letters" in admin.get(job).text
    assert run_jobs.execute("SELECT done, total FROM job_progress ORDER BY id DESC LIMIT 1") == [(3, 3)]
    told = [text for (text,) in run_jobs.execute("SELECT text FROM notification WHERE url LIKE '%%letter/'")]
    assert any(text.startswith("3 permohonan dicatat") for text in told), told
    assert "act/make_request" not in admin.get(f"{home}{ids[0]}").text, "a letter becomes a request once"
    assert f'href="{home}"' in admin.get(job).text, "the page of the job leads to the list"
    again = choose(*ids)
    run_jobs()
    refused = admin.get(again).text
    assert "Nothing was changed. Kunjungan: This letter is request" in refused
    choose(ids[1])
    assert "Nothing was changed. Pembinaan: This letter is request" in admin.get(home).text
    assert requests() == 3


@pytest.mark.parametrize(("kind", "read"), [("pdf", pdf_text), ("xlsx", sheet_words)])
def test_a_long_book_is_made_by_a_job_and_says_what_a_short_one_does(
    person: Any, program: Any, run_jobs: Queue, monkeypatch: pytest.MonkeyPatch, kind: str, read: Any
) -> None:
    from app.views import book_page

    letter = {"subject": "Permohonan <b>kunjungan</b>", "sender_name": "SD Contoh", "received_on": "2026-03-02"}
    made = program("kendal.staf").api("POST", "letter/", letter)
    assert made.status_code == 201, made.text
    staf, book = person("kendal.staf"), f"/correspondence/agenda/?from=2026-03-01&to=2026-03-31&print={kind}"
    at_once = staf.get(book)
    assert "kunjungan" in str(read(at_once.data))
    monkeypatch.setitem(book_page.AT_ONCE, kind, 0)
    page = staf.get(book)
    assert "Make the file" in page.text
    action = f"/correspondence/agenda/file?from=2026-03-01&to=2026-03-31&print={kind}"
    assert action.replace("&", "&amp;") in page.text
    job = str(staf.send(action, {}, form_at=book).headers["Location"])
    assert staf.send(action, {}, form_at=book).headers["Location"] == MINE, "the same book is not made twice"
    run_jobs()
    file = staf.get(f"{job}/file")
    assert read(file.data) == read(at_once.data)
    assert person("kendal.admin").get(f"{job}/file").status_code == 404
    refused = staf.send(action.replace("2026-03-31", "2029-03-31"), {}, form_at=book)
    assert refused.status_code == 400
