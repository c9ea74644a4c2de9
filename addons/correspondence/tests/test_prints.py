"""Printed letters and agenda books, opened again by other programs."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pypdfium2
import pytest

from addons.correspondence.tests.conftest import outgoing_service
from app import clock
from app.database.session import db

GOLDEN = Path(__file__).parent / "golden"
MORNING = datetime(2026, 3, 2, 3, tzinfo=UTC)
HOSTILE = "{{7*7}} {% for x in y %} #eval(\"1\") $x$ *tebal* @ref <w:t> =cmd|' /C calc'!A0"


def pdf_text(content: bytes) -> str:
    """The words of a PDF, line by line."""
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_range() for page in document]
    return "\n".join(line.strip() for page in pages for line in page.splitlines() if line.strip())


def docx_text(content: bytes) -> str:
    """The words of a DOCX, paragraph by paragraph."""
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.fixture
def letter(write_letter: Callable[..., int], approve: Callable[[int], Any]) -> int:
    """An approved letter of 2 March 2026 with everything a letter can have."""
    with clock.frozen(MORNING):
        pk = write_letter(
            subject="Balasan permohonan kunjungan literasi",
            addressee_name="Kepala SD Negeri Contoh 1 Kendal",
            addressee_address="Jalan Contoh Nomor 1\ndi Kendal",
            body=(
                "Menjawab surat Saudara, bersama ini disampaikan bahwa kunjungan literasi dapat kami terima.\n\n"
                "Demikian, atas perhatian Saudara kami ucapkan terima kasih."
            ),
            enclosure="1 (satu) lembar",
            urgency="urgent",
            copies="Kepala Bidang Perpustakaan\nArsip",
        )
        approve(pk)
    return pk


def test_the_letter_as_pdf_reads_as_it_should(letter: int, person: Callable[[str], Any]) -> None:
    answer = person("kendal.staf").get(f"/correspondence/outgoing_letter/{letter}/print/pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("inline; filename=000.4-001-DISARPUS-2026.pdf")
    assert pdf_text(answer.data) == (GOLDEN / "outgoing_letter.txt").read_text(encoding="utf-8").strip()


def test_the_letter_as_docx_opens_again(letter: int, person: Callable[[str], Any]) -> None:
    answer = person("kendal.staf").get(f"/correspondence/outgoing_letter/{letter}/print/docx")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    text = docx_text(answer.data)
    for words in (
        "000.4/001/DISARPUS/2026", "Segera", "Kendal, 2 Maret 2026", "Kepala Dinas,", "Kadis Contoh Kendal",
        "Balasan permohonan kunjungan literasi", "2. Arsip", "Jalan Contoh Nomor 1",
    ):  # fmt: skip
        assert words in text, words
    assert "{{" not in text


def test_what_looks_like_code_stays_text(write_letter: Callable[..., int], person: Callable[[str], Any]) -> None:
    pk = write_letter(subject=HOSTILE, body=HOSTILE, addressee_name=HOSTILE)
    address = f"/correspondence/outgoing_letter/{pk}/print"
    staf = person("kendal.staf")
    assert "{{7*7}} {% for x in y %}" in docx_text(staf.get(f"{address}/docx").data)
    printed = pdf_text(staf.get(f"{address}/pdf").data)
    assert "{{7*7}}" in printed
    assert "*tebal*" in printed
    assert "KONSEP" in printed, "a draft says that it is one"


def test_only_who_may_read_a_letter_prints_it(letter: int, person: Callable[[str], Any], visitor: Any) -> None:
    address = f"/correspondence/outgoing_letter/{letter}/print"
    for username in ("unair.admin", "polibatam.staf"):
        assert person(username).get(f"{address}/pdf").status_code == 404
        assert (
            "Balasan permohonan"
            not in person(username).get("/correspondence/agenda/outgoing?from=2026-03-01&to=2026-03-31").text
        )
    assert visitor().get(f"{address}/pdf").status_code == 302
    assert person("kendal.staf").get(f"{address}/odt").status_code == 404


def test_the_outgoing_book_lists_every_number_of_the_period_in_order(
    letter: int, write_letter: Callable[..., int], approve: Callable[[int], Any], acting: Callable[..., Any],
    person: Callable[[str], Any],
) -> None:  # fmt: skip
    with clock.frozen(MORNING):
        cancelled, dangerous = write_letter(subject="Surat batal"), write_letter(subject="=1+1", addressee_name="@x")
        approve(cancelled)
        approve(dangerous)
        write_letter(subject="Belum bernomor")
        with acting("kendal.staf", "kendal"):
            service = outgoing_service()
            values = {"sent_on": date(2026, 3, 2), "channel": "post", "receipt": "Resi 77"}
            service.transition(service.get(letter), "send", values)
            db.session.commit()
        with acting("kendal.kabid", "kendal"):
            service.archive(service.get(cancelled))
            db.session.commit()
    staf, address = person("kendal.staf"), "/correspondence/agenda/outgoing?from=2026-03-01&to=2026-03-31"
    sheet = openpyxl.load_workbook(io.BytesIO(staf.get(f"{address}&print=xlsx").data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert rows[0] == [
        "Nomor agenda", "Nomor surat", "Tanggal surat", "Tanggal kirim", "Dikirim kepada", "Isi ringkas/perihal",
        "Lampiran", "Keterangan",
    ]  # fmt: skip
    assert [row[0] for row in rows[1:]] == ["0001/2026", "0002/2026", "0003/2026"]
    assert rows[1][2:4] == [datetime(2026, 3, 2)] * 2  # noqa: DTZ001
    assert rows[1][7].endswith("\nResi 77")
    assert "Diarsipkan" in rows[2][7]
    assert rows[3][5] == "=1+1"
    cell = sheet.cell(7, 6)
    assert (cell.data_type, cell.quotePrefix) == ("s", True), "a text, also when somebody edits it"
    text = pdf_text(staf.get(f"{address}&print=pdf").data)
    assert "BUKU AGENDA SURAT KELUAR" in text
    assert "1 Maret 2026 – 31 Maret 2026" in text
    page = staf.get(address).text
    assert page.index("0001/2026") < page.index("0002/2026") < page.index("0003/2026")
    assert "Belum bernomor" not in page


def test_the_incoming_book_tells_where_a_letter_went(program: Callable[..., Any], person: Callable[[str], Any]) -> None:
    staf, today = program("kendal.staf"), clock.today("Asia/Jakarta")
    body = {"subject": "Permohonan kunjungan", "sender_name": "SD Contoh", "letter_number": "12/SD/2026"}
    letter_id = staf.api("POST", "letter/", body).json["result"]["id"]
    dispose(letter_id, program)
    kadis = person("kendal.kadis")
    page = kadis.get("/correspondence/agenda/").text
    for words in (f"0001/{today.year}", "SD Contoh", "12/SD/2026", "Permohonan kunjungan", "Kepala Bidang"):
        assert words in page, words
    sheet = openpyxl.load_workbook(io.BytesIO(kadis.get("/correspondence/agenda/?print=xlsx").data)).active
    titles = [cell.value for cell in sheet[4]]
    assert titles == [
        "Nomor agenda", "Tanggal terima", "Pengirim", "Tanggal surat", "Nomor surat", "Isi ringkas/perihal", "Lampiran",
        "Diteruskan ke", "Keterangan",
    ]  # fmt: skip
    assert sheet.cell(5, 8).value == "Kepala Bidang"


def dispose(letter_id: int, program: Callable[..., Any]) -> None:
    """Pass a letter on from Kepala Dinas to Kepala Bidang."""
    kadis = program("kendal.kadis")
    positions = {item["title"]: item["id"] for item in kadis.api("GET", "position/").json["result"]}
    body = {"letter": letter_id, "to_position": positions["Kepala Bidang"], "instruction": "process"}
    answer = kadis.api("POST", "disposition/", body)
    assert answer.status_code == 201, answer.text


def test_a_period_that_makes_no_sense_is_refused_in_a_sentence(person: Callable[[str], Any]) -> None:
    staf = person("kendal.staf")
    for wish in ("from=2026-03-31&to=2026-03-01", "from=x", "from=0001-01-01&to=9999-12-31", "to=2026-02-30"):
        for suffix in ("", "&print=pdf"):
            assert staf.get(f"/correspondence/agenda/?{wish}{suffix}").status_code == 400, wish
    assert staf.get("/correspondence/agenda/?print=exe").status_code == 404
