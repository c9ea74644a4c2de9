"""Who may read a record: nobody is told of, asked about or made to work on what is closed to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.access.access import access_of, current_access
from app.access.grants import members_of, titles_on
from app.access.role_assignment import RoleAssignment
from app.database.base import Model
from app.database.scope import as_system, current_scope
from app.database.session import db
from app.i18n.formats import today_here
from app.registry.roles import role_choices


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


def name_of(session: Session, person: int) -> str:
    """The full name of a person."""
    user = session.get(User, person)
    return str(user.get_full_name()) if user is not None else ""


def people_here() -> list[User]:
    """The active people of the institution, by name."""
    session = db.session()
    scope = current_scope(session)
    members = members_of(session, scope.institution_id) if scope else frozenset()
    wanted = select(User).where(User.id.in_(members), User.active)
    return list(session.scalars(wanted.order_by(User.first_name, User.last_name)))


def titles_here() -> dict[int, list[str]]:
    """What the people of the institution are today, by user id: their positions, else the roles given to them."""
    session, day = db.session(), today_here()
    scope = current_scope(session)
    found = titles_on(session, day, current_access().enabled)
    if scope is None:
        return found
    roles, others = role_choices(scope.institution_id, session), dict[int, list[str]]()
    row = RoleAssignment
    given = select(row.user_id, row.role).where(
        row.institution_id == scope.institution_id,
        or_(row.date_from.is_(None), row.date_from <= day),
        or_(row.date_to.is_(None), row.date_to >= day),
    )
    for user_id, role in session.execute(given.order_by(row.id)):
        others.setdefault(user_id, []).append(str(roles.get(role, role)))
    return others | found
