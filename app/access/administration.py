"""What an institution's administrator changes: who has which role, what a role may do; within one institution only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.access.access import ADMINISTRATOR, current_access, require, role_rights
from app.access.grants import members_of
from app.access.role_assignment import RoleAssignment
from app.database.base import models
from app.database.scope import Scope, current_scope
from app.errors import Conflict, Forbidden, Invalid, NoActiveInstitution, NotFound
from app.i18n import lazy_gettext as _l
from app.registry.roles import role_choices

MEMBER = "kernel.member"


def scope_here(session: Session) -> Scope:
    """The active scope. Raises `NoActiveInstitution`."""
    scope = current_scope(session)
    if scope is None:
        raise NoActiveInstitution("rights are changed inside an institution")
    return scope


def institution_here(session: Session) -> int:
    """The active institution. Raises `NoActiveInstitution`."""
    return scope_here(session).institution_id


def assignments(session: Session) -> dict[int, list[RoleAssignment]]:
    """The role assignments of the active institution by person."""
    require(RoleAssignment, "read", session)
    found: dict[int, list[RoleAssignment]] = {}
    rows = (
        select(RoleAssignment)
        .where(RoleAssignment.institution_id == institution_here(session))
        .order_by(RoleAssignment.id)
    )
    for row in session.scalars(rows):
        found.setdefault(row.user_id, []).append(row)
    return found


def give_role(
    session: Session, user_id: int, role: str, date_from: date | None = None, date_to: date | None = None
) -> RoleAssignment:
    """Give a person of this institution a role, for a time. Raises `Conflict` when the person has it already."""
    require(RoleAssignment, "create", session)
    institution_id = institution_here(session)
    known_role(session, role, institution_id)
    if user_id not in members_of(session, institution_id):
        raise NotFound(_l("This person does not exist, or you may not see them."))
    _check_dates(date_from, date_to)
    refuse_unheld_role(session, role)
    existing = [row for row in assignments(session).get(user_id, []) if row.role == role]
    if existing:
        raise Conflict(_l("This person already has this role."), code="duplicate")
    row = RoleAssignment(
        institution_id=institution_id, user_id=user_id, role=role, date_from=date_from, date_to=date_to
    )
    session.add(row)
    session.flush()
    return row


def assignment_here(session: Session, assignment_id: int) -> RoleAssignment:
    """One assignment of the active institution. Raises `NotFound`."""
    row = next((item for rows in assignments(session).values() for item in rows if item.id == assignment_id), None)
    if row is None:
        raise NotFound(_l("This record does not exist, or you may not see it."))
    return row


def assignment_state(row: RoleAssignment, day: date) -> str:
    """Whether an assignment is ``ended``, ``future`` or ``now`` on ``day`` of its institution."""
    if row.date_to is not None and row.date_to < day:
        return "ended"
    return "future" if row.date_from is not None and row.date_from > day else "now"


def change_dates(session: Session, assignment_id: int, date_from: date | None, date_to: date | None) -> RoleAssignment:
    """Let a role begin or end on other days of the institution; the history keeps the former ones.

    Raises `Forbidden` for a role with more rights than the person here holds, when it would hold longer, and `Conflict`
    for the last administrator.
    """
    require(RoleAssignment, "write", session)
    row, others = _locked(session, assignment_id)
    _check_dates(date_from, date_to)
    if _lasts_longer(row, date_from, date_to):
        refuse_unheld_role(session, row.role)
    row.date_from, row.date_to = date_from, date_to
    if row.role == ADMINISTRATOR:
        with session.no_autoflush:
            _refuse_without_administrator(session, [*others, row])
    session.flush()
    return row


def take_role(session: Session, assignment_id: int) -> None:
    """Take a role from a person. Raises `Conflict` for the last administrator."""
    require(RoleAssignment, "archive", session)
    row, others = _locked(session, assignment_id)
    if row.role == ADMINISTRATOR:
        _refuse_without_administrator(session, others)
    session.delete(row)
    session.flush()


def refuse_last_administrator(session: Session, user_id: int) -> None:
    """Raise `Conflict` when nobody but ``user_id`` administers the active institution: for switching an account off."""
    rows = _all_locked(session)
    if any(row.role == ADMINISTRATOR and row.user_id == user_id for row in rows):
        _refuse_without_administrator(session, [row for row in rows if row.user_id != user_id])


def _locked(session: Session, assignment_id: int) -> tuple[RoleAssignment, list[RoleAssignment]]:
    """The assignment and all others here, held until the transaction ends: two may not take the last two at once."""
    rows = _all_locked(session)
    row = next((item for item in rows if item.id == assignment_id), None)
    if row is None:
        raise NotFound(_l("This record does not exist, or you may not see it."))
    return row, [item for item in rows if item is not row]


def _all_locked(session: Session) -> list[RoleAssignment]:
    rows = select(RoleAssignment).where(RoleAssignment.institution_id == institution_here(session))
    statement = rows.order_by(RoleAssignment.id).with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(statement))


def _check_dates(date_from: date | None, date_to: date | None) -> None:
    if date_from and date_to and date_to < date_from:
        raise Invalid(_l("The role ends before it begins."), {"date_to": [_l("Before the first day.")]})
    if any(day is not None and not 1900 <= day.year <= 2200 for day in (date_from, date_to)):
        raise Invalid(_l("The year must be between 1900 and 2200."))


def _lasts_longer(row: RoleAssignment, date_from: date | None, date_to: date | None) -> bool:
    earliest, latest = date.min, date.max
    return (date_from or earliest) < (row.date_from or earliest) or (date_to or latest) > (row.date_to or latest)


def check_may_give(session: Session, role: str) -> None:
    """Raise `NotFound` for a role that does not exist here, `Forbidden` for one with rights that oneself lacks."""
    known_role(session, role, institution_here(session))
    refuse_unheld_role(session, role)


def people_here(session: Session) -> list[User]:
    """The people of the active institution, whether a role or a position brings them here."""
    require(RoleAssignment, "read", session)
    ids = members_of(session, institution_here(session))
    return list(session.scalars(select(User).where(User.id.in_(ids)).order_by(User.first_name, User.last_name)))


def refuse_unheld_role(session: Session, role: str) -> None:
    """Raise `Forbidden` when ``role`` holds more, here and now, than the person who would give it: by an assignment, or
    by a position that carries it.
    """
    if scope_here(session).is_system:
        return
    access = current_access()
    rights = role_rights(session, role, institution_here(session))
    if any(
        key[0] in models and access.sees_addon(key[0].split(".")[0]) and not access.covers(*key, reached)
        for key, reached in rights.items()
    ):
        raise Forbidden(_l("You cannot give a role with rights that you do not have yourself."), code="not_held")


def known_role(session: Session, role: str, institution_id: int) -> None:
    """Raise `NotFound` unless the institution has ``role``."""
    if role not in role_choices(institution_id, session):
        raise NotFound(_l("There is no such role here."))


def _refuse_without_administrator(session: Session, rows: Iterable[RoleAssignment]) -> None:
    """Raise `Conflict` unless one of ``rows`` makes somebody who can sign in an administrator, from today on without
    an end.
    """
    day = clock.today(scope_here(session).timezone)
    ids = [
        row.user_id
        for row in rows
        if row.role == ADMINISTRATOR and row.date_to is None and (row.date_from is None or row.date_from <= day)
    ]
    if session.scalar(select(User.id).where(User.id.in_(ids), User.active).limit(1)) is None:
        raise Conflict(_l("The last administrator cannot lose the role."), code="last_administrator")
