"""Searching everything at once: pages of the menu, what can be begun, and records, as far as the person may."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from psycopg.errors import QueryCanceled
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from app.database.session import db
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.views import listing
from app.views.menu import menu
from app.views.model_view import views
from app.views.screen import Screen
from app.views.text_search import possible_models, search
from app.views.words import search_words

SHORTEST = 2
"""Fewer letters are in everything."""
PER_MODEL = 5
MOST_MODELS = 12
SECONDS = 1.0
"""After so long what was found is shown."""
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the answer; ``note`` is the state of a record."""

    label: str
    url: str
    icon: str
    note: str = ""


@dataclass(slots=True)
class Found:
    """The answer: groups of hits by their title. ``is_partial``: there may be more than was looked for."""

    groups: list[tuple[str, list[Hit]]] = field(default_factory=list)
    is_partial: bool = False

    @property
    def count(self) -> int:
        """How many lines there are."""
        return sum(len(hits) for _title, hits in self.groups)


def find_everywhere(words: str) -> Found:
    """What ``words`` name; without words, the pages on top of the menu."""
    found = Found()
    wanted = [word.casefold() for word in search_words(words[:LONGEST], 8)]
    _add(found, str(_l("Pages")), [hit for hit in _pages(only_top=not wanted) if _names(hit.label, wanted)])
    if wanted:
        _add(found, str(_l("Begin something new")), [hit for hit in _beginnings() if _names(hit.label, wanted)])
    if sum(len(word) for word in wanted) >= SHORTEST:
        _find_records(found, words[:LONGEST])
    return found


def _add(found: Found, title: str, hits: list[Hit]) -> None:
    if hits:
        found.groups.append((title, hits[: PER_MODEL + 1]))


def _names(label: str, wanted: list[str]) -> bool:
    return all(word in label.casefold() for word in wanted)


def _pages(*, only_top: bool) -> Iterator[Hit]:
    top, groups = menu()
    yield from (Hit(str(link.label), link.url, link.icon) for link in top)
    for group in groups if not only_top else ():
        yield from (Hit(f"{group.title} › {link.label}", link.url, link.icon) for link in group.links)


def _beginnings() -> Iterator[Hit]:
    for view in views.values():
        if view.may_add and view.may("create"):
            yield Hit(_("Add: %(kind)s", kind=view.title), view.url("add"), "plus")


def _find_records(found: Found, words: str) -> None:
    """At most a few records of a few models, and no longer than `SECONDS`."""
    started, session = time.monotonic(), db.session()
    searched = [view for view in views.values() if view.may("read") and view.searched]
    savepoint = session.begin_nested()
    try:
        session.execute(text(f"SET LOCAL statement_timeout = {int(SECONDS * 1000)}"))
        possible = set(possible_models([(view.model, view.searched) for view in searched], words))
        candidates = [view for view in searched if view.model in possible]
        found.is_partial = len(candidates) > MOST_MODELS
        for view in candidates[:MOST_MODELS]:
            if time.monotonic() - started > SECONDS:
                found.is_partial = True
                break
            _add(found, str(view.plural), _hits(view, words))
    except OperationalError as error:
        if not isinstance(error.orig, QueryCanceled):
            raise
        found.is_partial = True
    finally:
        # Takes the limit back; whatever was found is text by now.
        savepoint.rollback()


def _hits(view: Screen, words: str) -> list[Hit]:
    model: Any = view.model
    ids = search(listing.base_statement(model), model, view.searched, words).order_by(model.id.desc())
    options = [joinedload(getattr(model, name)) for name in view.eager]
    records = db.session.scalars(
        select(model).where(model.id.in_(ids.limit(PER_MODEL))).options(*options).order_by(model.id.desc())
    )
    has_states = bool(view.states())
    return [
        Hit(
            str(record),
            view.url("show", pk=record.id),
            view.icon,
            str(view.state_label(record)) if has_states else "",
        )
        for record in records.unique()
    ]
