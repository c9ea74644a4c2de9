"""PR.28.3 from beginning to end: the plan, the coordination with partner and units, the archive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addons.polibatam.tests.conftest import KAPOKJA, STAF, Cooperation

PLAN, MINUTES = "Rencana kegiatan", "Notulen/hasil koordinasi"


def test_a_plan_is_coordinated_with_partner_and_units_and_its_report_is_archived(
    cooperation: Cooperation, person: Callable[[str], Any]
) -> None:
    case = cooperation
    assert case.open() == ["1"]
    assert "Rencana kegiatan is missing." in str(case.finish("1").json["errors"])
    plan = {"title": "Rapat magang", "kind": "meeting", "planned_on": case.today(), "case": case.case}
    case.make(STAF, "activity_plan", plan)
    case.do("1", activity_plan=PLAN)

    early = case.finish("2", "lanjut", activity_plan=MINUTES)
    assert "needed is" in str(early.json["errors"]), "a plan alone is not coordinated"
    assert case.move(KAPOKJA, "activity_plan", "coordinate").json["code"] == "no_partner"
    assert case.move(STAF, "activity_plan", "coordinate").status_code == 403, "Kapokja coordinates"
    plan_id = case.records["activity_plan"]
    case.make(KAPOKJA, "plan_participant", {"plan": plan_id, "partner": case.partner, "person": "Yoga Contoh"})
    assert case.move(KAPOKJA, "activity_plan", "coordinate").json["code"] == "no_unit"
    unit = case.id_of("organization.Unit", "unit_p3m")
    case.make(KAPOKJA, "plan_participant", {"plan": plan_id, "unit": unit})
    both = case.call(KAPOKJA, "POST", "plan_participant/", {"plan": plan_id, "unit": unit, "partner": case.partner})
    assert both.json["errors"]["partner"] == ["Enter either the partner or the internal unit."]
    assert case.move(KAPOKJA, "activity_plan", "coordinate").json["errors"]["minutes"] == ["Write the minutes first."]
    written = {"minutes": "Magang enam bulan"}
    assert case.call(KAPOKJA, "PUT", f"activity_plan/{plan_id}", written).status_code == 200
    assert case.move(KAPOKJA, "activity_plan", "coordinate").status_code == 200
    case.do("2", "again", activity_plan=MINUTES)
    assert case.open() == ["2"], "another meeting"
    same = case.finish("2", "lanjut", activity_plan=MINUTES)
    assert "nothing was changed" in str(same.json["errors"])
    assert case.move(KAPOKJA, "activity_plan", "replan").status_code == 200
    case.call(KAPOKJA, "PUT", f"activity_plan/{plan_id}", {"minutes": "Magang enam bulan, dua angkatan"})
    assert case.move(KAPOKJA, "activity_plan", "coordinate").status_code == 200
    case.do("2", "lanjut", activity_plan=MINUTES)

    case.file_on("3")
    alone = case.finish("3", file="Arsip laporan kerjasama")
    assert "Data LED (borang monitoring) is missing." in str(alone.json["errors"])
    monitoring = {
        "title": "Magang", "partner": case.partner, "unit": unit, "year": 2026, "quarter": "4", "field": "education",
        "level": "national", "status": "Berjalan", "monitored_on": case.today(), "case": case.case,
    }  # fmt: skip
    case.make(STAF, "monitoring", monitoring)
    case.do("3", file="Arsip laporan kerjasama", monitoring="Data LED (borang monitoring)")
    assert case.state() == "closed"
    records = person(KAPOKJA).get(f"/procedures/records/{case.case}").text
    assert "No.BO.28.1.2 Borang Monitoring Kerjasama" in records
    assert "Magang" in records


def test_monitoring_refuses_what_cannot_be(cooperation: Cooperation) -> None:
    values = {"title": "X", "partner": cooperation.partner, "quarter": "1", "monitored_on": cooperation.today()}
    wrong = {**values, "year": 26, "starts_on": "2026-05-02", "ends_on": "2026-05-01"}
    errors = cooperation.call(STAF, "POST", "monitoring/", wrong).json["errors"]
    assert errors["year"] == ["Write the year with four digits."]
    assert errors["ends_on"] == ["The last day is before the first."]
    assert cooperation.call(STAF, "POST", "monitoring/", {**values, "year": 2026}).status_code == 201
