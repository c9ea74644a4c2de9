"""Once the case of an activity is closed, its attendance and its report stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from addons.activities.tests.conftest import MORNING
from app import clock
from app.database.session import db

ATTENDANCE = "The case of this activity is closed; its attendance no longer changes."
REPORT = "The case of this activity is closed; its report no longer changes."


@pytest.fixture
def closed(plan: Callable[..., int], program: Any, acting: Any) -> dict[str, int]:
    """A reported activity of a closed case, with a person and a report that stand in no case themselves."""
    staf, kabid = program("kendal.staf"), program("kendal.kabid")
    activity = plan()
    with clock.frozen(MORNING + timedelta(hours=3)):
        person = staf.api("POST", "attendance/", {"activity": activity, "name": "Siti Contoh"}).json["id"]
        assert staf.api("POST", f"activity/{activity}/do/hold").status_code == 200
        answer = staf.api("POST", "report/", {"activity": activity, "summary": "Lancar."})
        assert answer.status_code == 201, answer.text
    procedure = staf.api("GET", "case/related/procedure").json["result"][0]["value"]
    case = staf.api("POST", "case/", {"title": "Kunjungan", "procedure": procedure}).json["id"]
    assert kabid.api("PUT", f"activity/{activity}", {"case": case}).status_code == 200
    with acting("kendal.admin", "kendal"):
        from addons.activities.models.attendance import Attendance
        from addons.activities.models.report import Report
        from addons.procedures.models.case import Case

        for model, pk in ((Attendance, person), (Report, answer.json["id"])):
            db.session.get(model, pk).case = None
        db.session.get(Case, case).state = "closed"
        db.session.commit()
    return {"activity": activity, "attendance": person, "report": answer.json["id"]}


def test_the_attendance_stays_for_everybody_by_api_and_by_page(
    closed: dict[str, int], program: Any, person: Any, enter: Any
) -> None:
    kabid = program("kendal.admin")
    body = {"activity": closed["activity"], "name": "Budi Contoh"}
    attempts = (
        ("POST", "", body),
        ("PUT", closed["attendance"], {"name": "Lain"}),
        ("DELETE", closed["attendance"], None),
    )
    for method, pk, values in attempts:
        answer = kabid.api(method, f"attendance/{pk}", values)
        assert (answer.status_code, answer.json["message"]) == (409, ATTENDANCE), method
    assert ATTENDANCE in enter(closed["activity"], "Budi Contoh", who="kendal.admin").text
    assert ATTENDANCE in person("kendal.admin").get(f"/activities/activity/{closed['activity']}/panel/attendance").text


def test_the_report_stays_for_everybody(closed: dict[str, int], program: Any, acting: Any) -> None:
    admin = program("kendal.admin")
    for method, values in (("PUT", {"summary": "Lain"}), ("DELETE", None)):
        answer = admin.api(method, f"report/{closed['report']}", values)
        assert (answer.status_code, answer.json["message"]) == (409, REPORT), method
    with acting("kendal.admin", "kendal"):
        from addons.activities.models.report import Report

        db.session.get(Report, closed["report"]).active = False
        db.session.commit()
    again = admin.api("POST", "report/", {"activity": closed["activity"], "summary": "Kedua"})
    assert (again.status_code, again.json["message"]) == (409, REPORT)
