"""Prints: templates name fields and do nothing else, and what is printed stays text."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from app.errors import AddonError, Invalid
from app.prints.docx import check_docx, fill_docx
from app.prints.pdf import render_pdf
from app.prints.printed import PDF, XLSX, Printed
from app.prints.xlsx import SheetColumn, render_xlsx

HOSTILE = [
    "{{ a.__class__ }}", "{{ a.__class__.__mro__ }}", "{{ a|attr('x') }}", "{{ a[0] }}", "{{ a() }}", "{{ unknown }}",
    "{{ 7*7 }}", "{{ self }}", "{{ namespace }}", "{% for x in a %}{{ x }}{% endfor %}", "{%tr if a %}", "{# a #}",
    "{{r a }}", "{{ a", "{% raw %}", "{{ lipsum.__globals__ }}", "{{ a ~ a }}", "{{ A }}", "{%p if a %}", "{{}}",
]  # fmt: skip


def template(path: Path, *texts: str, split: bool = False, header: str = "", title: str = "") -> Path:
    """A DOCX with a paragraph per text, cut into runs of one sign when ``split``."""
    document = docx.Document()
    for text in texts:
        paragraph = document.add_paragraph()
        for part in text if split else [text]:
            paragraph.add_run(part)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    document.core_properties.title = title
    document.core_properties.comments = ""
    document.save(str(path))
    return path


@pytest.mark.parametrize("mark", HOSTILE)
@pytest.mark.parametrize("split", [False, True])
def test_a_template_with_a_hostile_or_unknown_field_is_refused(tmp_path: Path, mark: str, split: bool) -> None:
    path = template(tmp_path / "x.docx", "Yth. {{ a }}", mark, split=split)
    with pytest.raises(Invalid) as refusal:
        fill_docx(path, {"a": "text"})
    assert refusal.value.code == "template_field"


@pytest.mark.parametrize("where", ["header", "title"])
def test_headers_and_properties_are_looked_at_too(tmp_path: Path, where: str) -> None:
    path = template(tmp_path / "x.docx", "{{ a }}", **{where: "{{ a.__class__ }}"})
    with pytest.raises(Invalid):
        check_docx(path, {"a"})


@pytest.mark.parametrize("split", [False, True])
def test_values_are_filled_in_as_text(tmp_path: Path, split: bool) -> None:
    path = template(tmp_path / "x.docx", "Yth. {{ a }}.", "{{b}}", split=split, header="{{ b }}")
    values = {"a": "{{ b }} <w:t>&amp; {% x %}\x00\x0b\x1f", "b": "baris satu\nbaris dua"}
    document = docx.Document(io.BytesIO(fill_docx(path, values)))
    assert [paragraph.text for paragraph in document.paragraphs] == [
        "Yth. {{ b }} <w:t>&amp; {% x %}.",
        "baris satu\nbaris dua",
    ]


def test_a_template_is_named_by_code_and_stands_in_its_addon(app: Any) -> None:
    for name in (
        "../etc/passwd",
        "correspondence.../x",
        "correspondence./etc/passwd",
        "nothing.x",
        "correspondence.none",
    ):
        with app.app_context(), pytest.raises(AddonError):
            render_pdf(name, {}, "x")


@pytest.mark.parametrize("source", ['#import "@preview/cetz:0.3.0": *', '#eval("1")'])
def test_a_template_fetches_nothing_and_runs_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    (tmp_path / "x.typ").write_text(source)
    monkeypatch.setattr("app.prints.pdf.template_path", lambda *_: tmp_path / "x.typ")
    with pytest.raises(AddonError):
        render_pdf("a.x", {}, "x")


def test_texts_of_a_spreadsheet_are_never_formulas() -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "https://contoh.example", "12", "a\x00b", "x" * 40_000]
    printed = render_xlsx("=Judul", [SheetColumn("=A")], [[text] for text in texts], "x", note="@note")
    with zipfile.ZipFile(io.BytesIO(printed.content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    sheet = openpyxl.load_workbook(io.BytesIO(printed.content)).active
    cells = [sheet.cell(5 + place, 1) for place in range(len(texts))]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells[:4]] == texts[:4], "what was written is what is read"
    assert all(cell.quotePrefix for cell in cells[:6])
    assert cells[8].value == "ab"
    assert len(cells[9].value) == 32_767


def test_dates_and_numbers_stay_what_they_are() -> None:
    printed = render_xlsx("x", [SheetColumn("a"), SheetColumn("b")], [[date(2026, 3, 2), 5]], "x")
    sheet = openpyxl.load_workbook(io.BytesIO(printed.content)).active
    assert (sheet.cell(5, 1).is_date, sheet.cell(5, 2).value) == (True, 5)


@pytest.mark.parametrize(
    ("name", "file"),
    [("005/12/PERPUS", "005-12-PERPUS.pdf"), ("../../x", "x.pdf"), ("a\r\nb: c", "a-b- c.pdf"), ("///", "print.pdf")],
)
def test_a_file_name_is_safe(name: str, file: str) -> None:
    assert Printed(b"", PDF, name).file_name == file
    assert Printed(b"", XLSX, name).file_name.endswith(".xlsx")
