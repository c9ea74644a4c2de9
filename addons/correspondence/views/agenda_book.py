"""The agenda books: as a page, PDF and XLSX."""

from typing import Any

from flask import request

from addons.correspondence.models.letter import Letter
from addons.correspondence.models.outgoing_letter import OutgoingLetter
from addons.correspondence.services.agenda_book import incoming_book, outgoing_book, printed_book, read_period
from app.addon import BadRequest, MenuLink, NotFound, PageView, add_menu_link, route
from app.addon import lazy_gettext as _l

BOOKS = {"incoming": (Letter, incoming_book), "outgoing": (OutgoingLetter, outgoing_book)}
PRINTS = ("pdf", "xlsx")


class AgendaPage(PageView):
    """``/correspondence/agenda``: the two books for a period."""

    path = "agenda"

    @route("/")
    def index(self) -> Any:
        """The book of incoming letters."""
        return self._book("incoming")

    @route("/outgoing")
    def outgoing(self) -> Any:
        """The book of outgoing letters."""
        return self._book("outgoing")

    def _book(self, name: str) -> Any:
        model, maker = BOOKS[name]
        self.enter(model)
        refusal, kind = None, request.args.get("print")
        if kind is not None and kind not in PRINTS:
            raise NotFound(_l("This page does not exist."))
        try:
            first, last = read_period(request.args.get("from"), request.args.get("to"))
        except BadRequest as error:
            if kind:
                raise
            refusal, (first, last) = error.message, read_period(None, None)
        if kind:
            return self.print_out(printed_book(maker, first, last, kind))
        page = self.render("correspondence/agenda_book.html", book=maker(first, last), name=name, refusal=refusal)
        return page, 400 if refusal else 200


add_menu_link(
    MenuLink(
        _l("Agenda book, incoming"), "correspondence_agenda_page.index", "book", "correspondence", 30,
        "correspondence.Letter",
    )
)  # fmt: skip
add_menu_link(
    MenuLink(
        _l("Agenda book, outgoing"), "correspondence_agenda_page.outgoing", "book", "correspondence", 31,
        "correspondence.OutgoingLetter",
    )
)  # fmt: skip
