"""The agenda books of incoming and outgoing letters, in their official columns (formats 3.3)."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from addons.correspondence.models.disposition import Disposition
from addons.correspondence.models.disposition_recipient import DispositionRecipient
from addons.correspondence.models.letter import CHANNELS, Letter
from addons.correspondence.models.outgoing_letter import OutgoingLetter
from addons.organization.models.position import Position
from app.addon import (
    BadRequest,
    Institution,
    Printed,
    SheetColumn,
    as_system,
    current_scope,
    db,
    format_date,
    gettext,
    official_language,
    render_pdf,
    render_xlsx,
    today_here,
)
from app.addon import lazy_gettext as _l

LONGEST_PERIOD = timedelta(days=366)
NO, DATE, NUMBER, PARTY, SUBJECT, ENCLOSURE, REMARK = 8, 14, 20, 26, 34, 12, 22
"""Widths of the columns, in characters."""


@dataclass(frozen=True, slots=True)
class AgendaBook:
    """A register for a period: its title, its columns, and a row of values per letter."""

    title: str
    columns: tuple[SheetColumn, ...]
    rows: list[tuple[Any, ...]]
    first: date
    last: date

    @property
    def period(self) -> str:
        """``1 Maret 2025 – 31 Maret 2025``."""
        return f"{format_date(self.first)} – {format_date(self.last)}"

    @property
    def texts(self) -> list[list[str]]:
        """The rows as people read them."""
        return [[_text(value) for value in row] for row in self.rows]


def read_period(first: str | None, last: str | None) -> tuple[date, date]:
    """The period an address names, else this month. Raises `BadRequest`."""
    today = today_here()
    try:
        begins = date.fromisoformat(first) if first else today.replace(day=1)
        ends = date.fromisoformat(last) if last else max(today, begins)
    except ValueError:
        raise BadRequest(_l("The dates of the period cannot be read."), code="bad_period") from None
    if not date(1900, 1, 1) <= begins <= ends:
        raise BadRequest(_l("The period ends before it begins."), code="bad_period")
    if ends - begins > LONGEST_PERIOD:
        raise BadRequest(_l("A book covers one year at most."), code="bad_period")
    return begins, ends


def incoming_book(first: date, last: date) -> AgendaBook:
    """The letters received in the period; archived ones stay in, as in a book of paper."""
    statement = select(Letter).where(Letter.received_on.between(first, last))
    letters = sorted(
        db.session.scalars(statement), key=lambda item: (item.received_on.year, _natural(item.agenda_number))
    )
    passed_on = _passed_on([letter.id for letter in letters])
    columns = (
        SheetColumn(gettext("Agenda number"), NO + 4),
        SheetColumn(gettext("Date received"), DATE),
        SheetColumn(gettext("Sender"), PARTY),
        SheetColumn(gettext("Date of letter"), DATE),
        SheetColumn(gettext("Number of letter"), NUMBER),
        SheetColumn(gettext("Summary or subject"), SUBJECT),
        SheetColumn(gettext("Enclosures"), ENCLOSURE),
        SheetColumn(gettext("Passed on to"), PARTY),
        SheetColumn(gettext("Remarks"), REMARK),
    )
    rows = [
        (
            letter.agenda_number,
            letter.received_on,
            letter.sender_name,
            letter.letter_date,
            letter.letter_number,
            letter.subject,
            letter.enclosure,
            "\n".join(passed_on[letter.id]),
            _joined(letter.note, _archived(letter)),
        )
        for letter in letters
    ]
    return AgendaBook(gettext("Agenda book of incoming letters"), columns, rows, first, last)


def outgoing_book(first: date, last: date) -> AgendaBook:
    """The numbered letters dated in the period; archived ones stay in, so that no number is missing."""
    statement = select(OutgoingLetter).where(
        OutgoingLetter.letter_date.between(first, last), OutgoingLetter.agenda_number.is_not(None)
    )
    letters = sorted(
        db.session.scalars(statement), key=lambda item: (item.letter_date.year, _natural(item.agenda_number))
    )
    columns = (
        SheetColumn(gettext("Agenda number"), NO + 4),
        SheetColumn(gettext("Number of letter"), NUMBER),
        SheetColumn(gettext("Date of letter"), DATE),
        SheetColumn(gettext("Date sent"), DATE),
        SheetColumn(gettext("Sent to"), PARTY + 8),
        SheetColumn(gettext("Summary or subject"), SUBJECT),
        SheetColumn(gettext("Enclosures"), ENCLOSURE),
        SheetColumn(gettext("Remarks"), REMARK),
    )
    rows = [
        (
            letter.agenda_number,
            letter.number,
            letter.letter_date,
            letter.sent_on,
            _joined(letter.addressee_name, letter.addressee_address),
            letter.subject,
            letter.enclosure,
            _joined(_sending(letter), letter.receipt, _archived(letter)),
        )
        for letter in letters
    ]
    return AgendaBook(gettext("Agenda book of outgoing letters"), columns, rows, first, last)


def book_pdf(book: AgendaBook) -> Printed:
    """The book as PDF, landscape."""
    data = {
        "title": book.title,
        "institution": _institution_name(),
        "period": book.period,
        "columns": [{"title": str(column.title), "width": column.width} for column in book.columns],
        "rows": book.texts,
    }
    return render_pdf("correspondence.agenda_book", data, _file_name(book))


def book_xlsx(book: AgendaBook) -> Printed:
    """The book as a spreadsheet."""
    note = f"{_institution_name()} · {book.period}"
    return render_xlsx(book.title, book.columns, book.rows, _file_name(book), note=note)


def printed_book(maker: Any, first: date, last: date, kind: str) -> Printed:
    """The book that ``maker`` fills, in the language of official papers, as ``pdf`` or ``xlsx``."""
    with official_language():
        book = maker(first, last)
        return book_pdf(book) if kind == "pdf" else book_xlsx(book)


def _passed_on(letter_ids: list[int]) -> dict[int, list[str]]:
    """Letter → the positions to which it was passed on, in order and each once; withdrawn dispositions do not count."""
    found: dict[int, list[str]] = defaultdict(list)
    statement = (
        select(Disposition.letter_id, Position.title)
        .join(DispositionRecipient, DispositionRecipient.disposition_id == Disposition.id)
        .join(Position, Position.id == DispositionRecipient.position_id)
        .where(Disposition.letter_id.in_(letter_ids), DispositionRecipient.state != "withdrawn", Disposition.active)
        .order_by(Disposition.id, DispositionRecipient.place)
    )
    with as_system(db.session(), "the book tells where a letter went, as the sheet does"):
        for letter_id, title in db.session.execute(statement):
            if title not in found[letter_id]:
                found[letter_id].append(title)
    return found


def _institution_name() -> str:
    scope = current_scope(db.session())
    return str(db.session.scalar(select(Institution.name).where(Institution.id == scope.institution_id)))


def _sending(letter: OutgoingLetter) -> str:
    return str(CHANNELS[letter.channel]) if letter.channel else gettext("Not sent yet")


def _archived(record: Any) -> str | None:
    return None if record.active else gettext("Archived")


def _joined(*parts: str | None) -> str | None:
    return "\n".join(part for part in parts if part) or None


def _text(value: Any) -> str:
    return format_date(value) if isinstance(value, date) else "" if value is None else str(value)


def _natural(number: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", number))


def _file_name(book: AgendaBook) -> str:
    return f"{book.title} {book.first} {book.last}"
