"""Reading what was printed, as text: with other programs than those that made it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

MILLIMETRES = 25.4 / 72
TOLERANCE = 0.7
"""How far a text or a shape may stand from its place on the golden page, in millimetres."""
_TAG = re.compile(r"<[^>]+>")


def pdf_text(content: bytes) -> str:
    """The words of a PDF, line by line, without blank lines."""
    import pypdfium2

    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content)]
    return "\n".join(line.strip() for page in pages for line in page.splitlines() if line.strip())


def docx_text(content: bytes) -> str:
    """The words of a DOCX, paragraph by paragraph, then those of its tables."""
    import docx

    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def sheet_words(content: bytes) -> tuple[list[str], str]:
    """The names of the sheets of an XLSX, and the words of their cells in the order of reading."""
    import openpyxl  # type: ignore[import-untyped]  # a tool of the tests, without stubs

    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    return book.sheetnames, " ".join(" ".join(cells).split())


def words_of(answer: Any) -> str:
    """What an answer says to people, whatever its kind: page, JSON, PDF or office file."""
    if answer.mimetype.startswith("image/"):
        return ""
    if answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF-1.7"):
        return pdf_text(answer.data)
    if answer.data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as parts:
            return "\n".join(
                _TAG.sub("", parts.read(name).decode()) for name in parts.namelist() if name.endswith(".xml")
            )
    return str(answer.text)


def pdf_geometry(content: bytes) -> list[str]:
    """What stands where on every page, a line each: words with the corner where they begin, shapes (lines, boxes and
    symbols) with the number of their segments and their two corners; millimetres from the upper left corner.
    """
    import pypdfium2
    from pypdfium2 import raw

    found: list[str] = []
    for number, page in enumerate(pypdfium2.PdfDocument(content), 1):
        width, height = page.get_size()
        found.append(f"page {number} {width * MILLIMETRES:.1f} {height * MILLIMETRES:.1f}")
        words = page.get_textpage()
        for place in range(words.count_rects()):
            left, bottom, right, top = words.get_rect(place)
            said = " ".join(words.get_text_bounded(left, bottom, right, top).split())
            found.append(f"text {left * MILLIMETRES:.1f} {(height - top) * MILLIMETRES:.1f} {said}")
        for shape in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH]):
            left, bottom, right, top = (edge * MILLIMETRES for edge in shape.get_bounds())
            sides, whole = raw.FPDFPath_CountSegments(shape), height * MILLIMETRES
            found.append(f"shape {sides} {left:.1f} {whole - top:.1f} {right:.1f} {whole - bottom:.1f}")
    return found


def refuse_other_pages(content: bytes, golden: Path) -> None:
    """Fail unless the pages look like the ``golden`` ones. A missing file is written, to be looked at and committed."""
    pages = pdf_geometry(content)
    if not golden.exists():
        golden.write_text("\n".join(pages) + "\n", encoding="utf-8")
        raise AssertionError(f"{golden.name} was written: render the PDF, look at it, and commit the file.")
    wanted = golden.read_text(encoding="utf-8").splitlines()
    wrong = [f"- {old}\n+ {new}" for old, new in zip(wanted, pages, strict=False) if not _is_same(old, new)]
    assert not wrong, f"{golden.name}: {len(wrong)} things differ\n" + "\n".join(wrong[:10])
    assert len(wanted) == len(pages), f"{golden.name}: {len(wanted)} things were there, now {len(pages)}"


def _is_same(old: str, new: str) -> bool:
    left, right = old.split(" "), new.split(" ")
    if len(left) != len(right) or left[0] != right[0]:
        return False
    places = {"text": (1, 3), "shape": (2, 6), "page": (2, 4)}[left[0]]
    for at, (a, b) in enumerate(zip(left, right, strict=True)):
        near = places[0] <= at < places[1]
        if (abs(float(a) - float(b)) > TOLERANCE) if near else a != b:
            return False
    return True
