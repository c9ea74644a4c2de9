"""What an institution's administrator changes: who has which role, what a role may do; within one institution only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app import clock
from app.access.access import current_access, require, role_rights, shipped_rights
from app.access.access_override import AccessOverride
from app.access.cache import bump_access_version
from app.access.grants import members_of
from app.access.role_assignment import RoleAssignment
from app.database.base import models
from app.database.scope import Scope, current_scope
from app.errors import Conflict, Forbidden, Invalid, NoActiveInstitution, NotFound
from app.i18n import lazy_gettext as _l
from app.registry.enablement import enabled_addons
from app.registry.loader import operations_of
from app.registry.roles import role_choices

ADMINISTRATOR = "kernel.administrator"
MEMBER = "kernel.member"


@dataclass(frozen=True, slots=True)
class GridRow:
    """A model in the grid of a role: per operation whether it is allowed, and whether the institution changed that."""

    model: str
    title: str
    addon: str
    cells: dict[str, tuple[bool, bool]]


def scope_here(session: Session) -> Scope:
    """The active scope. Raises `NoActiveInstitution`."""
    scope = current_scope(session)
    if scope is None:
        raise NoActiveInstitution("rights are changed inside an institution")
    return scope


def institution_here(session: Session) -> int:
    """The active institution. Raises `NoActiveInstitution`."""
    return scope_here(session).institution_id


def rights_grid(session: Session, role: str) -> list[GridRow]:
    """Every model of the enabled addons with what ``role`` may do in the active institution."""
    institution_id = institution_here(session)
    _known_role(role, institution_id)
    now, shipped = role_rights(session, role, institution_id), shipped_rights(role)
    visible = enabled_addons(institution_id, session) | {"kernel"}
    rows = []
    for key, model in models.items():
        addon = key.split(".")[0]
        if addon not in visible or model.__title__ is None:
            continue
        cells = {
            name: ((key, name) in now, ((key, name) in now) != ((key, name) in shipped))
            for name in operations_of(key, visible)
        }
        rows.append(GridRow(key, str(model.__plural__ or model.__title__), addon, cells))
    return sorted(rows, key=lambda row: (row.addon == "kernel", row.addon, row.title))


def set_right(session: Session, role: str, model: str, operation: str, allowed: bool) -> None:
    """Allow or forbid one operation to ``role`` in the active institution.

    Raises `Forbidden` when the administrator does not hold the right to be given, `Conflict` for what would lock
    everybody out.
    """
    require(AccessOverride, "write", session)
    institution_id = institution_here(session)
    _known_role(role, institution_id)
    if model not in models or operation not in operations_of(model):
        raise NotFound(_l("There is no such right."))
    shipped = shipped_rights(role).get((model, operation))
    # Going back to what is shipped gives nobody more than the addon's author did.
    if allowed and shipped is None and not current_access().covers(model, operation, frozenset({""})):
        raise Forbidden(_l("You cannot give a right that you do not have yourself."), code="not_held")
    if role == ADMINISTRATOR and model.startswith("kernel.") and not allowed:
        raise Conflict(_l("The administrator keeps the rights to administer, or nobody could."), code="lock_out")
    where = (
        AccessOverride.institution_id == institution_id,
        AccessOverride.role == role,
        AccessOverride.model == model,
        AccessOverride.operation == operation,
    )
    # Two who tick the same cell at once wait for each other here; the second finds the first one's row.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"access_override {institution_id} {role}"))))
    row = session.scalar(select(AccessOverride).where(*where).with_for_update())
    if (shipped is not None) == allowed:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(
            AccessOverride(institution_id=institution_id, role=role, model=model, operation=operation, allowed=allowed)
        )
    else:
        row.allowed = allowed
    session.flush()


def restore_shipped(session: Session, role: str) -> None:
    """Forget every change that the active institution made to ``role``."""
    require(AccessOverride, "write", session)
    institution_id = institution_here(session)
    _known_role(role, institution_id)
    session.execute(
        delete(AccessOverride).where(AccessOverride.institution_id == institution_id, AccessOverride.role == role)
    )
    bump_access_version(session)


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
    _known_role(role, institution_id)
    if user_id not in members_of(session, institution_id):
        raise NotFound(_l("This person does not exist, or you may not see them."))
    if date_from and date_to and date_to < date_from:
        raise Invalid(_l("The role ends before it begins."), {"date_to": [_l("Before the first day.")]})
    _refuse_more_than_held(session, role, institution_id)
    existing = [row for row in assignments(session).get(user_id, []) if row.role == role]
    if existing:
        raise Conflict(_l("This person already has this role."), code="duplicate")
    row = RoleAssignment(
        institution_id=institution_id, user_id=user_id, role=role, date_from=date_from, date_to=date_to
    )
    session.add(row)
    session.flush()
    return row


def take_role(session: Session, assignment_id: int) -> None:
    """Take a role from a person. Raises `Conflict` for the last administrator."""
    require(RoleAssignment, "archive", session)
    institution_id = institution_here(session)
    rows = session.scalars(
        select(RoleAssignment).where(RoleAssignment.institution_id == institution_id).with_for_update()
    ).all()
    row = next((item for item in rows if item.id == assignment_id), None)
    if row is None:
        raise NotFound(_l("This record does not exist, or you may not see it."))
    others = [item for item in rows if item.id != row.id]
    if row.role == ADMINISTRATOR and not _still_administer(session, others, clock.today(scope_here(session).timezone)):
        raise Conflict(_l("The last administrator cannot lose the role."), code="last_administrator")
    session.delete(row)
    session.flush()


def people_here(session: Session) -> list[User]:
    """The people of the active institution, whether a role or a position brings them here."""
    require(RoleAssignment, "read", session)
    ids = members_of(session, institution_here(session))
    return list(session.scalars(select(User).where(User.id.in_(ids)).order_by(User.first_name, User.last_name)))


def _known_role(role: str, institution_id: int) -> None:
    if role not in role_choices(institution_id):
        raise NotFound(_l("There is no such role here."))


def _refuse_more_than_held(session: Session, role: str, institution_id: int) -> None:
    access = current_access()
    rights = role_rights(session, role, institution_id)
    if any(
        key[0] in models and access.sees_addon(key[0].split(".")[0]) and not access.covers(*key, reached)
        for key, reached in rights.items()
    ):
        raise Forbidden(_l("You cannot give a role with rights that you do not have yourself."), code="not_held")


def _still_administer(session: Session, rows: Iterable[RoleAssignment], day: date) -> bool:
    """Whether one of ``rows`` makes somebody who can sign in an administrator, from ``day`` on without an end."""
    ids = [
        row.user_id
        for row in rows
        if row.role == ADMINISTRATOR and row.date_to is None and (row.date_from is None or row.date_from <= day)
    ]
    return session.scalar(select(User.id).where(User.id.in_(ids), User.active).limit(1)) is not None
