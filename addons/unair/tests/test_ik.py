"""IK-UNAIR-LIB-11 from beginning to end: both tracks, every decision, the gate before an MoU and the foreign loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addons.unair.tests.conftest import HUMAS, KEPALA, Cooperation

ROUND = "Catatan hasil koordinasi dan negosiasi"
REPORT = "Laporan hasil koordinasi dan negosiasi"
DOMESTIC, FOREIGN, INTERNAL = "partner_sekolah", "partner_universitas", "partner_bkmp"


def test_a_domestic_partner_is_negotiated_with_in_rounds_until_the_head_decides_on_a_moa(
    cooperate: Callable[[str], Cooperation], person: Callable[[str], Any]
) -> None:
    case = cooperate(DOMESTIC)
    assert case.open() == ["0"]
    case.make(HUMAS, "proposal", {"title": "Kelas literasi", "dated_on": case.today(), "case": case.case})
    case.do("0", proposal="Proposal")
    assert case.open() == ["1a"], "the country of the partner decides: the domestic track"
    case.do("1a", "again")
    case.do("1a", "lanjut")

    without = case.finish("1b", "again")
    assert f"{ROUND} is missing." in str(without.json["errors"])
    case.note_round("Jadwal disepakati", still_open="Biaya")
    case.do("1b", "again", negotiation_round=ROUND)
    same = case.finish("1b", "lanjut", negotiation_round=ROUND)
    assert "a new one is needed" in str(same.json["errors"]), "every round is an entry of its own"
    case.note_round("Biaya ditanggung bersama")
    case.do("1b", "lanjut", negotiation_round=ROUND)

    form = person(HUMAS).get(f"/unair/cooperation_report/add?case={case.case}").text
    assert "Laporan hasil koordinasi dan negosiasi: Literasi" in form, "the report begins with a template"
    assert "Jadwal disepakati" in form
    assert "Biaya ditanggung bersama" in form
    case.make(HUMAS, "cooperation_report", {"title": "Laporan", "reported_on": case.today(), "case": case.case})
    empty = case.move(HUMAS, "cooperation_report", "submit")
    assert empty.json["errors"]["outcome"] == ["Write the results before the report goes to the head."]
    draft = case.finish("1c", cooperation_report=REPORT)
    assert "needed is" in str(draft.json["errors"]), "a draft is no report"
    case.report()
    case.do("1c", cooperation_report=REPORT)

    assert case.finish("1d").json["errors"]["choice"] == ["Choose how it goes on."]
    case.do("1d", "moa")
    assert case.open() == ["1d-moa"]
    case.signed_agreement("MoA")
    assert case.move(KEPALA, "agreement", "activate").status_code == 200, "an MoA waits for no report to BKMP"
    case.do("1d-moa", agreement="MoA")

    case.do("1e")
    assert case.open() == ["1e-humas", "1e-tu"], "Kasie Tata Usaha and Humas work beside each other"
    case.do("1e-humas")
    assert case.state() == "open"
    case.do("1e-tu")
    assert case.state() == "closed"
    records = person(KEPALA).get(f"/procedures/records/{case.case}").text
    assert "Naskah MoA" in records
    assert "Kelas literasi" in records


def test_an_mou_comes_into_force_only_after_its_report_to_bkmp_is_recorded(
    cooperate: Callable[[str], Cooperation],
) -> None:
    case = cooperate(DOMESTIC)
    case.until_decision()
    case.do("1d", "mou")
    assert case.open() == ["1d-mou"]
    case.signed_agreement("MoU")
    refused = case.move(KEPALA, "agreement", "activate")
    assert (refused.status_code, refused.json["code"]) == (409, "gate_closed")
    assert "1d-mou “Melapor kepada Badan Kerjasama dan Manajemen Pengembangan”" in refused.json["message"]

    assert "is missing" in str(case.finish("1d-mou").json["errors"])
    case.report_to_bkmp()
    assert case.move(KEPALA, "agreement", "activate").status_code == 409, "the letter alone is not the step"
    case.do("1d-mou", outgoing_letter="Laporan ke BKMP (surat keluar)")
    assert case.move(KEPALA, "agreement", "activate").status_code == 200
    assert case.open() == ["1e"]


def test_an_mou_beside_every_case_does_not_pass_the_gate(
    cooperate: Callable[[str], Cooperation], acting: Callable[..., Any]
) -> None:
    from app.database.base import models
    from app.database.session import db

    case = cooperate(DOMESTIC)
    agreement = case.signed_agreement("MoU")
    with acting("unair.admin", "unair"):
        db.session.get(models["agreements.Agreement"], agreement).case_id = None
        db.session.commit()
    refused = case.move(KEPALA, "agreement", "activate")
    assert (refused.status_code, refused.json["code"]) == (409, "no_case"), refused.text


def test_the_head_may_decide_not_to_go_on_and_says_why(
    cooperate: Callable[[str], Cooperation], person: Callable[[str], Any]
) -> None:
    case = cooperate(DOMESTIC)
    case.until_decision()
    page = person(KEPALA).get(f"/procedures/task/{case.open_tasks()['1d']}").text
    assert "1d. Kepala Perpustakaan membuat keputusan" in page
    assert "needs a remark" in str(case.finish("1d", "tidak_dilanjutkan").json["errors"]["remark"])
    case.do("1d", "tidak_dilanjutkan", "Biaya tidak tersedia")
    assert case.state() == "closed"
    procedure = case.id_of("procedures.Procedure", "ik_kerjasama")
    text = person(KEPALA).get(f"/procedures/procedure/{procedure}").text
    row = text.split("Tidak dilanjutkan")[1][:200]
    assert "our addition" in row, "the page says that this decision is ours"


def test_a_unit_of_the_university_takes_the_domestic_track(cooperate: Callable[[str], Cooperation]) -> None:
    case = cooperate(INTERNAL)
    case.do("0")
    assert case.open() == ["1a"]


def test_a_foreign_partner_goes_by_age_and_is_followed_until_nothing_more_happens(
    cooperate: Callable[[str], Cooperation], person: Callable[[str], Any]
) -> None:
    case = cooperate(FOREIGN)
    answer = case.finish("0", "dalam_negeri")
    assert "Malaysia" in answer.json["errors"]["choice"][0], "the data decide, and say why"
    case.do("0")
    assert case.open() == ["2a"]
    case.note_round("AGE mendukung", "age")
    case.do("2a", "lanjut", negotiation_round="Hasil koordinasi dengan AGE")

    form = person(HUMAS).get(f"/unair/cooperation_report/add?case={case.case}").text
    assert "Laporan koordinasi dengan AGE: Literasi" in form
    assert "AGE mendukung" in form
    for visit in ("first", "second"):
        case.report("age")
        case.do("2b", cooperation_report="Laporan hasil koordinasi AGE")
        case.do("2c")
        assert case.open() == ["2d"], visit
        if visit == "first":
            case.do("2d", "perkembangan")
            same = case.finish("2b", cooperation_report="Laporan hasil koordinasi AGE")
            assert "a new one is needed" in str(same.json["errors"])
    case.do("2d", "selesai")
    assert case.state() == "closed"


def test_a_partner_whose_country_nobody_knows_leaves_the_track_to_humas(
    cooperate: Callable[[str], Cooperation], acting: Callable[..., Any]
) -> None:
    from app.database.base import models
    from app.database.session import db

    case = cooperate(FOREIGN)
    with acting("unair.admin", "unair"):
        db.session.get(models["partners.Partner"], case.partner).country = None
        db.session.commit()
    assert case.finish("0").json["errors"]["choice"] == ["Choose how it goes on."]
    case.do("0", "luar_negeri")
    assert case.open() == ["2a"]


def test_the_report_to_the_head_prints_itself(
    cooperate: Callable[[str], Cooperation], acting: Callable[..., Any]
) -> None:
    from addons.unair.services.report_print import report_pdf
    from app.database.base import models
    from app.database.session import db
    from app.testing.papers import pdf_text

    case = cooperate(DOMESTIC)
    case.report()
    with acting(KEPALA, "unair"):
        report = db.session.get(models["unair.CooperationReport"], case.records["cooperation_report"])
        text = pdf_text(report_pdf(report).content)
    for words in ("Kepala Perpustakaan", "SMA Contoh Surabaya", "Mitra setuju.", "Bima Contoh", "Surabaya"):
        assert words in text
