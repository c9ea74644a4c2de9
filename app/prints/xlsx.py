"""XLSX through XlsxWriter: tables whose texts stay texts, whatever they begin with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from app.prints.printed import XLSX, Printed, plain_text

LARGEST_CELL = 32_767
_FORMULA = ("=", "+", "-", "@", "\t", "|", "%")


_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
"""Office programs refuse names of sheets with these, and longer ones than 31 signs."""


def _sheet_name(title: str) -> str:
    return plain_text(title).translate(_NOT_IN_NAMES).strip(" '")[:31].rstrip(" '") or "1"


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of a printed table; ``width`` in characters."""

    title: str
    width: int = 16


def render_xlsx(
    title: str, columns: Sequence[SheetColumn], rows: Iterable[Sequence[Any]], name: str, *, note: str = ""
) -> Printed:
    """One sheet: ``title`` and ``note`` above, then the table. Dates are dates; no text is ever a formula or a link."""
    import xlsxwriter  # late: few requests print

    target = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        cell = {"border": 1, "text_wrap": True, "valign": "top"}
        formats = {
            "text": book.add_format(cell),
            # The sign that makes a spreadsheet program take the cell as text, also when somebody edits it.
            "quoted": book.add_format({**cell, "quote_prefix": True}),
            "date": book.add_format({**cell, "num_format": "dd/mm/yyyy", "align": "left"}),
        }
        head = book.add_format({**cell, "bold": True, "bg_color": "#EBEBEB", "align": "center"})
        sheet.write_string(0, 0, plain_text(title), book.add_format({"bold": True, "font_size": 13}))
        sheet.write_string(1, 0, plain_text(note))
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(3, place, plain_text(column.title), head)
        for line, row in enumerate(rows, start=4):
            for place, value in enumerate(row):
                _write(sheet, line, place, value, formats)
        _lay_out(sheet)
    return Printed(target.getvalue(), XLSX, name)


def _write(sheet: Any, line: int, place: int, value: Any, formats: dict[str, Any]) -> None:
    if isinstance(value, date) and not isinstance(value, datetime) and value.year >= 1900:
        sheet.write_datetime(line, place, datetime(value.year, value.month, value.day), formats["date"])  # noqa: DTZ001
    elif isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        sheet.write_number(line, place, value, formats["text"])
    else:
        text = plain_text("" if value is None else value)[:LARGEST_CELL]
        sheet.write_string(line, place, text, formats["quoted" if text.lstrip().startswith(_FORMULA) else "text"])


def _lay_out(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(3)
    sheet.freeze_panes(4, 0)
