"""Who came to an activity: entered one by one or as lines, once each, while the list is open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from addons.activities.tests.conftest import MORNING
from app import clock

Enter = Callable[..., Any]
Plan = Callable[..., int]


def names(people: list[dict[str, Any]]) -> list[str]:
    return [item["name"] for item in people]


def test_several_people_are_entered_at_once(plan: Plan, enter: Enter, on_list: Any, person: Any) -> None:
    activity = plan()
    lines = "1. Siti  Contoh; SD Contoh 1; Kelas 5\n\n2) Budi Contoh\nGuru Contoh\tSMP Contoh\tGuru\t0812 0000 0000"
    with clock.frozen(MORNING + timedelta(minutes=5)):
        answer = enter(activity, lines, organisation="SD Contoh 2")
        assert (answer.status_code, answer.location) == (302, f"/activities/activity/{activity}")
    people = on_list(activity)
    assert [(item["name"], item["organisation"], item["position"]) for item in people] == [
        ("Siti Contoh", "SD Contoh 1", "Kelas 5"),
        ("Budi Contoh", "SD Contoh 2", None),
        ("Guru Contoh", "SMP Contoh", "Guru"),
    ]
    assert people[0]["arrived_at"] == "2026-03-02T01:05:00+00:00"
    staf = person("kendal.staf")
    summary = staf.get(f"/activities/activity/{activity}/panel/attendance").text
    assert "3 people present" in summary
    assert "<dt>People present</dt>" in staf.get(f"/activities/activity/{activity}").text.replace("\n", "")


def test_a_pasted_list_of_two_hundred_people_works(plan: Plan, enter: Enter, person: Any) -> None:
    activity = plan()
    lines = "\r\n".join(f"{place}.\tSiswa Contoh {place}\tSD Contoh {place % 3}" for place in range(1, 201))
    assert enter(activity, lines).status_code == 302
    summary = person("kendal.staf").get(f"/activities/activity/{activity}/panel/attendance").text
    assert "200 people present" in summary
    assert ">SD Contoh 1 <" in summary


def test_what_is_wrong_is_said_with_its_line_and_nothing_is_half_saved(plan: Plan, enter: Enter, on_list: Any) -> None:
    activity = plan()
    enter(activity, "Siti Contoh; SD Contoh 1")
    lines = [
        "Baru Contoh; SD Contoh 1",
        "; SD Contoh 1",
        f"{'Panjang' * 30}; SD Contoh 1",
        "siti   CONTOH; sd contoh 1",
        "Baru Contoh;SD Contoh 1",
        "a; b; c; d; e",
        "Aneh\x00; SD",
    ]
    answer = enter(activity, "\n".join(lines))
    assert answer.status_code == 422
    for sentence in (
        "Line 2: the name is missing.",
        "Line 3: “PanjangPanjangPanjangPanjangPa…” is longer than 150 characters.",
        "Line 4: siti CONTOH (sd contoh 1) is on the list already.",
        "Line 5: Baru Contoh (SD Contoh 1) stands on line 1 already.",
        "Line 6 has more than four parts",
        "Line 7 holds a character that cannot be stored.",
    ):
        assert sentence in answer.text, sentence
    assert "Line 1:" not in answer.text
    assert "Baru Contoh;SD Contoh 1" in answer.text, "what was typed stays"
    assert names(on_list(activity)) == ["Siti Contoh"]


@pytest.mark.parametrize("lines", ["", " \n\n ", "\n".join(f"Siswa {place}" for place in range(501))])
def test_nobody_and_too_many_at_once_are_refused(plan: Plan, enter: Enter, on_list: Any, lines: str) -> None:
    activity = plan()
    assert enter(activity, lines).status_code == 422
    assert on_list(activity) == []


def test_people_on_the_list_are_left_out_when_the_clerk_says_so(plan: Plan, enter: Enter, on_list: Any) -> None:
    activity = plan()
    enter(activity, "Siti Contoh; SD Contoh 1\nBudi Contoh; SD Contoh 1")
    assert enter(activity, "SITI Contoh; SD Contoh 1\nTono Contoh; SD Contoh 1", skip="1").status_code == 302
    assert names(on_list(activity)) == ["Siti Contoh", "Budi Contoh", "Tono Contoh"]


def test_the_same_person_is_on_a_list_once_and_may_come_to_another_activity(plan: Plan, program: Any) -> None:
    first, second, staf = plan(), plan(title="Bedah buku"), program("kendal.staf")
    body = {"activity": first, "name": "Siti Contoh", "organisation": "SD Contoh 1"}
    assert staf.api("POST", "attendance/", body).status_code == 201
    again = staf.api("POST", "attendance/", {**body, "name": " siti  contoh "})
    assert (again.status_code, again.json["code"]) == (409, "already_present")
    assert "siti contoh (SD Contoh 1) is on the list already." in again.json["errors"]["name"][0]
    assert staf.api("POST", "attendance/", {**body, "organisation": None}).status_code == 201
    assert staf.api("POST", "attendance/", {**body, "name": "Siti Contoh (5B)"}).status_code == 201
    assert staf.api("POST", "attendance/", {**body, "activity": second}).status_code == 201


def test_a_person_taken_off_the_list_comes_back_unless_entered_again(plan: Plan, program: Any, person: Any) -> None:
    activity, staf, browser = plan(), program("kendal.staf"), person("kendal.staf")
    body = {"activity": activity, "name": "Siti Contoh"}
    first = staf.api("POST", "attendance/", body).json["id"]
    address = f"/activities/attendance/{first}"
    assert staf.api("DELETE", f"attendance/{first}").status_code == 200
    assert browser.send(f"{address}/restore", {}, form_at=address).status_code == 302
    assert staf.api("DELETE", f"attendance/{first}").status_code == 200
    assert staf.api("POST", "attendance/", body).status_code == 201
    answer = browser.send(f"{address}/restore", {}, form_at=address)
    assert answer.status_code == 409
    assert "Siti Contoh is on the list already." in answer.text


def test_nobody_comes_before_the_day_of_the_activity(plan: Plan, enter: Enter, program: Any, person: Any) -> None:
    activity = plan(starts_at=MORNING + timedelta(days=2), ends_at=MORNING + timedelta(days=2, hours=1))
    body = {"activity": activity, "name": "Siti Contoh"}
    with clock.frozen(MORNING):
        assert enter(activity, "Siti Contoh").status_code == 409
        answer = program("kendal.staf").api("POST", "attendance/", body)
        assert (answer.status_code, answer.json["code"]) == (409, "attendance_closed")
        page = person("kendal.staf").get(f"/activities/attendance_entry/{activity}").text
        assert "Attendance is entered from the day of the activity on." in page
        assert "<textarea" not in page
    with clock.frozen(MORNING + timedelta(days=1, hours=17)):
        assert program("kendal.staf").api("POST", "attendance/", body).status_code == 201


def test_the_arrival_is_now_while_the_activity_goes_on_and_unknown_afterwards(
    plan: Plan, enter: Enter, on_list: Any, program: Any
) -> None:
    activity = plan()
    with clock.frozen(MORNING + timedelta(minutes=90)):
        enter(activity, "Siti Contoh")
    with clock.frozen(MORNING + timedelta(days=1)):
        enter(activity, "Budi Contoh")
        staf, body = program("kendal.staf"), {"activity": activity, "name": "Tono Contoh"}
        for wrong in ("2026-03-04T08:00", "2026-03-01T23:00", "2026-03-03T07:00"):
            answer = staf.api("POST", "attendance/", {**body, "arrived_at": wrong})
            assert answer.status_code == 422, wrong
            assert list(answer.json["errors"]) == ["arrived_at"]
        assert staf.api("POST", "attendance/", {**body, "arrived_at": "2026-03-02T07:45"}).status_code == 201
    assert [item["arrived_at"] for item in on_list(activity)] == [
        "2026-03-02T02:30:00+00:00", None, "2026-03-02T00:45:00+00:00",
    ]  # fmt: skip


def test_a_cancelled_activity_has_no_attendance_and_one_that_people_came_to_is_not_cancelled(
    plan: Plan, enter: Enter, program: Any
) -> None:
    staf, cancelled, visited = program("kendal.staf"), plan(), plan()
    assert staf.api("POST", f"activity/{cancelled}/do/cancel").status_code == 200
    assert enter(cancelled, "Siti Contoh").status_code == 409
    enter(visited, "Siti Contoh")
    answer = staf.api("POST", f"activity/{visited}/do/cancel")
    assert (answer.status_code, answer.json["code"]) == (409, "people_came")


def test_after_the_report_only_who_may_archive_reports_corrects_the_list(
    plan: Plan, enter: Enter, program: Any, on_list: Any
) -> None:
    activity, staf, kabid = plan(), program("kendal.staf"), program("kendal.kabid")
    enter(activity, "Siti Contoh\nBudi Contoh")
    staf.api("POST", f"activity/{activity}/do/hold")
    assert enter(activity, "Tono Contoh").status_code == 302
    report = staf.api("POST", "report/", {"activity": activity, "summary": "Berjalan baik."})
    assert report.json["result"]["participants_count"] == 3, "the report counts who came"
    siti = on_list(activity)[0]["id"]
    assert staf.api("PUT", f"attendance/{siti}", {"note": "Terlambat"}).status_code == 409
    assert staf.api("DELETE", f"attendance/{siti}").status_code == 409
    assert enter(activity, "Rina Contoh").status_code == 409
    assert kabid.api("PUT", f"attendance/{siti}", {"name": "Siti Contoh Benar"}).status_code == 200
    assert enter(activity, "Rina Contoh", who="kendal.kabid").status_code == 302
    assert names(on_list(activity)) == ["Siti Contoh Benar", "Budi Contoh", "Tono Contoh", "Rina Contoh"]


def test_an_entry_stays_with_its_activity(plan: Plan, program: Any) -> None:
    first, second, staf = plan(), plan(), program("kendal.staf")
    entry = staf.api("POST", "attendance/", {"activity": first, "name": "Siti Contoh"}).json["id"]
    answer = staf.api("PUT", f"attendance/{entry}", {"activity": second})
    assert list(answer.json["errors"]) == ["activity"]


def test_attendance_joins_the_case_of_its_activity_now_and_later(plan: Plan, program: Any) -> None:
    staf, case_ids = program("kendal.staf"), []
    procedure = staf.api("GET", "case/related/procedure").json["result"][0]["value"]
    for title in ("Kerja sama A", "Kerja sama B"):
        answer = staf.api("POST", "case/", {"title": title, "procedure": procedure})
        case_ids.append(answer.json["id"])
    activity = plan()
    body = {"activity": activity, "name": "Siti Contoh"}
    entry = staf.api("POST", "attendance/", body).json
    assert entry["result"]["case"] is None
    assert staf.api("PUT", f"activity/{activity}", {"case": case_ids[0]}).status_code == 200
    later = staf.api("POST", "attendance/", {**body, "name": "Budi Contoh"}).json
    for pk in (entry["id"], later["id"]):
        assert staf.api("GET", f"attendance/{pk}").json["result"]["case"]["id"] == case_ids[0]
    wrong = staf.api("POST", "attendance/", {**body, "name": "Tono Contoh", "case": case_ids[1]})
    assert list(wrong.json["errors"]) == ["case"]


def test_how_people_can_be_reached_stands_in_no_list(plan: Plan, program: Any, person: Any) -> None:
    activity, staf, browser = plan(), program("kendal.staf"), person("kendal.staf")
    body = {"activity": activity, "name": "Siti Contoh", "contact": "0812-0000-0000"}
    entry = staf.api("POST", "attendance/", body).json["id"]
    assert staf.api("GET", f"attendance/{entry}").json["result"]["contact"] == "0812-0000-0000"
    for address in (
        "/activities/attendance/", f"/activities/activity/{activity}/related/0",
        f"/activities/activity/{activity}/panel/attendance", "/activities/attendance/?q=0812",
    ):  # fmt: skip
        page = browser.get(address)
        assert page.status_code == 200
        assert "0812-0000" not in page.text, address
    assert "Siti Contoh" in browser.get(f"/activities/activity/{activity}/related/0").text
    assert "0812" not in staf.api("GET", "attendance/").text


def test_other_institutions_and_readers_cannot_enter_or_see_anybody(plan: Plan, enter: Enter, person: Any) -> None:
    activity = plan()
    enter(activity, "Siti Contoh")
    for username in ("unair.admin", "polibatam.staf"):
        stranger = person(username)
        assert stranger.get(f"/activities/attendance_entry/{activity}").status_code == 404
        assert "Siti Contoh" not in stranger.get("/activities/attendance/").text
        assert enter(activity, "Tono Contoh", who=username).status_code == 404
    reader = person("kendal.kadis")
    assert reader.get(f"/activities/attendance_entry/{activity}").status_code == 403
    assert "Siti Contoh" in reader.get("/activities/attendance/").text
    assert "Enter attendance" not in reader.get(f"/activities/activity/{activity}/panel/attendance").text


def test_an_activity_takes_its_time_from_the_booking(program: Any) -> None:
    staf = program("kendal.staf")
    room = staf.api("GET", "booking/related/room").json["result"][0]["value"]
    kind = staf.api("GET", "activity/related/kind?q=(filter:'Kunjungan literasi')").json["result"][0]["value"]
    times = {"starts_at": "2026-03-02T08:00", "ends_at": "2026-03-02T10:00"}
    booking = staf.api("POST", "booking/", {"room": room, "purpose": "Kunjungan", **times}).json["id"]
    body = {"title": "Kunjungan", "kind": kind}
    made = staf.api("POST", "activity/", {**body, "booking": booking}).json["result"]
    assert (made["starts_at"], made["ends_at"]) == ("2026-03-02T01:00:00+00:00", "2026-03-02T03:00:00+00:00")
    shorter = staf.api("POST", "activity/", {**body, "booking": booking, "starts_at": "2026-03-02T09:00"})
    assert shorter.json["result"]["ends_at"] == "2026-03-02T03:00:00+00:00"
    early = staf.api("POST", "activity/", {**body, "booking": booking, "starts_at": "2026-03-02T07:00"})
    assert early.status_code == 422
    assert set(staf.api("POST", "activity/", body).json["errors"]) == {"starts_at", "ends_at"}
