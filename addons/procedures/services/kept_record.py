"""What a case has left in the records that its procedure keeps."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from addons.procedures.models.case import Case
from addons.procedures.models.joins_case import joining_models
from addons.procedures.models.kept_record import KeptRecord
from addons.procedures.services.members import members_of
from app.addon import current_access, current_scope, db, enabled_addons
from app.addon import gettext as _


@dataclass(frozen=True, slots=True)
class BookEntry:
    """What stands in a record: the record behind it, how it is called there, and the page of the book. ``mark`` says
    what became of it; one that does not ``count`` leaves the record empty.
    """

    record: Any
    text: str
    url: str | None = None
    mark: str = ""
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Keeping:
    """A kept record with its ``entries``; ``is_here`` tells that it is kept in Sinergi and this person may look."""

    name: str
    is_here: bool
    entries: list[BookEntry]

    @property
    def is_present(self) -> bool:
        """Whether the case left something here that still stands."""
        return any(entry.counts for entry in self.entries)


Book = Callable[[Any], BookEntry | None]
_books: dict[str, tuple[str, Book]] = {}
_titles: dict[str, Any] = {}


def books() -> dict[str, str]:
    """The registered books, each with the model whose records stand in it."""
    return {kind: model for kind, (model, _book) in _books.items()}


def books_to_choose() -> dict[str, tuple[str, str]]:
    """The books of the addons that the institution uses: model and title of each."""
    scope = current_scope(db.session())
    enabled = enabled_addons(scope.institution_id) if scope else frozenset()
    return {
        kind: (model, str(_titles[kind]))
        for kind, (model, _book) in _books.items()
        if kind.partition(".")[0] in enabled and kind in _titles
    }


def book_title(kind: str) -> str:
    """What the book ``kind`` is called; empty for one without a title."""
    return str(_titles.get(kind, ""))


def case_book(kind: str, model: str, title: Any = None) -> Callable[[Book], Book]:
    """Register a book, ``addon.book``, in which records of ``model`` stand; only one with a ``title`` is offered in
    the editor. The function gives the entry of a record,
    or None while it is not in the book.
    """

    def register(function: Book) -> Book:
        _books[kind] = (model, function)
        if title is not None:
            _titles[kind] = title
        return function

    return register


def keepings_of(session: Session, case: Case) -> list[Keeping]:
    """The records that the procedure of ``case`` keeps, in its order, with what the case left in each."""
    kept = session.scalars(
        select(KeptRecord).where(KeptRecord.procedure_id == case.procedure_id).order_by(KeptRecord.place)
    )
    members = {model.__model_key__: records for model, records in members_of(session, case, archived=True)}
    return [_keeping(item, members) for item in kept]


def _keeping(item: KeptRecord, members: dict[str, list[Any]]) -> Keeping:
    key, entry_of = _books.get(item.kind or "", (item.kind, _plain_entry))
    model = joining_models().get(key or "")
    is_here = model is not None and current_access().may(model, "read")
    entries = [_marked(entry) for record in members.get(key or "", ()) if (entry := entry_of(record)) is not None]
    return Keeping(item.name, is_here, entries)


def _plain_entry(record: Any) -> BookEntry:
    return BookEntry(record, str(record), counts=record.active and not _void_state(record))


def _marked(entry: BookEntry) -> BookEntry:
    return replace(entry, mark=_("archived") if not entry.record.active else _void_state(entry.record))


def _void_state(record: Any) -> str:
    state = getattr(record, "state", None)
    if state not in record.__void_states__:
        return ""
    return str(inspect(type(record)).columns["state"].info["choices"][state])
