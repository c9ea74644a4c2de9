"""Late entry: a step done on paper is entered later with its real times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from addons.procedures.tests.test_branching import KABID, PROCEDURE, STAF, Run
from addons.procedures.tests.test_task import first_task
from app import clock
from app.access.acting import acting_as_system
from app.database.base import models
from app.database.session import db

NOW = datetime(2027, 1, 13, 3, 0, tzinfo=UTC)
"""Wednesday, 13 January 2027, 10.00 in Kendal."""


@pytest.fixture
def paper(app: Any, start_case: Callable[[], dict[str, Any]], program: Callable[..., Any]) -> dict[str, Any]:
    """A case that began on Monday at eight, and its first task, which asks for nothing."""
    case = start_case()
    task = first_task(program("kendal.staf"), case["id"])
    monday = datetime(2027, 1, 11, 1, 0, 20, tzinfo=UTC)
    with app.app_context():
        with acting_as_system("kendal", "an old case"):
            row = db.session.get(models["procedures.Task"], task["id"])
            row.arrived_at = row.case.opened_at = monday
            for item in (*row.step.papers, *row.step.outputs):
                item.is_mandatory = False
        db.session.commit()
    return {"case": case["id"], "task": task["id"]}


def times(begun: str, done: str) -> dict[str, str]:
    return {"taken_at": f"2027-01-{begun}", "done_at": f"2027-01-{done}"}


def test_a_step_done_on_paper_keeps_its_real_times_and_a_mark(
    paper: dict[str, Any], program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    staf, url = program("kendal.staf"), f"task/{paper['task']}/do/enter_late"
    with clock.frozen(NOW):
        answer = staf.api("POST", url, times("11T08:00", "11T08:30"))
        assert answer.status_code == 200, answer.text
        page = person("kendal.staf").get(f"/procedures/task/{paper['task']}").text
    result = answer.json["result"]
    assert (result["state"], result["handling_seconds"], result["waiting_seconds"]) == ("done", 1780, 0)
    assert result["entered_late_at"] is not None
    assert "late entry" in page
    following = staf.api("GET", f"task/?q=(filters:!((col:case,opr:eq,value:{paper['case']})),order_column:arrived_at)")
    arrived = [row["arrived_at"] for row in following.json["result"] if row["state"] == "waiting"]
    assert [datetime.fromisoformat(moment) for moment in arrived] == [datetime(2027, 1, 11, 1, 30, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        (times("11T08:30", "13T10:01"), {"done_at": "This moment lies in the future."}),
        (times("13T10:05", "13T10:06"), {"taken_at": "This moment lies in the future."}),
        (times("11T09:00", "11T08:59"), {"done_at": "The step cannot be done before it was begun."}),
        (times("11T07:59", "11T08:30"), {"taken_at": "The case began only on"}),
        ({"taken_at": "kemarin", "done_at": "2027-01-11T08:30"}, {"taken_at": "Enter day and time."}),
        ({"taken_at": "2027-01-11T08:30"}, {"done_at": "Enter day and time."}),
        ({"taken_at": ["x"], "done_at": 5}, {"taken_at": "Enter day and time."}),
        ({"taken_at": "9999-12-31T23:59", "done_at": "9999-12-31T23:59"}, {"taken_at": "Enter day and time."}),
    ],
)
def test_times_that_cannot_be_are_refused_at_their_field(
    paper: dict[str, Any], program: Callable[..., Any], given: dict[str, Any], errors: dict[str, str]
) -> None:
    with clock.frozen(NOW):
        refused = program("kendal.staf").api("POST", f"task/{paper['task']}/do/enter_late", given)
    assert refused.status_code == 422
    for field, message in errors.items():
        assert message in refused.json["errors"][field][0]
    state = program("kendal.staf").api("GET", f"task/{paper['task']}").json["result"]
    assert (state["state"], state["entered_late_at"]) == ("waiting", None)


def test_a_step_is_not_done_before_the_one_that_led_to_it(
    app: Any, paper: dict[str, Any], program: Callable[..., Any]
) -> None:
    with app.app_context():
        with acting_as_system("kendal", "a step before"):
            db.session.get(models["procedures.Task"], paper["task"]).arrived_at += timedelta(hours=3)
        db.session.commit()
    with clock.frozen(NOW):
        url = f"task/{paper['task']}/do/enter_late"
        refused = program("kendal.staf").api("POST", url, times("11T10:00", "11T11:30"))
    assert "The step before was done only on" in refused.json["errors"]["taken_at"][0]


def test_the_form_keeps_what_was_typed_and_asks_for_papers_all_the_same(
    app: Any, paper: dict[str, Any], person: Callable[[str], Any]
) -> None:
    with app.app_context():
        with acting_as_system("kendal", "a paper is mandatory"):
            row = db.session.get(models["procedures.Task"], paper["task"])
            row.step.papers[0].is_mandatory = True
            paper_id = row.step.papers[0].id
        db.session.commit()
    staf, url = person("kendal.staf"), f"/procedures/work/{paper['task']}/late"
    given = {**times("11T08:10", "11T09:00"), "remark": "Listrik padam"}
    with clock.frozen(NOW):
        refused = staf.send(url, given, form_at=url)
        assert refused.status_code == 422
        assert "Not ticked: Formulir pinjam." in refused.text
        assert 'value="2027-01-11T09:00"' in refused.text
        assert "Listrik padam" in refused.text
        assert staf.send(url, {**given, "paper": [str(paper_id)]}, form_at=url).status_code == 302
        again = staf.send(url, given, form_at=f"/procedures/task/{paper['task']}")
    assert again.status_code == 409
    assert "was already done" in again.text


def test_only_who_may_enter_late_and_holds_the_position_does(
    paper: dict[str, Any], program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    url = f"/procedures/work/{paper['task']}/late"
    assert 'name="done_at"' in person("kendal.staf").get(url).text
    with clock.frozen(NOW):
        api = f"task/{paper['task']}/do/enter_late"
        refused = program("kendal.kabid").api("POST", api, times("11T08:00", "11T08:30"))
    assert (refused.status_code, refused.json["code"]) == (403, "not_executor")


def test_a_zone_in_the_given_moment_is_respected(paper: dict[str, Any], program: Callable[..., Any]) -> None:
    given = {"taken_at": "2027-01-11T10:10:00+09:00", "done_at": "2027-01-11T01:40:00+00:00"}
    with clock.frozen(NOW):
        answer = program("kendal.staf").api("POST", f"task/{paper['task']}/do/enter_late", given)
        assert answer.status_code == 200, answer.text
        taken = datetime.fromisoformat(answer.json["result"]["taken_at"])
    assert taken == datetime(2027, 1, 11, 1, 10, tzinfo=UTC)


def test_a_paper_that_was_ticked_as_a_file_cannot_be_taken_away_after_the_step_was_done(
    app: Any, paper: dict[str, Any], program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    import io

    from addons.procedures.tests.test_invented_procedure import PNG
    from app.access.acting import acting as acting_as
    from app.errors import Conflict
    from app.records.attachment import attachments_of
    from app.records.service import service_of

    papers = program("kendal.staf").api("GET", f"task/{paper['task']}").json["result"]["papers"]
    url = f"/procedures/work/{paper['task']}/late"
    files = {f"paper_file_{papers[0]['id']}": (io.BytesIO(PNG), "formulir.png")}
    with clock.frozen(NOW):
        done = person("kendal.staf").send(url, {**times("11T08:10", "11T09:00"), **files}, form_at=url)
    assert done.status_code == 302
    with app.app_context(), acting_as("kendal.admin", "kendal"):
        task = db.session.get(models["procedures.Task"], paper["task"])
        file = attachments_of(db.session(), task)[0]
        service = service_of(models["procedures.Task"])
        with pytest.raises(Conflict):
            service.check_files(task, file)
        assert file.name == "formulir.png"


def enter(run: Run, key: str, who: str, begun: str, done: str) -> None:
    answer = run.program(who).api("POST", f"task/{run.task(key)}/do/enter_late", times(begun, done))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("order", ["34", "43"])
def test_a_join_arrives_when_the_last_of_its_ways_was_really_done_in_whatever_order_they_are_entered(
    app: Any, program: Callable[..., Any], order: str
) -> None:
    ways = {"3": (STAF, "11T09:30", "11T10:00"), "4": (KABID, "11T09:00", "11T09:20")}
    with clock.frozen(datetime(2027, 1, 11, 1, 0, tzinfo=UTC)):
        run = Run(app, program, country="ID")
        run.do("1")
        run.do("2", choice="next")
    with clock.frozen(NOW):
        for key in order:
            enter(run, key, *ways[key])
        assert run.open() == {"6": "waiting"}
        joined = datetime.fromisoformat(run.tasks()[0]["arrived_at"])
        assert joined == datetime(2027, 1, 11, 3, 0, tzinfo=UTC)
        enter(run, "6", KABID, "11T10:05", "11T10:30")
        case = program("kendal.admin").api("GET", f"case/{run.case}").json["result"]
    assert (case["state"], case["closed_at"]) == ("closed", "2027-01-11T03:30:00+00:00")


def test_a_join_does_not_arrive_before_a_way_that_was_done_in_sinergi(app: Any, program: Callable[..., Any]) -> None:
    with clock.frozen(datetime(2027, 1, 11, 1, 0, tzinfo=UTC)):
        run = Run(app, program, country="ID")
        run.do("1")
        run.do("2", choice="next")
    with clock.frozen(NOW):
        run.do("3")
        enter(run, "4", KABID, "11T09:00", "11T09:20")
        assert datetime.fromisoformat(run.tasks()[0]["arrived_at"]) == NOW


def test_a_case_closed_when_its_last_way_was_really_done_not_with_the_one_entered_last(
    app: Any, program: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = [{**step, "next": "end"} if step["key"] in "34" else step for step in PROCEDURE["steps"]]
    monkeypatch.setitem(PROCEDURE, "steps", [step for step in apart if step["key"] != "6"])
    with clock.frozen(datetime(2027, 1, 11, 1, 0, tzinfo=UTC)):
        run = Run(app, program, country="ID")
        run.do("1")
        run.do("2", choice="next")
    with clock.frozen(NOW):
        enter(run, "3", STAF, "11T09:30", "11T10:00")
        enter(run, "4", KABID, "11T09:00", "11T09:20")
        case = program("kendal.admin").api("GET", f"case/{run.case}").json["result"]
    assert (case["state"], case["closed_at"]) == ("closed", "2027-01-11T03:00:00+00:00")


def test_a_case_that_began_on_paper_is_opened_with_its_real_beginning_and_told_as_a_late_entry(
    invented: int, program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    given = {"title": "Pinjam globe", "procedure": invented, "opened_at": "2027-01-11T08:00:00+07:00"}
    begun = datetime(2027, 1, 11, 1, 0, tzinfo=UTC)
    with clock.frozen(NOW):
        staf = program("kendal.staf")
        refused = staf.api("POST", "case/", {**given, "opened_at": "2027-01-13T10:01:00+07:00"})
        assert refused.status_code == 422
        assert refused.json["errors"] == {"opened_at": ["This moment lies in the future."]}
        case = staf.api("POST", "case/", given).json["result"]
        task = first_task(staf, case["id"])
        assert [datetime.fromisoformat(moment) for moment in (case["opened_at"], task["arrived_at"])] == [begun] * 2
        entered = staf.api("POST", f"task/{task['id']}/do/enter_late", times("11T08:00", "11T08:30"))
        assert "taken_at" not in entered.json.get("errors", {}), "the real time of its first step is not refused"
        story = person("kendal.staf").get(f"/procedures/case/{case['id']}/timeline").text
        assert "Late entry of 13 January 2027" in story
        admin, path = program("kendal.admin"), f"case/{case['id']}"
        version = admin.api("GET", path).json["result"]["version"]
        later = admin.api("PUT", path, {"opened_at": "2027-01-12T08:00:00+07:00", "version": version})
        assert "opened_at" in later.json["errors"], "only whoever opens it says when it began"
        assert admin.api("PUT", path, {"title": "Pinjam peta", "version": version}).status_code == 200


def test_the_form_of_a_new_case_asks_when_it_began_and_empty_is_now(
    app: Any, invented: int, person: Callable[[str], Any]
) -> None:
    staf, page = person("kendal.staf"), "/procedures/case/add"
    typed = {"title": "Pinjam peta", "procedure": str(invented), "kind": "new", "origin": "own"}
    with clock.frozen(NOW):
        refused = staf.send(page, {**typed, "opened_at": "2027-01-14T08:00"}, form_at=page)
        assert "This moment lies in the future." in refused.text
        assert 'value="2027-01-14T08:00' in refused.text, "what was typed stays"
        for moment in ("2027-01-12T09:15", ""):
            assert staf.send(page, {**typed, "opened_at": moment}, form_at=page).status_code == 302
    with app.app_context(), acting_as_system("kendal", "look"):
        cases = db.session.query(models["procedures.Case"]).filter_by(title="Pinjam peta").order_by("id").all()
        assert [case.opened_at for case in cases] == [datetime(2027, 1, 12, 2, 15, tzinfo=UTC), NOW]
        assert [case.entered_late_at for case in cases] == [NOW, None]


def test_two_who_enter_the_same_step_at_once_one_wins(app: Any, paper: dict[str, Any]) -> None:
    import threading

    from app.access.acting import acting as acting_as
    from app.errors import Conflict
    from app.records.service import service_of

    begun, done = (datetime(2027, 1, 11, 1, minute, tzinfo=UTC) for minute in (5, 30))
    barrier, answers = threading.Barrier(3), []

    def attempt() -> None:
        with app.app_context(), acting_as("kendal.staf", "kendal"):
            service: Any = service_of(models["procedures.Task"])
            task = service.get(paper["task"])
            barrier.wait()
            try:
                service.enter_late(task, (begun, done), [], {}, None)
                db.session.commit()
                answers.append("entered")
            except Conflict:
                db.session.rollback()
                answers.append("refused")

    with clock.frozen(NOW):
        threads = [threading.Thread(target=attempt) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(answers) == ["entered", "refused", "refused"]
    with app.app_context(), acting_as_system("kendal", "look"):
        case = db.session.get(models["procedures.Case"], paper["case"])
        assert [task.state for task in case.tasks] == ["done", "waiting"]
