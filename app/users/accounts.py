"""What an administrator does with the accounts of the institution's own people."""

from __future__ import annotations

import logging

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.access import current_access, require
from app.access.acting import institutions
from app.access.administration import institution_here, refuse_last_administrator
from app.access.grants import is_platform_administrator, members_of
from app.access.role_assignment import RoleAssignment
from app.errors import Conflict, Forbidden, NotFound
from app.i18n import lazy_gettext as _l
from app.users import codes
from app.users.password_links import write_link_request
from app.users.sessions import end_sessions

log = logging.getLogger("sinergi.users")


def person_here(session: Session, user_id: int) -> User:
    """A person of the active institution. Raises `NotFound`."""
    require(RoleAssignment, "read", session)
    user = session.get(User, user_id) if user_id in members_of(session, institution_here(session)) else None
    if user is None:
        raise NotFound(_l("This person does not exist, or you may not see them."))
    return user


def why_not_ours(session: Session, user: User) -> object | None:
    """Why the administrator of this institution does not decide about the whole account; None when they do."""
    here = institution_here(session)
    if current_access().is_platform:
        return None
    if is_platform_administrator(session, user.id):
        return _l("This person administers the platform.")
    if any(user.id in members_of(session, place) for place in institutions() if place != here):
        return _l("This person also works in another institution. Take their roles here instead.")
    return None


def switch_account(session: Session, user_id: int, *, on: bool) -> User:
    """Let the person sign in again, or end every session and let them sign in no more.

    Raises `Conflict` for oneself and for the last administrator.
    """
    user = _own_person(session, user_id)
    if not on and user.id == current_access().user_id:
        raise Conflict(_l("You cannot deactivate yourself."), code="oneself")
    if not on:
        refuse_last_administrator(session, user.id)
        end_sessions(session, user.id)
    user.active = on
    session.flush()
    return user


def end_all_sessions(session: Session, user_id: int) -> User:
    """Sign the person out everywhere."""
    user = _own_person(session, user_id)
    end_sessions(session, user.id)
    return user


def reset_second_factor(session: Session, user_id: int) -> User:
    """For whoever lost the phone and the recovery codes: sign in with the password alone, from anew."""
    user = _own_person(session, user_id)
    if not codes.has_second_factor(session, user.id):
        raise Conflict(_l("The second factor is not on."), code="second_factor_off")
    codes.switch_off(session, user.id)
    end_sessions(session, user.id)
    log.warning("user %s reset the second factor of user %s", current_access().user_id, user.id)
    return user


def send_link(session: Session, user_id: int) -> User:
    """Send the person a link for a new password; the administrator does not get to see it."""
    user = _own_person(session, user_id)
    if not user.active:
        raise Conflict(_l("This person cannot sign in. Reactivate the account first."), code="inactive")
    write_link_request(session, user.email)
    return user


def _own_person(session: Session, user_id: int) -> User:
    require(RoleAssignment, "write", session)
    person_here(session, user_id)
    # Two administrators who deactivate each other at once must not both succeed.
    session.scalars(
        select(RoleAssignment).where(RoleAssignment.institution_id == institution_here(session)).with_for_update()
    ).all()
    user = session.get_one(User, user_id, populate_existing=True)
    reason = why_not_ours(session, user)
    if reason is not None:
        raise Forbidden(reason, code="not_ours")
    return user
