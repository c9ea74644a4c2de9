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
from app.views.fields import Field
from app.views.menu import menu
from app.views.model_view import views
from app.views.screen import Screen
from app.views.text_search import possible_models, search
from app.views.words import search_words

SHORTEST = 2
"""Fewer letters are in everything."""
PER_MODEL = 5
LOOKED_AT = 20
"""So many of the newest records of a model are looked at for the ones that fit best."""
MOST_MODELS = 12
SECONDS = 1.0
"""After so long what was found is shown."""
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the answer; ``note`` is the state of a record, ``about`` what else tells it from others.

    ``distance``: 0 where the label is what was typed, 1 where it begins so, 2 where it holds every word, 3 otherwise.
    """

    label: str
    url: str
    icon: str
    note: str = ""
    about: str = ""
    distance: int = 2


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
    # Within one distance pages stay before beginnings and these before records.
    found.groups.sort(key=lambda group: min(min(hit.distance, 2) for hit in group[1]))
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
    options = [joinedload(getattr(model, name)) for name in view.relations(_telling(view))]
    records = db.session.scalars(
        select(model).where(model.id.in_(ids.limit(LOOKED_AT))).options(*options).order_by(model.id.desc())
    )
    hits = [_hit(view, record, words) for record in records.unique()]
    return sorted(hits, key=lambda hit: hit.distance)[:PER_MODEL]


def _telling(view: Screen) -> list[Field]:
    """What lists show of a record that may tell it from others of the same name."""
    return [field for field in view.fields("list") if field.kind in {"text", "relation"}]


def _hit(view: Screen, record: Any, words: str) -> Hit:
    label = str(record)
    texts = [field.text(record) for field in _telling(view)]
    about = " · ".join([text for text in texts if text and text not in label and label not in text][:2])
    note = str(view.state_label(record)) if view.states() else ""
    url = view.url("show", pk=record.id)
    return Hit(label, url, view.icon, note, about, _distance(label, words))


def _distance(label: str, words: str) -> int:
    label, typed = label.casefold(), " ".join(words.casefold().split())
    if label == typed:
        return 0
    if label.startswith(typed):
        return 1
    return 2 if _names(label, typed.split()) else 3
