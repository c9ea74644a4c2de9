"""Books: registers for a period in official columns, such as the agenda books, as page, PDF and XLSX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.database.scope import current_scope
from app.database.session import db
from app.errors import BadRequest
from app.i18n import gettext
from app.i18n import lazy_gettext as _l
from app.i18n.formats import format_date, today_here
from app.jobs.progress import report_progress
from app.prints.pdf import render_pdf
from app.prints.printed import Printed, official_language
from app.prints.xlsx import SheetColumn, render_xlsx
from app.registry.institution import Institution

LONGEST_PERIOD = timedelta(days=366)
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""Beyond these no book is kept, and near the end of the calendar the day after the last one cannot be counted."""
CHUNK = 1000
"""So many entries are filled at once: a year may hold more than one statement takes."""
BREAK = "\u200b"


@dataclass(frozen=True, slots=True)
class BookRow:
    """One line of a book; a ``struck`` one counts no more but stays legible, and its last value says why."""

    values: tuple[Any, ...]
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """A register for a period.

    ``entries`` are ids in the order of the book; ``fill`` makes the rows of some of them, so that a page of the screen
    asks only for what it shows. A ``numbered`` book counts its lines in a first column of its own.
    """

    title: str
    columns: tuple[SheetColumn, ...]
    entries: Sequence[int]
    fill: Callable[[Sequence[int]], list[BookRow]]
    first: date
    last: date
    note: str = ""
    numbered: bool = False

    @property
    def period(self) -> str:
        """``1 Maret 2025 – 31 Maret 2025``, and what the book is narrowed to."""
        period = f"{format_date(self.first)} – {format_date(self.last)}"
        return f"{period} · {self.note}" if self.note else period

    @property
    def all_columns(self) -> tuple[SheetColumn, ...]:
        """The columns, with that of the running number."""
        return (SheetColumn(gettext("No."), 7), *self.columns) if self.numbered else self.columns

    def rows(self, start: int = 0, stop: int | None = None) -> list[BookRow]:
        """The rows of the entries from ``start`` up to, not including, ``stop``."""
        wanted, filled = self.entries[start:stop], list[BookRow]()
        for at in range(0, len(wanted), CHUNK):
            report_progress(db.session(), at, len(wanted))
            filled += self.fill(wanted[at : at + CHUNK])
        if not self.numbered:
            return filled
        return [BookRow((place, *row.values), row.struck) for place, row in enumerate(filled, start + 1)]


def read_period(first: str | None, last: str | None) -> tuple[date, date]:
    """The period an address names, else this month. Raises `BadRequest`."""
    today = today_here()
    try:
        begins = date.fromisoformat(first) if first else today.replace(day=1)
        ends = date.fromisoformat(last) if last else max(today, begins)
    except ValueError:
        raise BadRequest(_l("The dates of the period cannot be read."), code="bad_period") from None
    if begins < EARLIEST or ends > LATEST:
        raise BadRequest(_l("The dates of the period cannot be read."), code="bad_period")
    if begins > ends:
        raise BadRequest(_l("The period ends before it begins."), code="bad_period")
    if ends - begins > LONGEST_PERIOD:
        raise BadRequest(_l("A book covers one year at most."), code="bad_period")
    return begins, ends


def print_book(make: Callable[[], Book], kind: str) -> Printed:
    """The book that ``make`` makes, in the language of official papers, as ``pdf`` or ``xlsx``."""
    with official_language():
        book = make()
        return book_pdf(book) if kind == "pdf" else book_xlsx(book)


def book_pdf(book: Book) -> Printed:
    """The book as PDF, landscape."""
    columns = book.all_columns
    data = {
        "title": book.title,
        "institution": institution_name(),
        "period": book.period,
        "columns": [{"title": str(column.title), "width": column.width} for column in columns],
        "rows": [
            {
                "struck": row.struck,
                "cells": [
                    breakable(cell_text(value), column.width) for value, column in zip(row.values, columns, strict=True)
                ],
            }
            for row in book.rows()
        ],
        "nothing": gettext("No entries in this period."),
    }
    return render_pdf("kernel.book", data, _file_name(book))


def book_xlsx(book: Book) -> Printed:
    """The book as a spreadsheet."""
    note = f"{institution_name()} · {book.period}"
    rows = [row.values for row in book.rows()]
    return render_xlsx(book.title, book.all_columns, rows, _file_name(book), note=note)


def cell_text(value: Any) -> str:
    """A value as people read it in a book."""
    return format_date(value) if isinstance(value, date) else "" if value is None else str(value)


def breakable(text: str, width: int) -> str:
    """``text`` in which a word that is longer than ``width`` signs may break anywhere; others keep whole."""
    room = max(4, width - 2)
    if len(text) * 1.5 <= room:
        return text
    return "\n".join(" ".join(_breakable_word(word, room) for word in line.split(" ")) for line in text.split("\n"))


def _breakable_word(word: str, room: int) -> str:
    if _size(word) <= room:
        return word
    # Numbers of letters break behind their strokes, and inside a part only if it is too long by itself.
    parts = re.findall(r"[^/]*/|[^/]+", word)
    return BREAK.join(part if _size(part) <= room else BREAK.join(part) for part in parts)


def _size(word: str) -> float:
    """About how wide a word is, counted in small letters."""
    return sum(1.45 if sign.isupper() else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in word)


def institution_name() -> str:
    """The name of the active institution."""
    scope = current_scope(db.session())
    institution_id = scope.institution_id if scope else None
    return str(db.session.scalar(select(Institution.name).where(Institution.id == institution_id)))


def _file_name(book: Book) -> str:
    return f"{book.title} {book.first} {book.last}"
