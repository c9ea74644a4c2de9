"""Searching lists and choices by words, with the trigram indexes that `app.database.text_search` lays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, String, any_, false, func, inspect, literal, or_, select
from sqlalchemy.orm import aliased

from app.database.base import InstitutionOwned, Model
from app.database.session import db
from app.views.fields import field_of
from app.views.words import search_words

MOST = 500
"""More hits than this are found sooner by reading the list in order and comparing."""
SHORTEST = 3
"""A trigram index knows nothing of shorter words."""


class Place(NamedTuple):
    """Where words are looked for: ``columns`` of a model itself, or of the one that its ``link`` points to."""

    model: type[Model]
    columns: tuple[str, ...]
    link: str = ""

    @property
    def is_indexed(self) -> bool:
        """Whether every column lies in the table of an owned model, and so has its index."""
        known = inspect(self.model).columns
        return issubclass(self.model, InstitutionOwned) and all(
            name in known and isinstance(known[name].type, String) for name in self.columns
        )


def places_of(model: type[Model], columns: tuple[str, ...]) -> list[Place]:
    """The places that search ``columns`` such as ``name`` and ``partner.name`` mean."""
    found: dict[str, list[str]] = {}
    for name in columns:
        link, _dot, attribute = name.rpartition(".")
        found.setdefault(link, []).append(attribute)
    return [
        Place(field_of(model, link).target if link else model, tuple(names), field_of(model, link).key if link else "")
        for link, names in found.items()
    ]


def searched_columns(declared: Iterable[tuple[type[Model], tuple[str, ...]]]) -> set[tuple[str, str]]:
    """Every table and column that the lists ``declared``, and the choices among their records, are searched by."""
    found = set()
    for model, columns in declared:
        shown = (model.__display__,) if model.__display__ in inspect(model).columns else ()
        for place in places_of(model, (*shown, *columns)):
            owned = [name for name in place.columns if place._replace(columns=(name,)).is_indexed]
            found |= {(str(place.model.__tablename__), str(inspect(place.model).columns[name].name)) for name in owned}
    return found


def search(statement: Select[Any], model: type[Model], columns: tuple[str, ...], words: str) -> Select[Any]:
    """Keep rows in which every word of ``words`` occurs in some of the text ``columns``, upper and lower case alike."""
    patterns = _patterns(words)
    if not columns or not patterns:
        return statement
    places = places_of(model, columns)
    found = _look_up([(p, pattern) for pattern, is_long in patterns for p in places if is_long and p.is_indexed])
    joined: dict[str, Any] = {}
    conditions = []
    for pattern, _long in patterns:
        parts = []
        for place in places:
            ids = found.get((place, pattern))
            if ids is None and place.link and place.link not in joined:
                joined[place.link] = aliased(place.model)
            parts.append(_compare(model, place, joined, pattern) if ids is None else _among(model, place, ids))
        conditions.append(or_(*parts))
    for link, other in joined.items():
        statement = statement.outerjoin(other, getattr(model, link) == other.id)
    return statement.where(*conditions)


def possible_models(declared: Iterable[tuple[type[Model], tuple[str, ...]]], words: str) -> list[type[Model]]:
    """Those of the ``declared`` models (with the columns each is searched by) in which every word may occur, found in
    one statement; the indexes know for sure only where it occurs nowhere.
    """
    patterns = [pattern for pattern, is_long in _patterns(words) if is_long]
    places = [(model, place) for model, columns in declared if columns for place in places_of(model, columns)]
    found = _look_up([(place, pattern) for _model, place in places for pattern in patterns if place.is_indexed])
    kept = []
    for model in dict.fromkeys(model for model, _place in places):
        own = [place for other, place in places if other is model]
        if all(any(found.get((place, pattern)) != [] for place in own) for pattern in patterns):
            kept.append(model)
    return kept


def _patterns(words: str) -> list[tuple[str, bool]]:
    """What each word is compared with, and whether the indexes know words of its length."""
    return [
        ("%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%", len(word) >= SHORTEST)
        for word in search_words(words, 8)
    ]


def _look_up(wanted: list[tuple[Place, str]]) -> dict[tuple[Place, str], list[int] | None]:
    """The ids that the indexes give, in one statement; None where they are too many to be of help."""
    if not wanted:
        return {}
    calls = [
        func.search_ids(
            literal(str(place.model.__tablename__)),
            literal([str(inspect(place.model).columns[name].name) for name in place.columns], ARRAY(String)),
            pattern,
            MOST,
            type_=ARRAY(Integer),
        )
        for place, pattern in wanted
    ]
    return dict(zip(wanted, db.session.execute(select(*calls)).one(), strict=True))


def _among(model: type[Model], place: Place, ids: list[int]) -> ColumnElement[bool]:
    """The rows that an index found, still inside what the person may read."""
    if not ids:
        return false()
    given = any_(literal(ids, ARRAY(Integer)))
    if not place.link:
        return model.id == given
    return getattr(model, place.link).in_(select(place.model.id).where(place.model.id == given))


def _compare(model: type[Model], place: Place, joined: dict[str, Any], pattern: str) -> ColumnElement[bool]:
    target = joined[place.link] if place.link else model
    return or_(*(getattr(target, name).ilike(pattern) for name in place.columns))
