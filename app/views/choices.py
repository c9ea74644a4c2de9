"""What a link may point to: for selects that search while typing, and for programs."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import Select, String, cast, inspect, select

from app.access.access import current_access
from app.database.base import Archivable, Model
from app.database.session import db
from app.views.forms import people
from app.views.screen import views
from app.views.text_search import search
from app.views.words import search_words

PAGE_SIZE = 20


def choices(target: Any, words: str, page: int = 0) -> list[tuple[int, str]]:
    """Up to `PAGE_SIZE` records that a link may point to, with the text shown for each."""
    if target is User:
        statement = people()
        for word in search_words(words, 5):
            statement = statement.where((User.first_name + " " + User.last_name).icontains(word, autoescape=True))
    elif current_access().may(target, "read"):
        statement = _records(target, words)
    else:
        return []
    found = db.session().scalars(statement.limit(PAGE_SIZE).offset(min(page, 500) * PAGE_SIZE))
    return [(record.id, str(record)) for record in found]


def _records(target: type[Model], words: str) -> Select[Any]:
    """The records of ``target`` that fit ``words`` by the text shown or by whatever its list is searched by: a kind of
    agreement is found by its code too.
    """
    shown = target.__display__ if target.__display__ in inspect(target).columns else "id"
    statement = select(target).order_by(getattr(target, shown), target.id)
    if issubclass(target, Archivable):
        statement = statement.where(target.active)
    if offered := getattr(target, "__offered_states__", ()):
        statement = statement.where(target.state.in_(offered))
    view = views.get(target.__model_key__)
    columns = view.searched if view is not None and view.may("read") else ()
    if columns:
        return search(statement, target, tuple(dict.fromkeys((*_texts(target, shown), *columns))), words)
    for word in search_words(words, 5):
        statement = statement.where(cast(getattr(target, shown), String).icontains(word, autoescape=True))
    return statement


def _texts(target: type[Model], shown: str) -> tuple[str, ...]:
    return (shown,) if isinstance(inspect(target).columns[shown].type, String) else ()
