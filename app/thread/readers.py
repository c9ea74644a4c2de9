"""Who may read a record: nobody is told of, asked about or made to work on what is closed to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.access.access import access_of
from app.access.grants import members_of
from app.database.base import Model
from app.database.scope import as_system, current_scope
from app.database.session import db


def readers_of(record: Model, people: Iterable[int]) -> list[int]:
    """Those of ``people`` (user ids) who belong to the institution and may read ``record`` today, in their order."""
    session = db.session()
    scope = current_scope(session)
    members = members_of(session, scope.institution_id) if scope else frozenset()
    return [person for person in dict.fromkeys(people) if person in members and _may_read(record, person)]


def _may_read(record: Model, person: int) -> bool:
    session, model, access = db.session(), type(record), access_of(person)
    scope = current_scope(session)
    if scope is None or not access.may(model, "read"):
        return False
    criterion = access.criterion(model, "read", replace(scope, user_id=person))
    if criterion is None:
        return True
    with session.no_autoflush, as_system(session, "whether another person may read a record"):
        return session.scalar(select(model.id).where(model.id == record.id, criterion)) is not None


def people_here() -> list[User]:
    """The active people of the institution, by name."""
    session = db.session()
    scope = current_scope(session)
    members = members_of(session, scope.institution_id) if scope else frozenset()
    wanted = select(User).where(User.id.in_(members), User.active)
    return list(session.scalars(wanted.order_by(User.first_name, User.last_name)))
