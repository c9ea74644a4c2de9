"""Where a case stands in the agenda books: the kept records of its procedure lead there."""

from datetime import date
from typing import Any

from flask import url_for

from addons.procedures.services.kept_record import Entry, case_book


@case_book("correspondence.incoming_book", "correspondence.Letter")
def incoming_entry(letter: Any) -> Entry | None:
    """The agenda number of an incoming letter, on the page of the book for its day."""
    return Entry(letter, letter.agenda_number, _page("incoming", letter.received_on))


@case_book("correspondence.outgoing_book", "correspondence.OutgoingLetter")
def outgoing_entry(letter: Any) -> Entry | None:
    """The agenda number of an outgoing letter, once it has one."""
    if letter.agenda_number is None:
        return None
    return Entry(letter, letter.agenda_number, _page("outgoing", letter.letter_date))


def _page(book: str, day: date) -> str:
    return url_for(f"correspondence_{book}_book.index", **{"from": day.isoformat(), "to": day.isoformat()})
