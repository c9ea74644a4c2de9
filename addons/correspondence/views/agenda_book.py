"""The agenda books: as page, PDF and XLSX."""

from addons.correspondence.models.letter import Letter
from addons.correspondence.models.outgoing_letter import OutgoingLetter
from addons.correspondence.services.agenda_book import incoming_book, outgoing_book
from app.addon import BookPage
from app.addon import lazy_gettext as _l


class IncomingBook(BookPage):
    """The agenda book of incoming letters."""

    path = "agenda"
    model = Letter
    label = _l("Agenda book, incoming")
    make = incoming_book


class OutgoingBook(BookPage):
    """The agenda book of outgoing letters."""

    path = "agenda/outgoing"
    model = OutgoingLetter
    label = _l("Agenda book, outgoing")
    sequence = 31
    make = outgoing_book
