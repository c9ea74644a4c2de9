"""The room-use book: every booking of a period, in the institution's hours, with the letter that asked for it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlalchemy import event, select

from app import clock
from app.database.base import models
from app.database.session import db
from app.records.service import service_of
from app.testing.papers import pdf_text

GOLDEN = Path(__file__).parent / "golden"
MARCH = "/rooms/book/?from=2026-03-01&to=2026-03-31"
TITLES = [
    "No.", "Hari/tanggal", "Jam mulai–selesai", "Tempat/ruang", "Kegiatan", "Pemohon/instansi", "Nomor surat",
    "Jumlah peserta", "Penanggung jawab", "Perlengkapan", "Keterangan",
]  # fmt: skip


def moment(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    """An hour of Kendal's March 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Asia/Jakarta"))


def rules(key: str) -> Any:
    return service_of(models[key])


@pytest.fixture
def book(acting: Callable[..., Any]) -> Callable[..., int]:
    """``book("Aula", moment(3, 8), moment(3, 10), purpose=...)`` books a room as Kendal's Kepala Bidang."""

    def work(room: str, starts_at: datetime, ends_at: datetime, *, step: str = "", **values: Any) -> int:
        with clock.frozen(datetime(2026, 3, 20, 3, tzinfo=UTC)), acting("kendal.kabid", "kendal"):
            service, found = rules("rooms.Booking"), models["rooms.Room"]
            if "case" in values:
                values["case"] = db.session.get(models["procedures.Case"], values["case"])
            given = {
                "room": db.session.scalar(select(found).where(found.name == room)),
                "purpose": "Kunjungan literasi",
                "starts_at": starts_at,
                "ends_at": ends_at,
                "responsible": "Kabid Contoh Kendal",
            }
            booking = service.create({**given, **values})
            if step == "archive":
                service.archive(booking)
            elif step:
                service.transition(booking, step)
            db.session.commit()
            return int(booking.id)

    return work


@pytest.fixture
def case(acting: Callable[..., Any]) -> int:
    """The case that a letter opened, as Kendal's staff registered it; a later letter of the case has another number."""
    with clock.frozen(datetime(2026, 3, 2, 3, tzinfo=UTC)), acting("kendal.staf", "kendal"):
        service, procedure = rules("correspondence.Letter"), models["procedures.Procedure"]
        letter = service.create(
            {
                "sender_name": "SD Negeri Contoh 1 Kendal",
                "subject": "Permohonan kunjungan literasi",
                "letter_number": "421.2/017/SDN-C1/II/2026",
                "received_on": date(2026, 3, 2),
                "procedure": db.session.scalar(select(procedure).where(procedure.code == "SOP-KERJASAMA")),
            }
        )
        service.create({"sender_name": "SD", "subject": "Susulan", "letter_number": "999/ZZ", "case": letter.case})
        db.session.commit()
        return int(letter.case.id)


@pytest.fixture
def march(book: Callable[..., int], case: int) -> None:
    """March as the clerk finds it: used, reserved, over midnight, cancelled, archived; February and April beside it."""
    book(
        "Aula", moment(3, 8), moment(3, 10, 30), step="mark_used", case=case, participants=60,
        requester="SD Negeri Contoh 1 Kendal", equipment="Kursi 60, pengeras suara, proyektor", note="Ruang bersih",
    )  # fmt: skip
    book("Ruang Baca Anak", moment(3, 8), moment(3, 9), requester="TK Contoh Pertiwi Kecamatan Kaliwungu Selatan")
    book("Aula", moment(1, 0), moment(1, 1), purpose="Persiapan pameran", requester="Panitia Contoh")
    book("Aula", moment(30, 20), moment(31, 6), purpose="Malam puisi dan jaga pameran")
    book("Aula", moment(31, 23), moment(31, 23, 59), purpose="Tutup buku")
    book("Aula", moment(12, 9), moment(12, 10), step="cancel", purpose="Bedah buku")
    book("Aula", moment(12, 9), moment(12, 10), step="archive", purpose="Salah catat")
    book("Aula", moment(28, 23, month=2), moment(1, 0), purpose="Bulan Februari")
    book("Aula", moment(1, 0, month=4), moment(1, 1, month=4), purpose="Bulan April")


def test_the_book_reads_as_it_should(march: None, person: Callable[[str], Any]) -> None:
    answer = person("kendal.staf").get(f"{MARCH}&print=pdf")
    assert pdf_text(answer.data) == (GOLDEN / "room_book.txt").read_text(encoding="utf-8").strip()


def test_page_and_spreadsheet_say_the_same(march: None, person: Callable[[str], Any]) -> None:
    staf = person("kendal.staf")
    page = staf.get(MARCH, headers={"Accept-Language": "id"}).text
    assert re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', page) == TITLES
    sheet = openpyxl.load_workbook(io.BytesIO(staf.get(f"{MARCH}&print=xlsx").data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert rows[0] == TITLES
    assert [row[0] for row in rows[1:]] == [1, 2, 3, 4, 5, 6, 7]
    assert rows[2][1:7] == [
        "Selasa, 3 Maret 2026", "08.00–10.30 WIB", "Aula", "Kunjungan literasi", "SD Negeri Contoh 1 Kendal",
        "421.2/017/SDN-C1/II/2026",
    ]  # fmt: skip
    assert rows[2][7] == 60
    for outside in ("Bulan Februari", "Bulan April"):
        assert outside not in page


def test_cancelled_and_archived_bookings_stay_and_are_marked(march: None, person: Callable[[str], Any]) -> None:
    page = person("kendal.staf").get(MARCH, headers={"Accept-Language": "id"}).text
    for purpose, word in (("Bedah buku", "Dibatalkan"), ("Salah catat", "Diarsipkan")):
        assert f"<s>{purpose}</s>" in page
        assert word in page
        assert f"<s>{word}</s>" not in page, "why it was struck out stays unstruck"
    assert "<s>Kunjungan literasi</s>" not in page


def test_the_book_is_narrowed_to_a_room_of_the_institution(
    march: None, person: Callable[[str], Any], acting: Callable[..., Any]
) -> None:
    room = models["rooms.Room"]
    ids = {}
    for username, institution in (("kendal.admin", "kendal"), ("unair.admin", "unair")):
        with acting(username, institution):
            ids[institution] = db.session.scalar(select(room.id).order_by(room.name.desc()).limit(1))
    staf = person("kendal.staf")
    page = staf.get(f"{MARCH}&room={ids['kendal']}").text
    assert "TK Contoh Pertiwi" in page
    assert "Persiapan pameran" not in page
    assert "Ruang Baca Anak" in pdf_text(staf.get(f"{MARCH}&room={ids['kendal']}&print=pdf").data)
    for strange in (ids["unair"], "x", "1 OR 1=1", "999999", "²"):
        for suffix in ("", "&print=pdf"):
            assert staf.get("/rooms/book/", query_string=f"room={strange}{suffix}").status_code == 400, strange


def test_only_who_may_read_bookings_opens_the_book(
    march: None, person: Callable[[str], Any], visitor: Callable[[], Any]
) -> None:
    for suffix in ("", "&print=pdf", "&print=xlsx"):
        assert visitor().get(MARCH + suffix).status_code == 302
    assert "Persiapan pameran" not in person("unair.admin").get(MARCH).text
    assert person("kendal.staf").get(f"{MARCH}&print=exe").status_code == 404
    staf = person("kendal.staf").get("/rooms/booking/").text
    assert re.search(r'href="/rooms/book/?"', staf), "the menu leads to it"


def test_more_bookings_ask_no_more_statements(book: Callable[..., int], person: Callable[[str], Any]) -> None:
    staf, counts = person("kendal.staf"), []
    for days in ((2,), range(3, 13)):
        for day in days:
            book("Aula", moment(day, 8), moment(day, 9))
        staf.get(MARCH)
        counts.append(len(statements_of(staf)))
    assert counts[0] == counts[1] <= 8, counts


def test_the_partner_of_the_case_applied_where_nobody_is_named(
    book: Callable[..., int], case: int, acting: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    with acting("kendal.admin", "kendal"):
        partner = rules("partners.Partner").create({"name": "Komunitas Contoh Pemohon"})
        db.session.get(models["procedures.Case"], case).partner = partner
        db.session.commit()
    book("Aula", moment(3, 8), moment(3, 9), case=case)
    book("Aula", moment(4, 8), moment(4, 9), case=case, requester="Ibu Contoh")
    sheet = openpyxl.load_workbook(io.BytesIO(person("kendal.staf").get(f"{MARCH}&print=xlsx").data)).active
    assert [sheet.cell(row, 6).value for row in (5, 6)] == ["Komunitas Contoh Pemohon", "Ibu Contoh"]


@pytest.mark.parametrize("day", ["9999-12-31", "2200-01-01", "1899-12-31"])
def test_a_period_beyond_the_calendar_of_books_is_refused(day: str, person: Callable[[str], Any]) -> None:
    answer = person("kendal.staf").get(f"/rooms/book/?from={day}&to={day}")
    assert answer.status_code == 400
    assert "The dates of the period cannot be read." in answer.text


def statements_of(staf: Any) -> list[str]:
    seen: list[str] = []
    with staf.http.application.app_context():
        engine = db.engine

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")) and "set_config" not in statement:
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert staf.get(MARCH).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return seen
