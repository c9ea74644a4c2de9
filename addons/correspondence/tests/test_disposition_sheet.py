"""The disposition sheet as it is printed: filled in, forwarded, withdrawn, archived, and to be filled in by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from addons.correspondence.tests.conftest import MORNING, golden, position, service
from app import clock
from app.database.base import models
from app.database.session import db
from app.testing.papers import pdf_text

HOSTILE = '#eval("1") $x$ *tebal* @ref <label> {{7*7}} =1+1 ' + "Panjangsekali" * 30


@pytest.fixture
def chain(register: Callable[..., int], dispose: Callable[..., int], step: Callable[..., None]) -> tuple[int, int, int]:
    """An urgent letter, its disposition to two positions, and what one of them passed on."""
    letter = register(urgency="very_urgent", nature="secret")
    given = dispose(
        letter, "kepala_bidang", "sub_koordinator", note="Bicarakan jadwal dengan sekolah.\nLaporkan hasilnya.",
        due_on=date(2026, 3, 6),
    )  # fmt: skip
    step("kendal.kabid", given, "receive")
    forwarded = dispose(letter, "staf_pustakawan", who="kendal.kabid", parent=given, instruction=["answer"])
    return letter, given, forwarded


def test_the_sheet_reads_as_it_should(chain: tuple[int, int, int], person: Callable[[str], Any]) -> None:
    _letter, given, _forwarded = chain
    answer = person("kendal.staf").get(f"/correspondence/disposition/{given}/print/sheet")
    assert answer.mimetype == "application/pdf"
    assert "Lembar disposisi" in answer.headers["Content-Disposition"]
    assert pdf_text(answer.data) == golden("disposition_sheet")


def test_the_letter_prints_a_sheet_for_each_disposition_in_order(
    chain: tuple[int, int, int], person: Callable[[str], Any]
) -> None:
    letter = chain[0]
    text = pdf_text(person("kendal.staf").get(f"/correspondence/letter/{letter}/print/sheets").data)
    assert text.count("LEMBAR DISPOSISI") == 2
    assert text.index("Kadis Contoh Kendal") < text.index("Meneruskan disposisi No. D-0001/2026, Kepala Dinas")
    assert text.index("Meneruskan disposisi") < text.index("Kabid Contoh Kendal")
    page = person("kendal.staf").get(f"/correspondence/letter/{letter}").text
    assert f"/correspondence/letter/{letter}/print/sheets" in page
    assert f"/correspondence/letter/{letter}/print/blank_sheet" in page


def test_an_empty_sheet_is_filled_in_by_hand(register: Callable[..., int], person: Callable[[str], Any]) -> None:
    address, staf = f"/correspondence/letter/{register()}/print", person("kendal.staf")
    text = pdf_text(staf.get(f"{address}/blank_sheet").data)
    assert text == golden("disposition_sheet_blank")
    assert text == pdf_text(staf.get(f"{address}/sheets").data), "a letter without disposition has nothing else yet"


def test_whoever_was_taken_off_stays_legible_on_the_sheet(
    chain: tuple[int, int, int], step: Callable[..., None], person: Callable[[str], Any]
) -> None:
    _letter, given, _forwarded = chain
    step("kendal.kadis", given, "withdraw")
    kadis = person("kendal.kadis")
    text = pdf_text(kadis.get(f"/correspondence/disposition/{given}/print/sheet").data)
    assert "2. Sub Koordinator (ditarik)" in text
    assert "1. Kepala Bidang (ditarik)" not in text
    assert "Kepala Bidang" in text
    row = kadis.get("/correspondence/agenda/?from=2026-03-01&to=2026-03-31").text
    assert "Sub Koordinator" not in row.split("data-label")[8]


def test_a_withdrawn_or_archived_disposition_says_so(
    register: Callable[..., int], dispose: Callable[..., int], step: Callable[..., None], acting: Callable[..., Any],
    person: Callable[[str], Any],
) -> None:  # fmt: skip
    letter = register()
    withdrawn, archived = dispose(letter, "kepala_bidang"), dispose(letter, "staf_pustakawan")
    step("kendal.kadis", withdrawn, "withdraw")
    with acting("kendal.admin", "kendal"):
        rules = service("Disposition")
        rules.archive(rules.get(archived))
        db.session.commit()
    staf = person("kendal.staf")
    assert "DITARIK" in pdf_text(staf.get(f"/correspondence/disposition/{withdrawn}/print/sheet").data)
    assert "DIARSIPKAN" in pdf_text(staf.get(f"/correspondence/disposition/{archived}/print/sheet").data)
    whole = pdf_text(staf.get(f"/correspondence/letter/{letter}/print/sheets").data)
    assert (whole.count("DITARIK"), whole.count("DIARSIPKAN")) == (1, 0)


def test_the_block_names_who_gave_it_in_the_capacity_of_that_day(
    register: Callable[..., int], dispose: Callable[..., int], acting: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    letter = register()
    with acting("kendal.admin", "kendal") as access:
        head = position(db.session(), "kendal.position_kepala_dinas", access.institution_id)
        deputy = position(db.session(), "kendal.position_kepala_bidang", access.institution_id)
        holders = models["organization.Holder"]
        kabid = db.session.query(holders).filter_by(position_id=deputy.id).one()
        values = {"user_id": kabid.user_id, "kind": "acting", "date_from": date(2026, 3, 2), "rank": "Pembina"}
        db.session.add(holders(position_id=head.id, date_to=date(2026, 3, 3), **values))
        db.session.commit()
        head_id = head.id
    acted = dispose(letter, "sub_koordinator", who="kendal.kabid", from_position=head_id)
    own = dispose(letter, "sub_koordinator")
    staf = person("kendal.staf")
    text = pdf_text(staf.get(f"/correspondence/disposition/{acted}/print/sheet").data)
    assert "Plt. Kepala Dinas,\nKabid Contoh Kendal" in text.replace("\r", "")
    text = pdf_text(staf.get(f"/correspondence/disposition/{own}/print/sheet").data)
    assert "Plt." not in text
    assert "Kadis Contoh Kendal" in text


def test_the_sheet_keeps_the_block_with_which_it_was_given(
    register: Callable[..., int], dispose: Callable[..., int], acting: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    pk = dispose(register(), "kepala_bidang")
    with acting("kendal.admin", "kendal") as access:
        head = position(db.session(), "kendal.position_kepala_dinas", access.institution_id)
        holder = db.session.query(models["organization.Holder"]).filter_by(position_id=head.id).one()
        holder.rank, holder.name_in_letters, head.title = "Juru Muda", "Nama Baru Contoh", "Kepala Badan"
        db.session.commit()
    text = pdf_text(person("kendal.staf").get(f"/correspondence/disposition/{pk}/print/sheet").data)
    assert "Kadis Contoh Kendal" in text
    assert "Pembina Utama Muda" in text
    assert "Kepala Dinas," in text
    assert "Baru" not in text


def test_what_looks_like_code_stays_text_and_fits(
    register: Callable[..., int], dispose: Callable[..., int], person: Callable[[str], Any]
) -> None:
    letter = register(subject=HOSTILE[:290], sender_name=HOSTILE[:190])
    pk = dispose(letter, "kepala_bidang", note=HOSTILE * 8)
    printed = person("kendal.staf").get(f"/correspondence/disposition/{pk}/print/sheet")
    assert printed.status_code == 200
    assert '#eval("1") $x$ *tebal* @ref <label> {{7*7}} =1+1' in pdf_text(printed.data)
    assert words_outside_the_paper(printed.data) == []


def words_outside_the_paper(content: bytes) -> list[str]:
    """Signs of a PDF that stand beyond the right edge of their page."""
    import pypdfium2

    found = []
    for page in pypdfium2.PdfDocument(content):
        text = page.get_textpage()
        boxes = [(text.get_charbox(place), place) for place in range(text.count_chars())]
        found += [text.get_text_range(place, 1) for box, place in boxes if box[2] > page.get_width()]
    return found


def test_only_who_may_read_a_letter_prints_its_sheets(
    chain: tuple[int, int, int], person: Callable[[str], Any], visitor: Any
) -> None:
    letter, given, _forwarded = chain
    addresses = (
        f"/correspondence/letter/{letter}/print/sheets",
        f"/correspondence/letter/{letter}/print/blank_sheet",
        f"/correspondence/disposition/{given}/print/sheet",
    )
    for address in addresses:
        for username in ("unair.admin", "polibatam.staf"):
            assert person(username).get(address).status_code == 404, (username, address)
        assert visitor().get(address).status_code == 302


def test_what_the_plh_writes_stands_over_the_name_of_the_plh(
    app: Any, register: Callable[..., int], dispose: Callable[..., int], person: Callable[[str], Any], acting: Any
) -> None:
    from addons.organization.models.holder import Holder
    from app.access.acting import acting_as_system

    given = dispose(register(), "kepala_bidang", note="Ditulis Kepala Dinas")
    address = f"/correspondence/disposition/{given}/print/sheet"
    assert "Kadis Contoh Kendal" in pdf_text(person("kendal.staf").get(address).data)
    with acting("kendal.sekretaris", "kendal") as access:
        user_id, institution_id = access.user_id, access.institution_id
    with clock.frozen(MORNING + timedelta(days=1)), app.app_context():
        with acting_as_system("kendal", "a Plh. from the next day on"):
            kadis, day = position(db.session(), "kendal.position_kepala_dinas", institution_id), clock.now().date()
            values = {"position": kadis, "user_id": user_id, "kind": "daily_acting"}
            db.session.add(Holder(**values, date_from=day, date_to=day))
        db.session.commit()
    with clock.frozen(MORNING + timedelta(days=1)), acting("kendal.sekretaris", "kendal"):
        rules = service("Disposition")
        rules.update(rules.get(given), {"note": "Ditulis Plh."})
        db.session.commit()
    text = pdf_text(person("kendal.staf").get(address).data)
    assert "Ditulis Plh." in text
    assert "Plh. Kepala Dinas," in text
    assert "Sekretaris Contoh Kendal" in text
    assert "Kadis Contoh Kendal" not in text
