"""Requests: entered in three fields, answered within promised times, followed in a case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import clock
from app.access.acting import acting as acting_as
from app.database.base import models
from app.database.session import db
from app.errors import Conflict, Invalid
from app.records.service import service_of

MONDAY = datetime(2027, 1, 11, 1, 0, tzinfo=UTC)
"""Monday, 11 January 2027, 08.00 in Batam."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def chosen(model: str, **given: Any) -> Any:
    """The record of ``model`` with these values."""
    from sqlalchemy import select

    name, value = next(iter(given.items()))
    found = db.session.scalar(select(models[model]).where(getattr(models[model], name) == value))
    assert found is not None, (model, given)
    return found


@contextmanager
def batam(app: Any, at: datetime = MONDAY) -> Iterator[Any]:
    """The service of requests, as Polibatam's staff, on a Monday at eight."""
    with app.app_context(), acting_as("polibatam.staf", "polibatam"), clock.frozen(at):
        yield service_of(models["procedures.Request"])
        db.session.rollback()


def asked(service: Any, title: str = "Magang mahasiswa", **given: Any) -> Any:
    """A request by WhatsApp."""
    channel = chosen("procedures.RequestChannel", code="whatsapp")
    return service.create({"channel": channel, "sender_name": "PT Contoh Galangan", "title": title, **given})


def states(request: Any) -> dict[str, str]:
    """How its promises stand, by their codes."""
    return {item.promise.code: item.state for item in request.clocks}


RESPONSE, DRAFT, FOLLOW_UP = "B.1.2.9.13.b", "B.1.2.9.13.a", "B.1.2.9.13.c"


def test_three_fields_enter_a_request_and_start_its_promises(program: Callable[..., Any], app: Any) -> None:
    with batam(app):
        channel_id = chosen("procedures.RequestChannel", code="telephone").id
    staf = program("polibatam.staf")
    with clock.frozen(MONDAY):
        body = {"channel": channel_id, "sender_name": "SMK Contoh", "title": "Kunjungan industri"}
        answer = staf.api("POST", "request/", body)
        assert answer.status_code == 201, answer.text
        result = answer.json["result"]
        assert (result["number"], result["state"]) == ("PM-0001/2027", "received")
        assert datetime.fromisoformat(result["received_at"]) == MONDAY
        clocks = staf.api("GET", f"promise_clock/?q=(filters:!((col:request,opr:eq,value:{result['id']})))").json[
            "result"
        ]
        due = {row["promise"]["name"]: datetime.fromisoformat(row["due_at"]) for row in clocks}
        assert due == {
            "Respons pertama atas permintaan layanan": MONDAY + 15 * MINUTE,
            "Tindak lanjut permintaan mitra": MONDAY + 24 * HOUR,
        }
        missing = staf.api("POST", "request/", {"channel": channel_id, "title": "Tanpa pemohon"})
        assert (missing.status_code, list(missing.json["errors"])) == (422, ["sender_name"])


def test_a_promise_is_in_time_soon_and_late_and_keeps_how_it_ended(app: Any) -> None:
    with batam(app) as service:
        request = asked(service)
        seen = []
        for passed in (0, 11, 12, 15, 16):
            with clock.frozen(MONDAY + passed * MINUTE):
                seen.append((states(request)[RESPONSE], request.promise))
        assert [state for state, _words in seen] == ["in_time", "in_time", "soon", "soon", "late"]
        with clock.frozen(MONDAY + 16 * MINUTE):
            service.transition(request, "respond", {"first_response_at": MONDAY + 9 * MINUTE, "answer": "Kami balas"})
        assert request.state == "responded"
        with clock.frozen(MONDAY + 20 * HOUR):
            assert states(request) == {RESPONSE: "in_time", FOLLOW_UP: "soon"}
        stopped = next(item for item in request.clocks if item.promise.code == RESPONSE)
        assert (stopped.seconds, stopped.stopped_at) == (9 * 60, MONDAY + 9 * MINUTE)


def test_a_promise_in_minutes_waits_for_the_office_to_open_and_one_in_days_for_working_days(app: Any) -> None:
    friday_night = datetime(2027, 1, 15, 13, 0, tzinfo=UTC)
    monday_at_eight = datetime(2027, 1, 18, 1, 0, tzinfo=UTC)
    with batam(app, friday_night) as service:
        request = asked(service, kind=chosen("procedures.RequestKind", name="Penyusunan atau pembaruan draf"))
        due = {item.promise.code: item.due_at for item in request.clocks}
        assert due[RESPONSE] == datetime(2027, 1, 18, 0, 45, tzinfo=UTC)
        assert due[DRAFT] == due[FOLLOW_UP] == datetime(2027, 1, 18, 13, 0, tzinfo=UTC)
        with clock.frozen(monday_at_eight):
            service.transition(request, "send_draft", {})
        assert request.draft_sent_at == monday_at_eight
        assert states(request) == {RESPONSE: "late", DRAFT: "in_time", FOLLOW_UP: "in_time"}


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        ("working_days", datetime(2027, 1, 18, 13, 0, tzinfo=UTC)),
        ("calendar_days", datetime(2027, 1, 16, 17, 0, tzinfo=UTC)),
        ("round_the_clock", datetime(2027, 1, 16, 13, 0, tzinfo=UTC)),
    ],
)
def test_the_kind_of_day_is_a_setting(app: Any, monkeypatch: pytest.MonkeyPatch, kind: str, due: datetime) -> None:
    from addons.procedures.services import promise_clock

    with batam(app, datetime(2027, 1, 15, 13, 0, tzinfo=UTC)) as service:
        monkeypatch.setattr(promise_clock, "setting", lambda _name: kind)
        request = asked(service)
        assert next(item.due_at for item in request.clocks if item.promise.code == FOLLOW_UP) == due


def test_whatever_is_done_first_is_the_first_response(app: Any) -> None:
    with batam(app) as service:
        request = asked(service)
        with clock.frozen(MONDAY + 10 * MINUTE):
            service.transition(request, "follow_up", {})
            assert request.first_response_at == request.follow_up_at == MONDAY + 10 * MINUTE
            assert states(request) == {RESPONSE: "in_time", FOLLOW_UP: "in_time"}
            service.transition(request, "settle")
        with pytest.raises(Conflict):
            service.update(request, {"title": "Lain"})


@pytest.mark.parametrize(
    ("step", "given", "field"),
    [
        ("respond", {"first_response_at": MONDAY - HOUR}, "first_response_at"),
        ("respond", {"first_response_at": MONDAY + HOUR}, "first_response_at"),
        ("follow_up", {"follow_up_at": MONDAY - 2 * MINUTE}, "follow_up_at"),
        ("refuse", {"reason": "..."}, "reason"),
        ("open_case", {}, "procedure"),
        ("mark_duplicate", {}, "duplicate_of"),
    ],
)
def test_a_step_with_a_moment_or_an_answer_that_cannot_be_is_refused(
    app: Any, step: str, given: dict[str, Any], field: str
) -> None:
    with batam(app) as service:
        request = asked(service)
        with pytest.raises(Invalid) as refused:
            service.transition(request, step, given)
        assert list(refused.value.errors) == [field]
        assert (request.state, request.first_response_at) == ("received", None)


def test_seconds_that_nobody_writes_do_not_make_an_answer_too_early(app: Any) -> None:
    with batam(app, MONDAY + timedelta(seconds=40)) as service:
        request = asked(service)
        service.transition(request, "respond", {"first_response_at": MONDAY})
        assert request.first_response_at == request.received_at


def test_a_receipt_entered_later_counts_its_promises_from_then(app: Any) -> None:
    with batam(app, MONDAY + 3 * HOUR) as service:
        request = asked(service, received_at=MONDAY)
        assert states(request)[RESPONSE] == "late"
        service.update(request, {"received_at": MONDAY + 3 * HOUR - MINUTE})
        assert states(request)[RESPONSE] == "in_time"
        with pytest.raises(Invalid):
            service.update(request, {"received_at": MONDAY + 4 * HOUR})


def test_a_duplicate_is_hinted_marked_and_owed_nothing(app: Any, person: Callable[[str], Any]) -> None:
    from addons.procedures.services.request import twins_of

    with app.app_context(), acting_as("polibatam.staf", "polibatam"), clock.frozen(MONDAY):
        service = service_of(models["procedures.Request"])
        first = asked(service, "Magang mahasiswa semester genap")
        second = asked(service, "Magang mahasiswa semester genap 2027", sender_name="Galangan (lewat telepon)")
        other = asked(service, "Sewa aula", sender_name="Yayasan Contoh")
        assert twins_of(db.session(), second) == [first]
        assert twins_of(db.session(), other) == []
        with pytest.raises(Invalid):
            service.transition(second, "mark_duplicate", {"duplicate_of": second})
        db.session.commit()
        ids = first.id, second.id
    staf = person("polibatam.staf")
    with clock.frozen(MONDAY):
        assert "Magang mahasiswa semester genap</a>" in staf.get(
            f"/procedures/request/{ids[1]}/panel/twins"
        ).text.replace("PM-0001/2027 ", "")
        ask = f"/procedures/request/{ids[1]}/ask/mark_duplicate"
        assert staf.send(ask, {"duplicate_of": str(ids[0])}, form_at=ask).status_code == 302
        page = staf.get(f"/procedures/request/{ids[1]}").text
        assert "Duplicate request" in page
    with app.app_context(), acting_as("polibatam.staf", "polibatam"):
        assert db.session.get(models["procedures.Request"], ids[1]).clocks == []


def test_a_request_opens_a_case_once_and_stands_in_it(
    app: Any, invented: int, program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    with app.app_context(), acting_as("kendal.staf", "kendal"):
        channel_id = chosen("procedures.RequestChannel", code="email").id
    staf = program("kendal.staf")
    body = {"channel": channel_id, "sender_name": "SD Contoh", "title": "Pinjam globe"}
    request = staf.api("POST", "request/", body).json["result"]
    opened = staf.api("POST", f"request/{request['id']}/do/open_case", {"procedure": invented})
    assert opened.status_code == 200, opened.text
    result = opened.json["result"]
    assert result["state"] == "in_progress"
    assert result["first_response_at"] is not None
    reader = person("kendal.staf")
    assert "Pinjam globe" in reader.get(f"/procedures/members/{result['case']['id']}").text
    assert "/open_case" not in reader.get(f"/procedures/request/{result['id']}").text
    story = reader.get(f"/procedures/request/{result['id']}/timeline").text
    assert story.count("history-when") == 2, "made, and a case opened: one line for each act"
    again = staf.api("POST", f"request/{request['id']}/do/open_case", {"procedure": invented})
    assert (again.status_code, again.json["code"]) == (409, "has_case")


def test_a_letter_becomes_a_request_once(program: Callable[..., Any]) -> None:
    staf = program("kendal.staf")
    letter = staf.api("POST", "letter/", {"subject": "Permohonan kunjungan", "sender_name": "SD Contoh"}).json["result"]
    made = staf.api("POST", f"letter/{letter['id']}/do/make_request")
    assert made.status_code == 200, made.text
    request = staf.api("GET", f"request/{made.json['result']['request']['id']}").json["result"]
    assert (request["title"], request["sender_name"]) == ("Permohonan kunjungan", "SD Contoh")
    assert request["channel"]["name"] == "Surat"
    again = staf.api("POST", f"letter/{letter['id']}/do/make_request")
    assert (again.status_code, again.json["code"]) == (409, "has_request")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"stop_event": "received"}, "stop_event"),
        ({"limit_value": 0}, "limit_value"),
        ({"limit_value": 99_999_999}, "limit_value"),
        ({"limit_unit": "days", "clock_mode": "office_hours"}, "clock_mode"),
    ],
)
def test_a_promise_that_could_never_be_kept_is_refused(
    acting: Callable[..., Any], given: dict[str, Any], field: str
) -> None:
    right = {"title": "Jawaban", "start_event": "received", "stop_event": "responded", "limit_value": 1}
    with acting("kendal.admin", "kendal"):
        service = service_of(models["procedures.ServicePromise"])
        assert service.create({**right, "limit_unit": "days"}).id
        with pytest.raises(Invalid) as refused:
            service.create({**right, "title": "Lain", "limit_unit": "hours", **given})
        assert list(refused.value.errors) == [field]
        db.session.rollback()


def test_the_three_institutions_have_the_channels_and_only_polibatam_its_promises(
    program: Callable[..., Any],
) -> None:
    for who, promises in (("kendal.staf", 0), ("unair.humas", 0), ("polibatam.staf", 4)):  # 3 of PR.28.3
        api = program(who)
        assert api.api("GET", "request_channel/").json["count"] == 7, who
        assert len(api.api("GET", "service_promise/").json["result"]) == promises, who
