"""What the pages of cases tell of correspondence: where it stands in the agenda books, who received dispositions."""

from datetime import date
from typing import Any

from flask import url_for

from addons.procedures.services.kept_record import BookEntry, case_book
from addons.procedures.services.members import case_parts
from app.addon import lazy_gettext as _l


@case_book("correspondence.incoming_book", "correspondence.Letter", _l("Agenda book of incoming letters"))
def incoming_entry(letter: Any) -> BookEntry | None:
    """The agenda number of an incoming letter, on the page of the book for its day."""
    return BookEntry(letter, letter.agenda_number, _page("incoming", letter.received_on))


@case_book("correspondence.outgoing_book", "correspondence.OutgoingLetter", _l("Agenda book of outgoing letters"))
def outgoing_entry(letter: Any) -> BookEntry | None:
    """The agenda number of an outgoing letter, once it has one."""
    if letter.agenda_number is None:
        return None
    return BookEntry(letter, letter.agenda_number, _page("outgoing", letter.letter_date))


@case_parts("correspondence.Disposition")
def recipients(dispositions: list[Any]) -> list[Any]:
    """What each of several recipients does; of one alone the disposition itself tells."""
    return [row for item in dispositions if len(item.recipients) > 1 for row in item.recipients]


def _page(book: str, day: date) -> str:
    return url_for(f"correspondence_{book}_book.index", **{"from": day.isoformat(), "to": day.isoformat()})
