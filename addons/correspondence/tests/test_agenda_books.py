"""The agenda books word by word, and the page, the PDF and the spreadsheet side by side."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest

from addons.correspondence.tests.conftest import MORNING, golden, service
from app import clock
from app.database.base import models
from app.database.session import db
from app.testing.papers import pdf_text

INCOMING = "/correspondence/agenda/?from=2026-03-01&to=2026-03-31"
OUTGOING = "/correspondence/agenda/outgoing?from=2026-03-01&to=2026-03-31"


@pytest.fixture
def incoming(register: Callable[..., int], dispose: Callable[..., int], acting: Callable[..., Any]) -> None:
    """Three letters of 2 March 2026: one passed on twice, one bare, one archived."""
    first = register(enclosure="1 (satu) berkas", note="Diantar langsung oleh guru")
    dispose(first, "kepala_bidang", "sub_koordinator")
    dispose(first, "staf_pustakawan")
    register(
        sender_name="Komunitas Literasi Contoh Kecamatan Kaliwungu Selatan",
        subject="Undangan bedah buku dan diskusi tentang perpustakaan desa di Balai Desa Contoh",
        letter_number=None,
        letter_date=None,
    )
    archived = register(subject="Surat salah kirim", letter_number="077/KOMINFO-CONTOH/III/2026/PENGADAAN")
    with acting("kendal.kabid", "kendal"):
        rules = service("Letter")
        rules.archive(rules.get(archived))
        db.session.commit()


@pytest.fixture
def outgoing(write_letter: Callable[..., int], approve: Callable[[int], Any], acting: Callable[..., Any]) -> None:
    """A letter that was sent and one that was not; a third is still a draft."""
    with clock.frozen(MORNING):
        sent = write_letter(
            addressee_name="Kepala SD Negeri Contoh 1 Kendal",
            addressee_address="Jalan Contoh Nomor 1\nKendal",
            enclosure="1 (satu) lembar",
        )
        approve(sent)
        approve(write_letter(subject="Undangan rapat koordinasi literasi", addressee_name="Camat Contoh"))
        write_letter(subject="Belum bernomor")
        with acting("kendal.staf", "kendal"):
            rules = service("OutgoingLetter")
            values = {"sent_on": date(2026, 3, 2), "channel": "post", "receipt": "Resi 77"}
            rules.transition(rules.get(sent), "send", values)
            db.session.commit()


def test_the_incoming_book_reads_as_it_should(incoming: None, person: Callable[[str], Any]) -> None:
    assert pdf_text(person("kendal.staf").get(f"{INCOMING}&print=pdf").data) == golden("agenda_incoming")


def test_the_outgoing_book_reads_as_it_should(outgoing: None, person: Callable[[str], Any]) -> None:
    assert pdf_text(person("kendal.staf").get(f"{OUTGOING}&print=pdf").data) == golden("agenda_outgoing")


@pytest.mark.parametrize("address", [INCOMING, OUTGOING, INCOMING.replace("agenda/", "agenda")])
def test_page_and_spreadsheet_have_the_same_columns(
    address: str, incoming: None, outgoing: None, person: Callable[[str], Any]
) -> None:
    staf = person("kendal.staf")
    page = staf.get(address, headers={"Accept-Language": "id"})
    assert page.status_code == 200, "with and without a stroke at the end"
    titles = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', page.text)
    sheet = openpyxl.load_workbook(io.BytesIO(staf.get(f"{address}&print=xlsx").data)).active
    assert len(titles) == 8 + ("outgoing" not in address)
    assert titles == [cell.value for cell in sheet[4]]


def test_a_page_of_the_screen_shows_fifty_lines_and_the_papers_all(
    person: Callable[[str], Any], acting: Callable[..., Any]
) -> None:
    many(acting, 120)
    staf = person("kendal.staf")
    first, last = (staf.get(f"{INCOMING}&page={number}").text for number in (0, 9))
    assert (first.count("<tr"), last.count("<tr")) == (51, 21)
    assert "0001/2026" in first
    assert "0120/2026" in last
    assert "120" in re.search(r'class="list-count">([^<]+)', first)[1]
    assert len(list(openpyxl.load_workbook(io.BytesIO(staf.get(f"{INCOMING}&print=xlsx").data)).active.rows)) == 124
    paper = pdf_text(staf.get(f"{INCOMING}&print=pdf").data)
    assert paper.count("Pengirim") == paper.count("Halaman") > 3, "every page names the columns"
    assert staf.get(f"{INCOMING}&page=x").status_code == 400


def test_a_long_paper_is_typeset_apart_and_reads_the_same(
    incoming: None, person: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.prints import pdf, typesetter

    staf, address = person("kendal.staf"), f"{INCOMING}&print=pdf"
    monkeypatch.setattr(pdf, "typeset", None)
    monkeypatch.setattr(pdf, "LARGE", 100)
    assert pdf_text(staf.get(address).data) == golden("agenda_incoming")
    monkeypatch.setattr(typesetter, "SECONDS", 0.001)
    refused = staf.get(address)
    assert refused.status_code == 409
    assert "too long to be printed at once" in refused.text


def many(acting: Callable[..., Any], count: int) -> None:
    """``count`` letters of March 2026, straight into the table."""
    with acting("kendal.staf", "kendal"):
        db.session.add_all(
            models["correspondence.Letter"](
                agenda_number=f"{place:04d}/2026",
                received_on=date(2026, 3, 1 + place % 28),
                sender_name=f"SD Negeri Contoh {place}",
                subject=f"Permohonan kunjungan literasi yang ke-{place} untuk kelas lima",
                letter_number=f"421.2/{place:03d}/SDN-C/II/2026",
                letter_date=date(2026, 2, 20),
            )
            for place in range(1, count + 1)
        )
        db.session.commit()
