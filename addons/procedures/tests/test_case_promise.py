"""Promises over cases: from any event to any event of a case, its steps, records and requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from addons.procedures.tests.test_branching import STAF, Run, signed_agreement
from addons.procedures.tests.test_handing_on import hand_to_kadis
from addons.procedures.tests.test_reminder import remind_at
from app import clock
from app.access.acting import acting as acting_as
from app.database.base import models
from app.database.session import db
from app.errors import Invalid
from app.records.service import service_of

pytestmark = pytest.mark.postgres

MONDAY = datetime(2027, 1, 11, 1, 0, tzinfo=UTC)
"""Monday, 11 January 2027, 08.00 in Kendal."""
MINUTE = timedelta(minutes=1)


def promised(app: Any, title: str, start: str, stop: str, minutes: int = 60, **given: Any) -> None:
    """A promise of Kendal; ``step.done/2`` is an event of step 2."""
    values: dict[str, Any] = {"title": title, "limit_value": minutes, "limit_unit": "minutes", **given}
    for name, event in (("start", start), ("stop", stop)):
        values[f"{name}_event"], _slash, step = event.partition("/")
        values |= {f"{name}_step": step} if step else {}
    with app.app_context(), acting_as("kendal.admin", "kendal"):
        service_of(models["procedures.ServicePromise"]).create(values)
        db.session.commit()


def clocks(app: Any) -> dict[str, tuple[int | None, str, int | None]]:
    """Of every clock: minutes counted, state, and minutes from the beginning to its due moment."""
    with app.app_context(), acting_as("kendal.admin", "kendal"):
        return {
            item.promise.title: (
                None if item.seconds is None else item.seconds // 60,
                item.state,
                None if item.due_at is None else (item.due_at - item.started_at) // MINUTE,
            )
            for item in db.session.query(models["procedures.PromiseClock"]).all()
        }


def begun(app: Any, program: Callable[..., Any]) -> Run:
    """A case at home that was opened on Monday at eight."""
    with clock.frozen(MONDAY):
        return Run(app, program, country="ID")


def test_a_promise_runs_from_any_event_to_any_event_of_a_case(app: Any, program: Callable[..., Any]) -> None:
    promised(app, "seluruhnya", "case.opened", "case.closed", 600)
    promised(app, "langkah", "step.taken/1", "step.done/1", 5)
    promised(app, "antarlangkah", "step.done/1", "step.taken/3")
    promised(app, "naskah", "step.done/1", "agreements.Agreement:activate")
    promised(app, "batal", "case.opened", "case.cancelled")
    promised(app, "langkah lain", "step.taken/9", "step.done/9")
    run = begun(app, program)
    agreement = signed_agreement(app, run, "MoA")
    with clock.frozen(MONDAY + 10 * MINUTE):
        task = run.take("1")
    with clock.frozen(MONDAY + 20 * MINUTE):
        assert program(STAF).api("POST", f"task/{task}/do/done", {}).status_code == 200
        run.do("2", choice="next")
    with clock.frozen(MONDAY + 50 * MINUTE):
        run.do("3")
        assert program("kendal.admin").api("POST", f"agreement/{agreement}/do/activate").status_code == 200
    with clock.frozen(MONDAY + 60 * MINUTE):
        run.do("4", "kendal.kabid")
        run.do("6", "kendal.kabid")
        assert clocks(app) == {
            "seluruhnya": (60, "in_time", 600 + 16 * 60 + 30),
            "langkah": (10, "late", 5),
            "antarlangkah": (30, "in_time", 60),
            "naskah": (30, "in_time", 60),
            "batal": (None, "soon", 60),
        }


def pause(program: Callable[..., Any], task: int) -> None:
    paused = program(STAF).api("POST", f"task/{task}/do/pause", {"reason": "partner"})
    assert paused.status_code == 200, paused.text


def test_pauses_count_unless_the_promise_says_that_they_do_not(app: Any, program: Callable[..., Any]) -> None:
    promised(app, "berlalu", "step.taken/1", "step.done/1", 30)
    promised(app, "tanpa jeda", "step.taken/1", "step.done/1", 30, without_pauses=True)
    run = begun(app, program)
    with clock.frozen(MONDAY):
        task = run.take("1")
    with clock.frozen(MONDAY + 10 * MINUTE):
        pause(program, task)
    with clock.frozen(MONDAY + 20 * MINUTE):
        assert clocks(app) == {"berlalu": (None, "in_time", 30), "tanpa jeda": (None, "in_time", None)}
    with clock.frozen(MONDAY + 50 * MINUTE):
        assert program(STAF).api("POST", f"task/{task}/do/resume").status_code == 200
        assert clocks(app) == {"berlalu": (None, "late", 30), "tanpa jeda": (None, "in_time", 70)}
    with clock.frozen(MONDAY + 65 * MINUTE):
        assert program(STAF).api("POST", f"task/{task}/do/done", {}).status_code == 200
        assert clocks(app) == {"berlalu": (65, "late", 30), "tanpa jeda": (25, "in_time", 70)}


def test_a_promise_that_waits_with_a_pause_goes_on_when_the_case_is_handed_over(
    app: Any, program: Callable[..., Any], person: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    promised(app, "tanpa jeda", "step.taken/1", "step.done/1", 30, without_pauses=True)
    run = begun(app, program)
    with clock.frozen(MONDAY):
        task = run.take("1")
    with clock.frozen(MONDAY + 10 * MINUTE):
        pause(program, task)
        assert clocks(app) == {"tanpa jeda": (None, "in_time", None)}
    with clock.frozen(MONDAY + 50 * MINUTE):
        hand_to_kadis(run, person, acting)
        assert clocks(app) == {"tanpa jeda": (None, "in_time", 70)}


def test_a_step_that_comes_again_does_not_begin_the_promise_again(app: Any, program: Callable[..., Any]) -> None:
    promised(app, "putaran", "step.taken/2", "step.done/3")
    run = begun(app, program)
    with clock.frozen(MONDAY):
        run.do("1")
        run.do("2", choice="again")
    with clock.frozen(MONDAY + 30 * MINUTE):
        run.do("2", choice="next")
        run.do("3")
        assert clocks(app) == {"putaran": (30, "in_time", 60)}


def test_what_was_promised_to_a_request_ends_with_a_step_of_its_case(app: Any, program: Callable[..., Any]) -> None:
    promised(app, "sampai langkah", "received", "step.done/1")
    promised(app, "sampai selesai", "step.done/1", "settled")
    run = begun(app, program)
    staf = program(STAF)
    with clock.frozen(MONDAY + 5 * MINUTE):
        with app.app_context(), acting_as(STAF, "kendal"):
            channel = db.session.query(models["procedures.RequestChannel"]).first().id
        body = {"channel": channel, "sender_name": "SD Contoh", "title": "Kunjungan", "case": run.case}
        asked = staf.api("POST", "request/", body)
        assert asked.status_code == 201, asked.text
    with clock.frozen(MONDAY + 25 * MINUTE):
        run.do("1")
    with clock.frozen(MONDAY + 40 * MINUTE):
        for name in ("respond", "settle"):
            answer = staf.api("POST", f"request/{asked.json['id']}/do/{name}")
            assert answer.status_code == 200, answer.text
        assert clocks(app) == {"sampai langkah": (20, "in_time", 60), "sampai selesai": (15, "in_time", 60)}


def test_only_cases_of_the_procedure_are_promised_to_and_the_page_tells(
    app: Any, program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    run = begun(app, program)
    with app.app_context(), acting_as("kendal.admin", "kendal"):
        procedure = db.session.get(models["procedures.Procedure"], run.procedure)
        db.session.expunge(procedure)
    promised(app, "hanya ini", "case.opened", "case.closed", procedure=procedure)
    with clock.frozen(MONDAY):
        other = Run(app, program)
        values = {"title": "Lagi", "procedure": run.procedure}
        answer = program("kendal.admin").api("POST", "case/", values)
        assert answer.status_code == 201, answer.text
        assert clocks(app) == {"hanya ini": (None, "in_time", 60)}
        staf = person(STAF)
        assert "hanya ini" in staf.get(f"/procedures/members/{answer.json['id']}").text
        assert "hanya ini" not in staf.get(f"/procedures/members/{other.case}").text


def test_whoever_is_responsible_is_reminded_of_a_case(app: Any, program: Callable[..., Any], run_jobs: Any) -> None:
    with app.app_context(), acting_as("kendal.admin", "kendal"):
        position = models["organization.Position"]
        staff = db.session.query(position).filter(position.title.ilike("%staf%")).first()
        db.session.expunge(staff)
    promised(app, "buka sampai tutup", "case.opened", "case.closed", position=staff)
    run = begun(app, program)
    assert remind_at(app, run_jobs, MONDAY + 50 * MINUTE) == [(STAF, "Segera jatuh tempo")]
    assert remind_at(app, run_jobs, MONDAY + 55 * MINUTE) == []
    with clock.frozen(MONDAY + 55 * MINUTE):
        gone = program("kendal.admin").api("POST", f"case/{run.case}/do/cancel", {"cancel_reason": "Mitra mundur"})
        assert gone.status_code == 200, gone.text
    assert remind_at(app, run_jobs, MONDAY + 90 * MINUTE) == []


@pytest.mark.parametrize(
    ("start", "stop", "given", "field"),
    [
        ("step.done/1", "step.done/1", {}, "stop_event"),
        ("case.cancelled", "case.closed", {}, "stop_event"),
        ("step.done/1", "case.opened", {}, "stop_event"),
        ("case.opened", "case.closed", {"kind": "procedures.RequestKind"}, "kind"),
        ("received", "settled", {"procedure": "procedures.Procedure"}, "procedure"),
    ],
    ids=["same", "after the end", "before the beginning", "kind", "procedure"],
)
def test_a_promise_that_could_never_be_kept_is_refused(
    app: Any, start: str, stop: str, given: dict[str, str], field: str
) -> None:
    with app.app_context(), acting_as("kendal.admin", "kendal"):
        links = {name: db.session.query(models[model]).first() for name, model in given.items()}
        for link in links.values():
            db.session.expunge(link)
    with pytest.raises(Invalid) as refused:
        promised(app, "mustahil", start, stop, **links)
    assert list(refused.value.errors) == [field]
    promised(app, "mungkin", "step.done/1", "step.done/2")


def test_the_form_offers_every_event_and_asks_for_steps(person: Callable[[str], Any]) -> None:
    admin = person("kendal.admin")
    form = admin.get("/procedures/service_promise/add").text
    for value in ("received", "case.opened", "step.done", "agreements.Agreement:activate"):
        assert f'value="{value}"' in form
    values = {
        "title": "Balasan dikirim", "start_event": "step.done", "start_step": "4", "limit_value": "2",
        "stop_event": "correspondence.OutgoingLetter:send", "limit_unit": "hours",
    }  # fmt: skip
    saved = admin.send("/procedures/service_promise/add", values)
    assert saved.status_code == 302, saved.text
    listed = admin.get("/procedures/service_promise/").text
    assert "Balasan dikirim" in listed
    assert "A step was done" in listed
    refused = admin.send("/procedures/service_promise/add", {**values, "title": "Lain", "stop_event": "bukan.apa"})
    assert refused.status_code == 422
