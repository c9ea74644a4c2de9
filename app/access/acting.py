"""Acting as somebody in an institution: what a request, a command or a test does before it touches records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import g
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app import clock
from app.access.access import Access, access_for, row_criteria
from app.access.cache import cached
from app.access.grants import grants_of, is_platform_administrator
from app.database.scope import Scope, enter_scope, institution_scope
from app.database.session import db
from app.errors import Forbidden, NotFound
from app.i18n import lazy_gettext as _l
from app.registry.institution import Institution


def institutions() -> dict[int, tuple[str, str, str]]:
    """The active institutions: id → (code, name, time zone); the shared one is not among them."""

    def look_up() -> dict[int, tuple[str, str, str]]:
        found = db.session.scalars(
            select(Institution).where(Institution.active, Institution.code != "bersama").order_by(Institution.id)
        )
        return {item.id: (item.code, item.name, item.timezone) for item in found}

    return cached(db.session(), ("institutions",), look_up)


def institutions_of(user_id: int) -> list[int]:
    """The institutions in which the person has a role today, in order of their ids."""
    session = db.session()
    everything = institutions()
    if is_platform_administrator(session, user_id):
        return list(everything)
    grants = grants_of(session, user_id)
    return [
        key
        for key in everything
        if any(g.institution_id == key and g.holds_on(clock.today(everything[key][2])) for g in grants)
    ]


def act_as(user_id: int, institution_id: int) -> Access:
    """Make ``institution_id`` active for ``user_id``. Raises `Forbidden` when the person has no role there."""
    if institution_id not in institutions_of(user_id):
        raise Forbidden(_l("You have no role in this institution."), code="institution_forbidden")
    session = db.session()
    zone = institutions()[institution_id][2]
    access = access_for(session, user_id, institution_id, clock.today(zone))
    scope = institution_scope(institution_id, user_id=user_id, timezone=zone)
    criteria = row_criteria(access, scope)
    enter_scope(session, Scope(institution_id, user_id, scope.readable, zone, "", criteria))
    g.access = access
    return access


def institution_id_of(code: str) -> int:
    """The id of the active institution ``code``. Raises `NotFound`."""
    for key, (known, _name, _zone) in institutions().items():
        if known == code:
            return key
    raise NotFound(_l("There is no institution %(code)s.", code=code), code="institution_unknown")


@contextmanager
def acting(username: str, institution: str) -> Iterator[Access]:
    """Act as ``username`` in ``institution`` (its code) for a block: commands and tests."""
    session = db.session()
    user_id = session.scalar(select(User.id).where(User.username == username))
    if user_id is None:
        raise NotFound(f"There is no user {username}.")
    enter_scope(session, None)
    previous = g.get("access")
    try:
        yield act_as(user_id, institution_id_of(institution))
    finally:
        g.access = previous


@contextmanager
def acting_as_system(institution: str, reason: str) -> Iterator[Scope]:
    """Work in ``institution`` with rights lifted and nobody as author: data files, jobs, set-up."""
    session = db.session()
    enter_scope(session, None)
    institution_id = session.scalar(select(Institution.id).where(Institution.code == institution))
    if institution_id is None:
        raise NotFound(f"There is no institution {institution}.")
    zone = session.scalar(select(Institution.timezone).where(Institution.id == institution_id)) or "Asia/Jakarta"
    scope = Scope(institution_id, None, institution_scope(institution_id).readable, zone, reason)
    enter_scope(session, scope)
    try:
        yield scope
        session.flush()
    finally:
        if not (session.new or session.dirty or session.deleted):
            enter_scope(session, None)
