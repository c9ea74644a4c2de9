"""The agenda books of incoming and outgoing letters, in their official columns (formats 3.3)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from addons.correspondence.models.disposition import Disposition
from addons.correspondence.models.disposition_recipient import DispositionRecipient
from addons.correspondence.models.letter import CHANNELS, Letter
from addons.correspondence.models.outgoing_letter import OutgoingLetter
from addons.organization.models.position import Position
from app.addon import Book, BookRow, SheetColumn, as_system, db, gettext, seen

AGENDA, DATE, NUMBER, PARTY, SUBJECT, ENCLOSURE, REMARK = 14, 14, 26, 25, 34, 12, 20
"""Widths of the columns, in characters."""


def incoming_book(first: date, last: date) -> Book:
    """The letters received in the period; archived ones stay in, as in a book of paper."""
    columns = (
        SheetColumn(gettext("Agenda number"), AGENDA),
        SheetColumn(gettext("Date received"), DATE),
        SheetColumn(gettext("Sender"), PARTY),
        SheetColumn(gettext("Date of letter"), DATE),
        SheetColumn(gettext("Number of letter"), NUMBER),
        SheetColumn(gettext("Summary or subject"), SUBJECT),
        SheetColumn(gettext("Enclosures"), ENCLOSURE),
        SheetColumn(gettext("Passed on to"), PARTY),
        SheetColumn(gettext("Remarks"), REMARK),
    )
    statement = select(Letter.id, Letter.received_on, Letter.agenda_number).where(
        Letter.received_on.between(first, last)
    )
    title = gettext("Agenda book of incoming letters")
    return Book(title, columns, _in_order(statement), _incoming_rows, first, last)


def outgoing_book(first: date, last: date) -> Book:
    """The numbered letters dated in the period; archived ones stay in, so that no number is missing."""
    columns = (
        SheetColumn(gettext("Agenda number"), AGENDA),
        SheetColumn(gettext("Number of letter"), NUMBER),
        SheetColumn(gettext("Date of letter"), DATE),
        SheetColumn(gettext("Date sent"), DATE),
        SheetColumn(gettext("Sent to"), PARTY + 8),
        SheetColumn(gettext("Summary or subject"), SUBJECT),
        SheetColumn(gettext("Enclosures"), ENCLOSURE),
        SheetColumn(gettext("Remarks"), REMARK),
    )
    statement = select(OutgoingLetter.id, OutgoingLetter.letter_date, OutgoingLetter.agenda_number).where(
        OutgoingLetter.letter_date.between(first, last), OutgoingLetter.agenda_number.is_not(None)
    )
    title = gettext("Agenda book of outgoing letters")
    return Book(title, columns, _in_order(statement), _outgoing_rows, first, last)


def _in_order(statement: Any) -> list[int]:
    """The ids by year and agenda number: 2 comes before 10, whatever the pattern."""
    found = db.session.execute(statement).all()
    return [pk for pk, _day, _number in sorted(found, key=lambda row: (row[1].year, _natural(row[2])))]


def _natural(number: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", number))


def _incoming_rows(ids: Sequence[int]) -> list[BookRow]:
    letters = {letter.id: letter for letter in db.session.scalars(select(Letter).where(Letter.id.in_(ids)))}
    passed_on = _passed_on(ids)
    return [_incoming_row(seen(letters[pk]), passed_on[pk]) for pk in ids if pk in letters]


def _incoming_row(letter: Letter, passed_on: list[str]) -> BookRow:
    return BookRow(
        (
            letter.agenda_number,
            letter.received_on,
            letter.sender_name,
            letter.letter_date,
            letter.letter_number,
            letter.subject,
            letter.enclosure,
            "\n".join(passed_on),
            _joined(letter.note, _archived(letter)),
        )
    )


def _passed_on(letter_ids: Sequence[int]) -> dict[int, list[str]]:
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


def _outgoing_rows(ids: Sequence[int]) -> list[BookRow]:
    found = db.session.scalars(select(OutgoingLetter).where(OutgoingLetter.id.in_(ids)))
    letters = {letter.id: letter for letter in found}
    return [_outgoing_row(seen(letters[pk])) for pk in ids if pk in letters]


def _outgoing_row(letter: OutgoingLetter) -> BookRow:
    return BookRow(
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
    )


def _sending(letter: OutgoingLetter) -> str:
    return str(CHANNELS[letter.channel]) if letter.channel else gettext("Not sent yet")


def _archived(record: Any) -> str | None:
    return None if record.active else gettext("Archived")


def _joined(*parts: str | None) -> str | None:
    return "\n".join(part for part in parts if part) or None
