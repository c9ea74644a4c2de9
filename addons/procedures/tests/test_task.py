"""Taking and doing tasks: by the right person, with what is asked for, once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.postgres


def first_task(program: Any, case_id: int) -> dict[str, Any]:
    answer = program.api("GET", f"task/?q=(filters:!((col:case,opr:eq,value:{case_id})),order_column:id)")
    result: dict[str, Any] = answer.json["result"][0]
    return result


def step_of(app: Any, task_id: int) -> tuple[dict[str, int], dict[str, int]]:
    """The ids of the papers and outputs of the task's step, by name."""
    from addons.procedures.services.task import TaskService
    from app.access.acting import acting

    with app.app_context(), acting("kendal.staf", "kendal"):
        step = TaskService().get(task_id).step
        return {item.name: item.id for item in step.papers}, {item.name: item.id for item in step.outputs}


def test_only_the_holder_of_the_position_takes_a_task(
    start_case: Callable[[], dict[str, Any]], program: Callable[..., Any]
) -> None:
    task = first_task(program("kendal.staf"), start_case()["id"])
    refused = program("kendal.kabid").api("POST", f"task/{task['id']}/do/take")
    assert refused.status_code == 403
    assert refused.json["code"] == "not_executor"
    assert "Petugas alat" in refused.json["message"]
    assert program("kendal.staf").api("POST", f"task/{task['id']}/do/take").json["result"]["state"] == "taken"


def test_a_task_is_not_done_before_it_is_taken_nor_twice(
    app: Any, start_case: Callable[[], dict[str, Any]], program: Callable[..., Any]
) -> None:
    staf, kabid, case = program("kendal.staf"), program("kendal.kabid"), start_case()
    task = first_task(staf, case["id"])
    early = staf.api("POST", f"task/{task['id']}/do/done", {})
    assert (early.status_code, early.json["code"]) == (409, "not_taken")
    assert staf.api("POST", f"task/{task['id']}/do/take").status_code == 200
    twice = staf.api("POST", f"task/{task['id']}/do/take")
    assert (twice.status_code, twice.json["code"]) == (409, "state_changed")
    foreign = kabid.api("POST", f"task/{task['id']}/do/done", {})
    assert foreign.json["code"] == "not_executor"


def test_done_is_refused_without_papers_and_outputs_and_says_which(
    app: Any, start_case: Callable[[], dict[str, Any]], program: Callable[..., Any]
) -> None:
    staf, case = program("kendal.staf"), start_case()
    task = first_task(staf, case["id"])
    staf.api("POST", f"task/{task['id']}/do/take")
    papers, outputs = step_of(app, task["id"])
    refused = staf.api("POST", f"task/{task['id']}/do/done", {})
    assert refused.status_code == 422
    assert refused.json["errors"]["papers"] == ["Not ticked: Formulir pinjam."]
    assert refused.json["errors"][f"output_{outputs['Foto alat']}"] == ["Foto alat is missing."]
    body = {"papers": [papers["Formulir pinjam"]], "outputs": {str(outputs["Foto alat"]): 999_999}}
    foreign = staf.api("POST", f"task/{task['id']}/do/done", body)
    assert "not part of the case" in foreign.json["errors"][f"output_{outputs['Foto alat']}"][0]
    assert staf.api("GET", f"task/{task['id']}").json["result"]["state"] == "taken"


def test_wrong_types_are_answers(start_case: Callable[[], dict[str, Any]], program: Callable[..., Any]) -> None:
    staf, case = program("kendal.staf"), start_case()
    task = first_task(staf, case["id"])
    staf.api("POST", f"task/{task['id']}/do/take")
    for body in (
        {"papers": "x"},
        {"papers": ["y"]},
        {"outputs": []},
        {"outputs": {"a": 1}},
        {"choice": 3},
        {"remark": []},
    ):
        answer = staf.api("POST", f"task/{task['id']}/do/done", body)
        assert answer.status_code == 422, (body, answer.text)
    assert staf.api("POST", f"task/{task['id']}/do/dance").status_code == 404


LONG = "x" * 5000


def test_a_remark_is_kept_whole_or_refused(
    app: Any, start_case: Callable[[], dict[str, Any]], program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    api, task = program("kendal.staf"), first_task(program("kendal.staf"), start_case()["id"])
    api.api("POST", f"task/{task['id']}/do/take")
    papers, outputs = step_of(app, task["id"])
    whole = {"papers": [papers["Formulir pinjam"]], "outputs": {}}
    for remark in ("a\x00b", "a\ud800b", LONG + "x", ["a"], 5):
        refused = api.api("POST", f"task/{task['id']}/do/done", {**whole, "remark": remark})
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["remark"]), refused.text
    staf, page = person("kendal.staf"), f"/procedures/task/{task['id']}"
    for remark in ("Kurang \x00 lengkap", LONG + "Kurang"):
        refused = staf.send(f"/procedures/work/{task['id']}/done", {"remark": remark}, form_at=page)
        assert refused.status_code == 422
        assert remark.split()[-1] in refused.text, "what was typed stays"
    with app.app_context():
        _file_is_optional(outputs["Foto alat"])
    done = api.api("POST", f"task/{task['id']}/do/done", {**whole, "remark": f" {LONG}\r\n"})
    assert done.status_code == 200, done.text
    assert done.json["result"]["remark"] == LONG


def _file_is_optional(output_id: int) -> None:
    from addons.procedures.models.step_output import StepOutput
    from app.access.acting import acting_as_system
    from app.database.session import db

    with acting_as_system("kendal", "a step that asks for no file"):
        output = db.session.get(StepOutput, output_id)
        output.is_mandatory = False
        output.step.branches[0].needs_remark = True
        db.session.commit()


def test_a_remark_that_nobody_can_see_is_none(
    app: Any, start_case: Callable[[], dict[str, Any]], program: Callable[..., Any]
) -> None:
    staf, case = program("kendal.staf"), start_case()
    task = first_task(staf, case["id"])
    staf.api("POST", f"task/{task['id']}/do/take")
    papers, outputs = step_of(app, task["id"])
    with app.app_context():
        _file_is_optional(outputs["Foto alat"])
    body = {"papers": [papers["Formulir pinjam"]]}
    for remark in (None, "\u200b", "\u202e", "..."):
        refused = staf.api("POST", f"task/{task['id']}/do/done", {**body, "remark": remark})
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["remark"]), remark
    assert staf.api("POST", f"task/{task['id']}/do/done", {**body, "remark": "Kurang satu"}).status_code == 200


def test_two_who_take_at_once_one_wins(
    app: Any, start_case: Callable[[], dict[str, Any]], program: Callable[..., Any]
) -> None:
    from addons.procedures.services.task import TaskService
    from app.access.acting import acting
    from app.database.session import db
    from app.errors import Conflict

    task = first_task(program("kendal.staf"), start_case()["id"])
    barrier, answers = threading.Barrier(4), []

    def attempt() -> None:
        with app.app_context(), acting("kendal.staf", "kendal"):
            service = TaskService()
            found = service.get(task["id"])
            barrier.wait()
            try:
                service.take(found)
                db.session.commit()
                answers.append("taken")
            except Conflict:
                db.session.rollback()
                answers.append("refused")

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["refused", "refused", "refused", "taken"]


def test_a_deputy_acts_for_the_dates_of_the_deputation(
    app: Any, start_case: Callable[[], dict[str, Any]], program: Callable[..., Any]
) -> None:
    from datetime import timedelta

    from sqlalchemy import select

    from addons.organization.models.holder import Holder
    from addons.procedures.services.task import TaskService
    from app.access.acting import acting, acting_as_system
    from app.database.session import db
    from app.i18n.formats import today_here

    task_id = first_task(program("kendal.staf"), start_case()["id"])["id"]
    with app.app_context(), acting("kendal.subkoor", "kendal") as access:
        user_id = access.user_id
    with app.app_context():
        with acting_as_system("kendal", "a deputy for one day"):
            task = db.session.get(TaskService.model, task_id)
            deputy = Holder(
                position_id=task.step.executor.position_id,
                user_id=user_id,
                kind="daily_acting",
                date_from=today_here(),
                date_to=today_here(),
            )
            db.session.add(deputy)
        db.session.commit()
    subkoor = program("kendal.subkoor")
    with app.app_context(), acting("kendal.subkoor", "kendal"):
        assert TaskService().may_act(TaskService().get(task_id))
    with app.app_context():
        with acting_as_system("kendal", "the deputation ended yesterday"):
            row = db.session.scalar(select(Holder).where(Holder.kind == "daily_acting"))
            row.date_from, row.date_to = today_here() - timedelta(days=3), today_here() - timedelta(days=1)
        db.session.commit()
    ended = subkoor.api("POST", f"task/{task_id}/do/take")
    assert ended.json["code"] == "not_authenticated", "the session ends with the role it began with"
    refused = program("kendal.subkoor").api("POST", f"task/{task_id}/do/take")
    assert refused.json["code"] == "not_executor"


def test_nothing_joins_a_closed_case(
    app: Any, start_case: Callable[[], dict[str, Any]], program: Callable[..., Any]
) -> None:
    from addons.procedures.models.case import Case
    from app.access.acting import acting_as_system
    from app.database.session import db

    case = start_case()
    body = {"subject": "Surat susulan", "sender_name": "SD Contoh", "case": case["id"]}
    assert program("kendal.staf").api("POST", "letter/", body).status_code == 201
    with app.app_context():
        with acting_as_system("kendal", "close"):
            db.session.get(Case, case["id"]).state = "closed"
        db.session.commit()
    refused = program("kendal.staf").api("POST", "letter/", body)
    assert (refused.status_code, refused.json["code"]) == (409, "case_closed")
    assert case["number"] in refused.json["message"]


def test_times_are_stored_and_handling_runs_from_taken_to_done(
    app: Any, start_case: Callable[[], dict[str, Any]], program: Callable[..., Any]
) -> None:
    from datetime import UTC, datetime, timedelta

    from addons.procedures.services.task import TaskService
    from app import clock
    from app.access.acting import acting

    staf, case = program("kendal.staf"), start_case()
    task_id = first_task(staf, case["id"])["id"]
    papers, _outputs = step_of(app, task_id)
    begin = datetime(2027, 1, 4, 4, 56, tzinfo=UTC)  # a Monday, 11.56 in Kendal: rest is from 12 to 13
    with app.app_context(), acting("kendal.staf", "kendal"):
        service = TaskService()
        task = service.get(task_id)
        with clock.frozen(begin):
            service.take(task)
        output = next(item for item in task.step.outputs)
        output.is_mandatory = False
        with clock.frozen(begin + timedelta(minutes=66, seconds=30)):
            service.done(task, [papers["Formulir pinjam"]], {}, None)
        assert task.handling_seconds == 390
        assert task.waiting_seconds is not None
        assert task.waiting_seconds > 0


def test_a_program_reads_from_the_task_what_it_must_send(
    start_case: Callable[[], dict[str, Any]], program: Callable[..., Any]
) -> None:
    staf, case = program("kendal.staf"), start_case()
    task = first_task(staf, case["id"])
    taken = staf.api("POST", f"task/{task['id']}/do/take").json["result"]
    assert taken["taken_by"]["name"] == "Staf Contoh Kendal"
    assert [(item["name"], item["mandatory"]) for item in taken["papers"]] == [
        ("Formulir pinjam", True),
        ("Pulpen merah", False),
    ]
    assert taken["outputs"][0]["kind"] == "file"
    body = {"papers": [item["id"] for item in taken["papers"] if item["mandatory"]]}
    refused = staf.api("POST", f"task/{task['id']}/do/done", body)
    assert list(refused.json["errors"]) == [f"output_{taken['outputs'][0]['id']}"]


def test_a_paper_that_is_attached_counts_as_ticked(
    start_case: Callable[[], dict[str, Any]], program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    import io

    from addons.procedures.tests.test_invented_procedure import PNG

    case = start_case()
    task = first_task(program("kendal.staf"), case["id"])
    taken = program("kendal.staf").api("POST", f"task/{task['id']}/do/take").json["result"]
    staf = person("kendal.staf")
    fields = {
        f"paper_file_{taken['papers'][0]['id']}": (io.BytesIO(PNG), "formulir.png"),
        f"file_{taken['outputs'][0]['id']}": (io.BytesIO(PNG), "globe.png"),
    }
    answer = staf.send(f"/procedures/work/{task['id']}/done", fields, form_at=f"/procedures/task/{task['id']}")
    assert answer.status_code == 302
    assert "formulir.png" in staf.get(f"/procedures/task/{task['id']}").text


def test_nonsense_among_the_ticked_papers_is_an_answer(
    start_case: Callable[[], dict[str, Any]], program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    task = first_task(program("kendal.staf"), start_case()["id"])
    program("kendal.staf").api("POST", f"task/{task['id']}/do/take")
    staf, page = person("kendal.staf"), f"/procedures/task/{task['id']}"
    answer = staf.send(f"/procedures/work/{task['id']}/done", {"paper": ["9" * 5000, "x", "-1"]}, form_at=page)
    assert answer.status_code == 422
    assert "Not ticked: Formulir pinjam." in answer.text
