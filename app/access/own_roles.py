"""Making and removing the roles of an institution's own."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.access import require
from app.access.access_override import AccessOverride
from app.access.administration import institution_here
from app.access.institution_role import InstitutionRole
from app.access.role_assignment import RoleAssignment
from app.access.second_factor_role import demand_second_factor
from app.errors import Conflict, Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.registry.roles import role_choices


def make_role(session: Session, name: str) -> InstitutionRole:
    """A new role of the active institution, without any right yet. Raises `Conflict` when the name is taken."""
    require(InstitutionRole, "create", session)
    name = " ".join(name.split())
    if not 3 <= len(name) <= 100 or "\x00" in name:
        raise Invalid(_l("The name of a role has 3 to 100 characters."), {"name": [_l("3 to 100 characters.")]})
    institution_id = institution_here(session)
    if name.casefold() in (str(title).casefold() for title in role_choices(institution_id, session).values()):
        raise Conflict(_l("There is already a role with this name."), code="duplicate")
    role = InstitutionRole(institution_id=institution_id, name=name)
    try:
        with session.begin_nested():
            session.add(role)
    except IntegrityError:  # somebody else was quicker
        raise Conflict(_l("There is already a role with this name."), code="duplicate") from None
    return role


def remove_role(session: Session, code: str) -> None:
    """Remove a role of the institution's own with its rights. Raises `Conflict` while somebody has it."""
    require(InstitutionRole, "archive", session)
    institution_id = institution_here(session)
    statement = select(InstitutionRole).where(InstitutionRole.institution_id == institution_id).with_for_update()
    role = next((item for item in session.scalars(statement) if item.code == code), None)
    if role is None:
        raise NotFound(_l("There is no such role here."))
    given = (RoleAssignment.institution_id == institution_id, RoleAssignment.role == code)
    if session.scalar(select(RoleAssignment.id).where(*given).limit(1)) is not None:
        raise Conflict(_l("Somebody has this role; take it away first."), code="in_use")
    changed = (AccessOverride.institution_id == institution_id, AccessOverride.role == code)
    for row in session.scalars(select(AccessOverride).where(*changed)):
        session.delete(row)
    demand_second_factor(session, code, on=False)
    session.delete(role)
    session.flush()
