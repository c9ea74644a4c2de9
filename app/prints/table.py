"""A list as a file: CSV whose cells no spreadsheet program runs, and a plain PDF table."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

from app.i18n import gettext
from app.prints.book import breakable, institution_name
from app.prints.pdf import render_pdf
from app.prints.printed import CSV, Printed, plain_text
from app.prints.xlsx import SheetColumn

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?[0-9.,]+")


def neutral(text: str) -> str:
    """``text`` with a quote before it when a spreadsheet program would run it; a plain number stays one."""
    starts = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if starts and not _NUMBER.fullmatch(text) else text


def render_csv(columns: Sequence[SheetColumn], rows: Iterable[Sequence[str]], name: str) -> Printed:
    """Comma-separated values in UTF-8 with the mark by which spreadsheet programs know it."""
    target = StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([neutral(column.title) for column in columns])
    writer.writerows([neutral(plain_text(text)) for text in row] for row in rows)
    return Printed(target.getvalue().encode("utf-8-sig"), CSV, name)


def render_table_pdf(
    title: str, note: str, columns: Sequence[SheetColumn], rows: Sequence[Sequence[str]], name: str
) -> Printed:
    """The table in the dress of a book, landscape."""
    data = {
        "title": title,
        "institution": institution_name(),
        "period": note,
        "columns": [{"title": column.title, "width": column.width} for column in columns],
        "rows": [
            {
                "struck": False,
                "cells": [breakable(text, column.width) for text, column in zip(row, columns, strict=True)],
            }
            for row in rows
        ],
        "nothing": gettext("Nothing fits the search."),
    }
    return render_pdf("kernel.book", data, name)
