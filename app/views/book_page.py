"""Pages of books: a declaration gives the page for a period, its PDF and XLSX, and the line in the menu."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import flash, redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.database.base import Model
from app.database.session import db
from app.errors import BadRequest, NotFound
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.i18n.formats import today_here
from app.jobs.declared import job
from app.jobs.own_jobs import page_of
from app.jobs.prepared_file import offer_file
from app.jobs.queue import defer
from app.prints.book import Book, cell_text, print_book, read_period
from app.registry.extensions import addon_of
from app.views.listing import Page, whole_number
from app.views.menu import MenuLink, add_menu_link
from app.views.page_view import PageView, endpoint_of, route

PAGE_SIZE = 50
PRINTS = ("pdf", "xlsx")
JOB = "kernel.print_book"
AT_ONCE = {"pdf": 400, "xlsx": 3_000}
"""How many lines are handed out at once: about two seconds' work. A longer book is made by a job."""

books: dict[str, type[BookPage]] = {}
"""Every book by the name of its pages."""


@dataclass(frozen=True, slots=True)
class BookFilter:
    """A choice that narrows a book; ``choices()`` are value → text, and only these are accepted."""

    name: str
    label: Any
    choices: Callable[[], Mapping[str, str]]


class BookPage(PageView, abstract=True):
    """``/<addon>/<path>``: a book for a period, for whoever may read ``model``.

    ``make(first, last)`` makes the `Book`; what is chosen of ``filters`` is given to it by name.
    """

    model: ClassVar[type[Model]]
    label: ClassVar[Any]
    make: ClassVar[Callable[..., Book]]
    filters: ClassVar[tuple[BookFilter, ...]] = ()
    sequence: ClassVar[int] = 30

    def __init_subclass__(cls, *, abstract: bool = False) -> None:
        """Add the line of the menu."""
        super().__init_subclass__(abstract=abstract)
        books[endpoint_of(cls)] = cls
        addon = addon_of(cls.__module__) or "kernel"
        model_key = cls.model.__model_key__
        add_menu_link(MenuLink(cls.label, f"{endpoint_of(cls)}.index", "book", addon, cls.sequence, model_key))

    @route("")
    @route("/")
    def index(self) -> Any:
        """The book: a page of the screen, or all of it as a paper."""
        self.enter(self.model)
        kind, choices = request.args.get("print"), {item.name: item.choices() for item in self.filters}
        if kind is not None and kind not in PRINTS:
            raise NotFound(_l("This page does not exist."))
        refusal, number, chosen = None, 0, {}
        try:
            first, last = read_period(request.args.get("from"), request.args.get("to"))
            chosen = _chosen(choices)
            number = whole_number(request.args.get("page"), 0)
        except BadRequest as error:
            if kind:
                raise
            refusal, (first, last) = error.message, read_period(None, None)
        make = type(self).make
        book = make(first, last, **chosen)
        if kind and len(book.entries) > AT_ONCE[kind]:
            return self._long(book, kind)
        if kind:
            return self.print_out(print_book(lambda: make(first, last, **chosen), kind))
        page = self.render(
            "book.html",
            book=book,
            page=_page(book, number),
            cell_text=cell_text,
            filters=[(item, choices[item.name], chosen.get(item.name, "")) for item in self.filters],
            periods=_usual_periods(),
            refusal=refusal,
        )
        return page, 400 if refusal else 200

    def _long(self, book: Book, kind: str) -> str:
        """The page that asks whether a long book is to be made while the person goes on working."""
        values = {"title": book.title, "count": len(book.entries), "at_once": AT_ONCE[kind], "kind": kind}
        shown = {"from": book.first.isoformat(), "to": book.last.isoformat()}
        shown |= {item.name: request.args[item.name] for item in self.filters if item.name in request.args}
        home = str(self.route_base)
        action = f"{home}/file?{urlencode({**shown, 'print': kind})}"
        return self.render("jobs/long_list.html", **values, action=action, back=f"{home}/?{urlencode(shown)}")

    @route("/file", methods=["POST"])
    def print_later(self) -> Response:
        """Have a long book made by a job."""
        self.enter(self.model)
        kind = request.args.get("print")
        if kind not in PRINTS:
            raise NotFound(_l("This page does not exist."))
        first, last = read_period(request.args.get("from"), request.args.get("to"))
        chosen = _chosen({item.name: item.choices() for item in self.filters})
        person = current_access().user_id
        run = defer(
            db.session(), JOB, key=f"{person} {endpoint_of(type(self))} {kind} {first} {last} {chosen}"[:250],
            lock=f"person {person}", about=f"{type(self).label} ({kind.upper()})",
            book=endpoint_of(type(self)), kind=kind, first=first.isoformat(), last=last.isoformat(), chosen=chosen,
        )  # fmt: skip
        if run is None:
            flash(_l("This file is being made already."), "info")
        return redirect(page_of(run))


@job(JOB, title=_l("Print of a book"), as_person=True)
def print_long_book(session: Session, book: str, kind: str, first: str, last: str, chosen: dict[str, str]) -> None:
    """The same paper that the page would hand out, with the rights that the person has when it is made."""
    page = books[book]()
    page.enter(page.model)
    period = date.fromisoformat(first), date.fromisoformat(last)
    offer_file(session, print_book(lambda: type(page).make(*period, **chosen), kind))


def _chosen(choices: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    chosen = {name: request.args[name] for name in choices if request.args.get(name)}
    if any(value not in choices[name] for name, value in chosen.items()):
        raise BadRequest(_l("The book cannot be narrowed to this choice."), code="bad_filter")
    return chosen


def _page(book: Book, number: int) -> Page:
    count = len(book.entries)
    number = min(number, max(0, (count - 1) // PAGE_SIZE))
    return Page(book.rows(number * PAGE_SIZE, (number + 1) * PAGE_SIZE), count, number, PAGE_SIZE, is_exact=True)


def _usual_periods() -> list[tuple[str, date, date]]:
    """The periods for which books are usually read and printed."""
    today = today_here()
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    return [
        (_("This month"), month, today),
        (_("Last month"), before.replace(day=1), before),
        (_("This year"), date(today.year, 1, 1), today),
        (_("Last year"), date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    ]
