"""The printed agreement, opened again by other programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from addons.agreements.tests.conftest import PDF, services
from app.database.session import db
from app.testing.papers import docx_text, pdf_text

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = "{{7*7}} {% for x in y %} #eval(\"1\") $x$ *tebal* @ref <w:t> =cmd|' /C calc'!A0"


@pytest.fixture
def signed(write_agreement: Any, add_version: Any, sign: Any, acting: Any) -> int:
    """An agreement signed on 3 March 2025 with everything that an agreement can say."""
    pk = write_agreement(
        title="Layanan literasi bagi siswa SD Contoh",
        number="001/PKS/DISARPUS/2025",
        partner_number="421/07/2025",
        subject="a. kunjungan literasi setiap semester;\nb. kelas menulis bagi siswa.",
        signing_place="Kendal",
        starts_on=date(2025, 3, 3),
        ends_on=date(2028, 3, 2),
    )
    with acting("kendal.staf", "kendal"):
        from addons.agreements.services.agreement_party import AgreementPartyService

        agreement, parties = services()[0].get(pk), AgreementPartyService()
        own = {"signatory_nip": "999913009999139001", "address": "Jalan Contoh Nomor 1, Kendal"}
        own["authority"] = "Surat Kuasa Bupati Kendal Nomor 1 Tahun 2025"
        agreement.created_at = datetime(2025, 3, 1, tzinfo=UTC)
        parties.update(agreement.side("own"), {**own, "responsible": "Kabid Contoh Kendal"})
        contact = {"responsible": "Guru Contoh", "responsible_contact": "0294 555-0100"}
        parties.update(agreement.side("partner"), {"name": "SD Contoh", "address": "Kendal", **contact})
        db.session.commit()
    add_version(pk, "signed", content=PDF)
    sign(pk, date(2025, 3, 3))
    return pk


def test_the_agreement_as_pdf_reads_as_it_should(signed: int, person: Callable[[str], Any]) -> None:
    answer = person("kendal.staf").get(f"/agreements/agreement/{signed}/print/pdf")
    assert answer.headers["Content-Disposition"].startswith("inline; filename=001-PKS-DISARPUS-2025.pdf")
    assert pdf_text(answer.data) == (GOLDEN / "agreement.txt").read_text(encoding="utf-8").strip()


def test_the_agreement_as_docx_says_the_same(signed: int, person: Callable[[str], Any]) -> None:
    text = docx_text(person("kendal.staf").get(f"/agreements/agreement/{signed}/print/docx").data)
    for words in (
        "NOMOR: 001/PKS/DISARPUS/2025", "NOMOR: 421/07/2025",
        "Senin tanggal tiga bulan Maret tahun dua ribu dua puluh lima, bertempat di Kendal",
        "selanjutnya disebut PIHAK KESATU.", "bertindak berdasarkan Surat Kuasa Bupati Kendal Nomor 1 Tahun 2025",
        "b. kelas menulis bagi siswa.", "3 Maret 2025", "2 Maret 2028", "2 (dua) asli", "bermeterai",
        "NIP 99991300 999913 9 001", "PIHAK KEDUA: Guru Contoh, 0294 555-0100",
    ):  # fmt: skip
        assert words in text, words
    assert "{{" not in text
    assert "KONSEP" not in text


def test_a_draft_says_that_it_is_one_and_leaves_room_for_what_is_not_known(
    write_agreement: Any, person: Callable[[str], Any]
) -> None:
    pk, staf = write_agreement(partner_signatory=None, number=None), person("kendal.staf")
    for kind, read in (("pdf", pdf_text), ("docx", docx_text)):
        text = read(staf.get(f"/agreements/agreement/{pk}/print/{kind}").data)
        assert "KONSEP" in text
        assert "Pada hari ini, ....." in text
        assert "NOMOR: ....." in text


def test_what_looks_like_code_stays_text(write_agreement: Any, person: Callable[[str], Any]) -> None:
    pk = write_agreement(title=HOSTILE, subject=HOSTILE, our_signatory=HOSTILE, signing_place=HOSTILE)
    staf, address = person("kendal.staf"), f"/agreements/agreement/{pk}/print"
    assert "{{7*7}} {% for x in y %}" in docx_text(staf.get(f"{address}/docx").data)
    printed = pdf_text(staf.get(f"{address}/pdf").data)
    assert "{{7*7}}" in printed
    assert "*tebal*" in printed


def test_third_parties_stand_in_the_opening_and_sign(write_agreement: Any, acting: Any, person: Any) -> None:
    pk = write_agreement()
    with acting("kendal.staf", "kendal"):
        from addons.agreements.services.agreement_party import AgreementPartyService

        values = {"agreement": services()[0].get(pk), "role": "third", "name": "Desa Contohjaya", "signatory": "Kades"}
        AgreementPartyService().create(values)
        db.session.commit()
    staf = person("kendal.staf")
    for kind, read in (("pdf", pdf_text), ("docx", docx_text)):
        text = read(staf.get(f"/agreements/agreement/{pk}/print/{kind}").data)
        for words in ("PIHAK KETIGA", "Desa Contohjaya", "3 (tiga)"):
            assert words in text, (kind, words)
        head = text[: text.index("TENTANG")].upper()
        assert (head.count("DAN\n"), "DESA CONTOHJAYA" in head) == (2, True), head


def test_only_who_may_read_an_agreement_prints_it(signed: int, person: Callable[[str], Any], visitor: Any) -> None:
    address = f"/agreements/agreement/{signed}/print/pdf"
    assert person("unair.admin").get(address).status_code == 404
    assert visitor().get(address).status_code == 302


def test_the_original_for_signing_bears_no_mark_once_number_and_signatories_are_there(
    write_agreement: Any, add_version: Any, sign: Any, acting: Any, program: Any, person: Callable[[str], Any]
) -> None:
    pk, staf = write_agreement(number=None, signing_place="Kendal"), person("kendal.staf")
    home = f"/agreements/agreement/{pk}"
    assert f"{home}/print/original" in staf.get(home).text
    refused = staf.get(f"{home}/print/original")
    assert refused.status_code == 422
    assert "our number" in refused.text
    assert program("kendal.staf").api("PUT", f"agreement/{pk}", {"number": "7/PKS/CONTOH"}).status_code == 200
    text = pdf_text(staf.get(f"{home}/print/original").data)
    for words in ("NOMOR: 7/PKS/CONTOH", "Kadis Contoh Kendal", "Kepala Sekolah Contoh", "Pada hari ini, ....."):
        assert words in text, words
    assert "KONSEP" not in text
    assert "KONSEP" in pdf_text(staf.get(f"{home}/print/pdf").data), "the other print still is a draft"
    with acting("kendal.staf", "kendal"):
        from addons.agreements.services.agreement_party import AgreementPartyService

        AgreementPartyService().update(services()[0].get(pk).side("partner"), {"signatory": None})
        db.session.commit()
    nobody = staf.get(f"{home}/print/original")
    assert nobody.status_code == 409
    assert "who signs" in nobody.text


def test_a_signed_agreement_is_no_longer_to_be_signed(signed: int, person: Callable[[str], Any]) -> None:
    page = person("kendal.staf").get(f"/agreements/agreement/{signed}").text
    assert f"/agreements/agreement/{signed}/print/pdf" in page
    assert "print/original" not in page


def test_every_party_that_is_entered_stands_on_the_paper_and_a_sixth_is_refused(
    write_agreement: Any, program: Any, person: Any
) -> None:
    pk, staf = write_agreement(), program("kendal.staf")

    def add(name: str) -> Any:
        return staf.api("POST", "agreement_party/", {"agreement": pk, "role": "third", "name": name})

    made = [add(f"Desa Contoh {number}") for number in (1, 2, 3)]
    assert [answer.status_code for answer in made] == [201, 201, 201]
    refused = add("Desa Contoh 4")
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["role"])
    assert "at most 5 parties" in refused.json["message"]
    changed = staf.api("PUT", f"agreement_party/{made[0].json['id']}", {"signatory": "Kades Contoh"})
    assert changed.status_code == 200, "one of the five may still be changed"
    text = pdf_text(person("kendal.staf").get(f"/agreements/agreement/{pk}/print/pdf").data)
    assert "PIHAK KELIMA" in text
    assert "5 (lima)" in text
    assert program("kendal.kabid").api("DELETE", f"agreement_party/{made[0].json['id']}").status_code == 200
    assert add("Desa Contoh 4").status_code == 201
    restored = person("kendal.kabid").send(
        f"/agreements/agreement_party/{made[0].json['id']}/restore", {}, form_at=f"/agreements/agreement/{pk}"
    )
    assert restored.status_code == 422
