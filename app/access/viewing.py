"""Viewing as: an administrator looks at the institution as somebody else of it; nothing can be changed meanwhile."""

from __future__ import annotations

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.access.access import require
from app.access.acting import institutions_of
from app.access.administration import institution_here, people_here, scope_here
from app.access.grants import is_platform_administrator, members_of
from app.access.impersonation import Impersonation
from app.access.role_assignment import RoleAssignment
from app.errors import Forbidden, NotFound
from app.i18n import lazy_gettext as _l


def begin_viewing(session: Session, user_id: int) -> Impersonation:
    """Write down that the present person looks as ``user_id`` from now on.

    Raises `NotFound` for a person of another institution, `Forbidden` for the platform's administrators, oneself and
    whoever could not sign in here.
    """
    require(RoleAssignment, "view_as", session)
    actor_id = scope_here(session).user_id or 0
    person = next((item for item in people_here(session) if item.id == user_id), None)
    if person is None:
        raise NotFound(_l("This person does not exist, or you may not see them."))
    if user_id == actor_id:
        raise Forbidden(_l("You are this person."), code="own_view")
    if is_platform_administrator(session, user_id) and not is_platform_administrator(session, actor_id):
        raise Forbidden(_l("Nobody looks as an administrator of the platform."), code="platform_view")
    if not person.active or institution_here(session) not in institutions_of(user_id):
        raise Forbidden(_l("This person cannot sign in here at present."), code="no_view")
    entry = Impersonation(actor_id=actor_id, user_id=user_id, began_at=clock.now())
    session.add(entry)
    session.flush()
    return entry


def end_viewing(session: Session, entry_id: int, actor_id: int) -> None:
    """Write down that ``actor_id`` looks as themselves again."""
    entry = session.scalar(select(Impersonation).where(Impersonation.id == entry_id))
    if entry is not None and entry.actor_id == actor_id and entry.ended_at is None:
        entry.ended_at = clock.now()
        session.flush()


def may_still_view(session: Session, actor_id: int, user: User | None, institution_id: int) -> bool:
    """Whether looking on is still allowed: both people may have lost what it takes."""
    from app.access.access import access_for
    from app.access.acting import institutions

    if user is None or not user.active or institution_id not in institutions_of(actor_id):
        return False
    day = clock.today(institutions()[institution_id][2])
    is_member = user.id in members_of(session, institution_id) and institution_id in institutions_of(user.id)
    is_above = is_platform_administrator(session, user.id) and not is_platform_administrator(session, actor_id)
    return (
        is_member and not is_above and access_for(session, actor_id, institution_id, day).may(RoleAssignment, "view_as")
    )


def recent_viewings(session: Session, limit: int = 200) -> list[Impersonation]:
    """Who looked as whom in the active institution, newest first."""
    require(Impersonation, "read", session)
    return list(session.scalars(select(Impersonation).order_by(Impersonation.id.desc()).limit(limit)))
