"""My work: by deadline, with what is expected; simple steps done from the list; the team of a head."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from addons.procedures.tests.test_task import first_task
from app import clock
from app.access.acting import acting_as_system
from app.database.base import models
from app.database.session import db

pytestmark = pytest.mark.postgres
HOME = "/procedures/my_work/"


def change(app: Any, task_id: int, **values: Any) -> None:
    with app.app_context():
        with acting_as_system("kendal", "a task as the test wants it"):
            task = db.session.get(models["procedures.Task"], task_id)
            if values.pop("simple", False):
                for item in (*task.step.papers, *task.step.outputs):
                    item.is_mandatory = False
            for name, value in values.items():
                setattr(task, name, value)
        db.session.commit()


def test_a_task_says_what_it_expects_opens_when_it_asks_for_more_and_is_done_without_leaving_the_list_when_not(
    app: Any, start_case: Callable[[], dict[str, Any]], person: Callable[[str], Any], program: Callable[..., Any]
) -> None:
    staf, task_id = person("kendal.staf"), first_task(program("kendal.staf"), start_case()["id"])["id"]
    page = staf.get(HOME).text
    assert "Formulir pinjam" in page
    assert "Foto alat" in page
    opened = staf.send(f"{HOME}{task_id}/take", {}, form_at=HOME)
    assert opened.headers["Location"] == f"/procedures/task/{task_id}"
    assert f"{HOME}{task_id}/done" not in staf.get(HOME).text, "papers are asked for: it is done on its page"
    refused = staf.send(f"{HOME}{task_id}/done", {}, form_at=HOME)
    assert refused.status_code == 302
    assert "cannot be finished yet" in staf.get(HOME).text
    change(app, task_id, simple=True)
    assert f"{HOME}{task_id}/done" in staf.get(HOME).text
    assert staf.send(f"{HOME}{task_id}/done", {"show": "mine"}, form_at=HOME).headers["Location"].startswith(HOME)
    state = program("kendal.staf").api("GET", f"task/{task_id}").json["result"]["state"]
    assert state == "done"


def test_the_most_pressing_come_first_and_the_list_is_narrowed(
    app: Any, start_case: Callable[[], dict[str, Any]], person: Callable[[str], Any], program: Callable[..., Any]
) -> None:
    api = program("kendal.staf")
    ids = [first_task(api, start_case()["id"])["id"] for _ in range(3)]
    for task_id in ids[:2]:
        api.api("POST", f"task/{task_id}/do/take")
    now = clock.now()
    change(app, ids[0], due_at=now + timedelta(hours=5))
    change(app, ids[1], due_at=now - timedelta(hours=5))
    staf = person("kendal.staf")
    page = staf.get(HOME).text
    places = [page.index(f'/procedures/task/{task_id}"') for task_id in (ids[1], ids[0], ids[2])]
    assert places == sorted(places)

    def shown(query: str) -> list[int]:
        text = staf.get(f"{HOME}?{query}").text
        return [task_id for task_id in ids if f'/procedures/task/{task_id}"' in text]

    assert shown("show=late") == [ids[1]]
    assert shown("show=waiting") == [ids[2]]
    assert shown("show=mine") == ids[:2]
    assert shown("show=nonsense&position=99999999999") == ids


def test_a_head_sees_the_tasks_of_the_positions_below_and_nobody_elses(
    start_case: Callable[[], dict[str, Any]], person: Callable[[str], Any]
) -> None:
    start_case()
    head = person("kendal.kadis").get(f"{HOME}team")
    assert head.status_code == 200
    assert "Mencatat permintaan alat" in head.text
    assert "Mencatat permintaan alat" not in person("kendal.kadis").get(HOME).text
    staff = person("kendal.staf").get(f"{HOME}team").text
    assert "No position is under yours." in staff
    assert "Mencatat permintaan alat" not in staff


def test_what_is_planned_for_me_on_a_record_waits_there_until_it_is_done(
    app: Any, acting: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    staf = person("kendal.staf")
    partner = staf.send("/partners/partner/add", {"name": "Mitra Rencana", "level": "local"}).headers["Location"]
    today = clock.today("Asia/Jakarta")
    late, later = today - timedelta(days=2), today + timedelta(days=5)

    def plan(summary: str, deadline: Any, username: str) -> None:
        given = {"summary": summary, "deadline": deadline.isoformat(), "assignee": str(user_id(username))}
        answer = staf.send(f"{partner}/activities", given, form_at=f"{partner}/timeline")
        assert answer.status_code == 302, answer.text

    def user_id(username: str) -> int:
        with acting(username, "kendal") as access:
            return int(access.user_id)

    plan("Telepon mitra", later, "kendal.staf")
    plan("Kirim undangan", late, "kendal.staf")
    plan("Baca laporan", late, "kendal.kabid")
    page = staf.get(HOME).text
    assert page.index("Kirim undangan") < page.index("Telepon mitra")
    assert f'href="{partner}#thread"' in page
    assert "Baca laporan" not in page
    assert "Telepon mitra" not in staf.get(f"{HOME}?show=late").text
    done = re.search(rf"{HOME}activities/(\d+)/done", staf.get(f"{HOME}?show=late").text)
    assert done
    other = person("kendal.kabid")
    assert "Baca laporan" in other.get(HOME).text
    assert other.send(done[0], {}, form_at=HOME).status_code == 404
    assert "Kirim undangan" in staf.get(HOME).text
    staf.send(done[0], {"show": "late"}, form_at=HOME)
    assert "Kirim undangan" not in staf.get(HOME).text
    again = staf.send(done[0], {}, form_at=HOME, follow_redirects=True)
    assert "This activity is over already." in again.text
