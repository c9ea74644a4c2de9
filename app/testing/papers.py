"""Reading what was printed, as text: with other programs than those that made it."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

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
