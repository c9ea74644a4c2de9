"""Tasks and cases go on with other people: a delegate, whoever is named for an empty position, another unit."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from addons.procedures.tests.test_branching import KABID, STAF, Run

SUBKOOR = "kendal.subkoor"


@pytest.fixture
def people(program: Callable[..., Any]) -> Callable[..., Any]:
    """Each person signs in once."""
    return functools.cache(program)


@pytest.fixture
def case(app: Any, people: Callable[..., Any]) -> Run:
    """A case whose first step waits for Staf."""
    return Run(app, people, country="MY")


def user_id(acting: Callable[..., Any], name: str) -> int:
    with acting(name, "kendal") as access:
        return int(access.user_id)


def day(acting: Callable[..., Any], days: int = 0) -> str:
    from app.i18n.formats import today_here

    with acting(STAF, "kendal"):
        return (today_here() + timedelta(days=days)).isoformat()


def put_in_unit(acting: Callable[..., Any], name: str, of: str) -> None:
    """Give a person a further position in the unit of ``of``'s."""
    from addons.organization.models.holder import Holder
    from addons.organization.models.position import Position
    from addons.organization.services.holder import positions_of
    from app.access.acting import acting_as_system
    from app.database.session import db
    from app.i18n.formats import today_here

    with acting(of, "kendal") as access:
        unit_id = positions_of(access.user_id, today_here())[0].unit_id
    person = user_id(acting, name)
    with acting("kendal.admin", "kendal"):
        with acting_as_system("kendal", "a colleague"):
            position = Position(title="Pembantu Contoh", unit_id=unit_id)
            db.session.add(position)
            db.session.flush()
            db.session.add(Holder(position_id=position.id, user_id=person, date_from=today_here()))
        db.session.commit()


def end_positions(acting: Callable[..., Any], name: str) -> None:
    """Who holds positions held them until yesterday."""
    from sqlalchemy import select

    from addons.organization.models.holder import Holder
    from app.access.acting import acting_as_system
    from app.database.session import db
    from app.i18n.formats import today_here

    person = user_id(acting, name)
    with acting("kendal.admin", "kendal"):
        with acting_as_system("kendal", "the term is over"):
            for holder in db.session.scalars(select(Holder).where(Holder.user_id == person)):
                holder.date_to = today_here() - timedelta(days=1)
        db.session.commit()


def test_a_holder_gives_a_task_to_a_colleague_with_a_reason_and_an_end(
    case: Run, people: Callable[..., Any], person: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    put_in_unit(acting, SUBKOOR, STAF)
    task, subkoor = case.task("1"), user_id(acting, SUBKOOR)
    assert people(SUBKOOR).api("POST", f"task/{task}/do/take").json["code"] == "not_executor"
    staf, page = person(STAF), f"/procedures/delegation/{task}"
    refused = staf.send(page, {"user": str(subkoor), "until": day(acting, -1), "reason": "..."})
    assert refused.status_code == 422
    assert "Enter the last day, today or later." in refused.text
    assert "Say why somebody else does the task." in refused.text
    strange = staf.send(page, {"user": str(user_id(acting, "kendal.kadis")), "until": day(acting), "reason": "Cuti"})
    assert "Choose a person of the unit" in strange.text
    assert "Cuti" in strange.text, "what was typed stays"
    assert staf.send(page, {"user": str(subkoor), "until": day(acting), "reason": "Cuti"}).status_code == 302
    assert people(SUBKOOR).api("POST", f"task/{task}/do/take").status_code == 200
    assert "Menentukan jalur" in person(SUBKOOR).get("/procedures/my_work/").text
    assert people(SUBKOOR).api("POST", f"task/{task}/do/done", {}).status_code == 200
    thread = person(STAF).get(f"/procedures/case/{case.case}/timeline").text
    assert "named Subkoor Contoh Kendal until" in thread
    assert "Cuti" in thread


def test_a_delegation_that_is_over_gives_nothing(
    case: Run, people: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    from addons.procedures.models.task_delegate import TaskDelegate
    from app.access.acting import acting_as_system
    from app.database.session import db
    from app.i18n.formats import today_here

    task, subkoor = case.task("1"), user_id(acting, SUBKOOR)
    with acting("kendal.admin", "kendal"):
        with acting_as_system("kendal", "named until yesterday"):
            over = TaskDelegate(task_id=task, user_id=subkoor, date_to=today_here() - timedelta(days=1), reason="Cuti")
            db.session.add(over)
        db.session.commit()
    assert people(SUBKOOR).api("POST", f"task/{task}/do/take").json["code"] == "not_executor"


def test_an_empty_position_is_told_and_an_administrator_names_somebody(
    case: Run, people: Callable[..., Any], person: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    put_in_unit(acting, SUBKOOR, STAF)
    task, subkoor = case.task("1"), user_id(acting, SUBKOOR)
    admin, panel = person("kendal.admin"), f"/procedures/task/{task}/panel/assignment"
    assert "Nobody holds the position" not in admin.get(panel).text
    held = admin.send(
        f"/procedures/delegation/{task}", {"user": str(subkoor), "until": day(acting), "reason": "Kosong"}
    )
    assert held.status_code == 403, "as long as somebody holds the position, its holder names"
    end_positions(acting, STAF)
    assert "Nobody holds the position" in admin.get(panel).text
    sent = {"user": str(subkoor), "until": day(acting), "reason": "Kosong"}
    assert admin.send(f"/procedures/delegation/{task}", sent).status_code == 302
    assert "Nobody holds the position" not in admin.get(panel).text
    assert people(SUBKOOR).api("POST", f"task/{task}/do/take").status_code == 200


def unit_of_kadis(acting: Callable[..., Any]) -> int:
    from sqlalchemy import select

    from addons.organization.models.position import Position
    from app.database.session import db

    with acting("kendal.admin", "kendal"):
        return int(db.session.scalar(select(Position.unit_id).where(Position.title == "Kepala Dinas")) or 0)


def hand_to_kadis(case: Run, person: Callable[..., Any], acting: Callable[..., Any]) -> None:
    page, given = f"/procedures/handover/{case.case}", {"unit": str(unit_of_kadis(acting)), "reason": "Bidang dilebur"}
    assert person("kendal.admin").send(page, given).status_code == 302


def test_a_handover_ends_a_pause_and_the_next_who_takes_the_task_has_its_whole_standard_time(
    app: Any, case: Run, people: Callable[..., Any], person: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    from addons.procedures.models.task import Task
    from app import clock
    from app.access.acting import acting_as_system
    from app.database.session import db

    monday, task_id = datetime(2027, 1, 11, 1, 0, tzinfo=UTC), case.task("1")
    hour, task_path = timedelta(hours=1), f"task/{task_id}"
    with app.app_context():
        with acting_as_system("kendal", "an hour of standard time"):
            task = db.session.get(Task, task_id)
            task.arrived_at, task.step.standard_minutes = monday, 60
        db.session.commit()
    with clock.frozen(monday):
        case.take("1")
    with clock.frozen(monday + hour / 2):
        assert people(STAF).api("POST", f"{task_path}/do/pause", {"reason": "unit"}).status_code == 200
    with clock.frozen(monday + hour):
        hand_to_kadis(case, person, acting)
        waiting = people("kendal.admin").api("GET", task_path).json["result"]
        assert (waiting["state"], waiting["paused_at"]) == ("waiting", None)
        thread = person("kendal.admin").get(f"/procedures/case/{case.case}/timeline").text
        assert "paused the task" in thread
        assert "went on with the task" not in thread, "the handover ended the pause; nobody went on"
    with clock.frozen(monday + 2 * hour):
        taken = people("kendal.kadis").api("POST", f"{task_path}/do/take").json["result"]
    assert datetime.fromisoformat(taken["due_at"]) == monday + 3 * hour
    with clock.frozen(monday + 2.5 * hour):
        given = {"taken_at": "2027-01-11T10:05", "done_at": "2027-01-11T10:25"}
        answer = people("kendal.kadis").api("POST", f"{task_path}/do/enter_late", given)
    assert answer.status_code == 200, answer.text
    counted = [answer.json["result"][name] for name in ("waiting_seconds", "handling_seconds", "paused_seconds")]
    assert counted == [125 * 60, 20 * 60, 0], "what the former unit paused is waiting"
    with app.app_context(), acting_as_system("kendal", "look"):
        assert [pause.ended_at for pause in db.session.get(Task, task_id).pauses] == [monday + hour]


def test_whom_the_former_unit_named_for_a_task_is_out_of_it_after_a_handover(
    case: Run, people: Callable[..., Any], person: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    put_in_unit(acting, SUBKOOR, STAF)
    task, subkoor = case.task("1"), user_id(acting, SUBKOOR)
    sent = {"user": str(subkoor), "until": day(acting, 9), "reason": "Cuti"}
    assert person(STAF).send(f"/procedures/delegation/{task}", sent).status_code == 302
    assert people(SUBKOOR).api("POST", f"task/{task}/do/take").status_code == 200
    hand_to_kadis(case, person, acting)
    assert people(SUBKOOR).api("POST", f"task/{task}/do/take").json["code"] == "not_executor"
    assert "Menentukan jalur" not in person(SUBKOOR).get("/procedures/my_work/").text
    panel = person("kendal.admin").get(f"/procedures/task/{task}/panel/assignment").text
    assert "· over" in panel
    assert people("kendal.kadis").api("POST", f"task/{task}/do/take").status_code == 200


def test_a_case_goes_to_another_unit_and_its_positions_do_the_tasks(
    case: Run, people: Callable[..., Any], person: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    target = unit_of_kadis(acting)
    case.take("1")
    page, admin = f"/procedures/handover/{case.case}", person("kendal.admin")
    assert person(KABID).get(page).status_code == 403
    mute = admin.send(page, {"unit": str(target), "reason": ""})
    assert mute.status_code == 422
    assert "Say why the case is handed over." in mute.text
    assert admin.send(page, {"unit": str(target), "reason": "Bidang dilebur"}).status_code == 302
    assert case.open() == {"1": "waiting"}, "what was taken waits again"
    task = case.task("1")
    assert people(STAF).api("POST", f"task/{task}/do/take").json["code"] == "not_executor"
    assert people("kendal.kadis").api("POST", f"task/{task}/do/take").status_code == 200
    assert people("kendal.kadis").api("POST", f"task/{task}/do/done", {}).status_code == 200
    assert people(STAF).api("POST", f"task/{case.task('5')}/do/take").json["code"] == "not_executor"
    thread = admin.get(f"/procedures/case/{case.case}/timeline").text
    assert "handed the case over to" in thread
    assert "Bidang dilebur" in thread
