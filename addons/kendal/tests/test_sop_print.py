"""Kendal's SOP as the official form prints it (Permenpan-RB 35/2012): identity page and flow chart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.database.base import models
from app.database.session import db
from app.testing.papers import pdf_text, refuse_other_pages

GOLDEN = Path(__file__).parent / "golden"


def printed(acting: Callable[..., Any]) -> bytes:
    """The PDF of Kendal's SOP, as its staff prints it."""
    from addons.procedures.services.procedure_print import procedure_pdf

    with acting("kendal.staf", "kendal"):
        return procedure_pdf(db.session.query(models["procedures.Procedure"]).one()).content


def test_the_form_prints_every_field_of_the_source(acting: Callable[..., Any]) -> None:
    assert pdf_text(printed(acting)) == (GOLDEN / "sop.txt").read_text().strip()


def test_the_pages_look_like_the_golden_ones(acting: Callable[..., Any]) -> None:
    refuse_other_pages(printed(acting), GOLDEN / "sop.pages")


def test_the_five_symbols_stand_on_the_chart(acting: Callable[..., Any]) -> None:
    from app.testing.papers import pdf_geometry

    geometry = pdf_geometry(printed(acting))
    assert sum(line.endswith(" Mulai") for line in geometry) == 1
    assert sum(line.endswith(" Selesai") for line in geometry) == 1
    small = [line.split() for line in geometry if line.startswith("shape")]
    boxes = [tuple(map(float, words[2:])) for words in small]
    pentagons = [box for words, box in zip(small, boxes, strict=True) if words[1] == "6" and 6 < box[2] - box[0] < 8]
    assert len(pentagons) >= 2, "the way to the other page and the way from there"


def test_identity_comes_first_and_the_chart_breaks_with_links_to_the_other_page(acting: Callable[..., Any]) -> None:
    import pypdfium2  # type: ignore[import-untyped]  # a tool of the tests, without stubs

    document = pypdfium2.PdfDocument(printed(acting))
    pages = [page.get_textpage().get_text_range() for page in document]
    assert len(pages) == 3
    assert "DASAR HUKUM" in pages[0]
    assert "Kegiatan" not in pages[0]
    assert all("Mutu Baku" in page and "Keterangan" in page for page in pages[1:])
    width, height = document[0].get_size()
    assert width > height, "the form lies on its side"


def test_a_confirmed_value_loses_its_mark(acting: Callable[..., Any]) -> None:
    from addons.procedures.services.procedure_print import procedure_pdf
    from app.records.service import service_of

    assert "... †" in pdf_text(printed(acting))
    with acting("kendal.admin", "kendal"):
        procedure = db.session.query(models["procedures.Procedure"]).one()
        doubt = next(
            item
            for item in procedure.confirmations
            if item.step and (item.step.key, item.field) == ("4", "standard_minutes")
        )
        service: Any = service_of(models["procedures.Confirmation"])
        service.confirm(doubt, "30")
        text = pdf_text(procedure_pdf(procedure).content)
    assert "30 menit" in text
    assert "... †" not in text


def test_the_page_of_the_procedure_offers_the_print(person: Callable[..., Any], acting: Callable[..., Any]) -> None:
    with acting("kendal.staf", "kendal"):
        pk = db.session.query(models["procedures.Procedure"]).one().id
    staf = person("kendal.staf")
    assert f"/procedures/procedure/{pk}/print/pdf" in staf.get(f"/procedures/procedure/{pk}").text
    assert staf.get(f"/procedures/procedure/{pk}/print/pdf").data.startswith(b"%PDF")
