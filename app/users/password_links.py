"""Forgotten passwords: a link by mail, once, for two hours."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import current_app
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app import clock
from app.database.scope import SHARED_INSTITUTION_ID
from app.errors import NotFound
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.i18n.formats import format_moment
from app.jobs.declared import job
from app.jobs.performing import working_in
from app.jobs.queue import defer
from app.mail.outbox import checked_address, send_mail
from app.prints.printed import official_language
from app.users.password_link import PasswordLink
from app.users.passwords import set_password
from app.users.sessions import hash_of
from app.users.throttle import begin_attempt

SEND_LINK = "kernel.send_password_link"


def ask_for_link(session: Session, email: str, address: str) -> None:
    """Have a link sent to ``email`` if an account has it. Nothing here hangs on whether one does.

    Raises `Invalid` for what is no address, `TooManyRequests`.
    """
    email = checked_address(email)
    begin_attempt(session, "reset", email, address)
    write_link_request(session, email)


def write_link_request(session: Session, email: str) -> None:
    """Leave it to a job to look whether an account has this address."""
    with working_in(session, SHARED_INSTITUTION_ID, "a forgotten password is nobody's matter yet"):
        row = PasswordLink(email=email)
        session.add(row)
        session.flush()
        defer(session, SEND_LINK, link_id=row.id)


@job(SEND_LINK, title=_l("Send a link for a new password"), reason="whoever forgot the password cannot sign in")
def send_password_link(session: Session, link_id: int) -> None:
    """Make the link, if there is an active account with the address, and mail it."""
    row = session.get(PasswordLink, link_id)
    if row is None or row.secret_hash is not None:
        return
    user = session.scalars(select(User).where(func.lower(User.email) == row.email.lower(), User.active)).first()
    if user is None:
        session.delete(row)
        return
    hours = current_app.config["SETTINGS"].password_link_hours
    secret = secrets.token_urlsafe(32)
    row.user_id, row.secret_hash = user.id, hash_of(secret)
    row.expires_at = clock.now() + timedelta(hours=hours)
    with official_language():
        send_mail(
            session,
            to=user.email,
            subject=_("A new password for Sinergi"),
            body=_(
                "Dear %(name)s,\n\nsomebody, probably you, asked for a new password for your account %(username)s. "
                "Set it here, once, until %(until)s:\n\n%(link)s\n\n"
                "If it was not you, do nothing: your password stays as it is.",
                name=user.get_full_name(),
                username=user.username,
                until=format_moment(row.expires_at),
                link=f"{current_app.config['SETTINGS'].base_url}/kernel/new_password/{secret}",
            ),
            confidential=True,
        )


def open_link(session: Session, secret: str, *, lock: bool = False) -> tuple[PasswordLink, User]:
    """The link and its person. Raises `NotFound` with the reason when it is of no use (any more)."""
    wanted = select(PasswordLink).where(PasswordLink.secret_hash == hash_of(secret))
    row = session.scalar(wanted.with_for_update().execution_options(populate_existing=True) if lock else wanted)
    if row is None or row.user_id is None or row.expires_at is None:
        raise NotFound(_l("This link is not valid. Was it copied whole?"), code="link_unknown")
    if row.used_at is not None:
        raise NotFound(_l("This link was used already. Ask for a new one if you need it."), code="link_used")
    if row.expires_at <= clock.now():
        raise NotFound(_l("This link is too old. Ask for a new one."), code="link_expired")
    user = session.get_one(User, row.user_id)
    if not user.active:
        raise NotFound(_l("This link is not valid. Was it copied whole?"), code="link_unknown")
    return row, user


def reset_password(session: Session, secret: str, password: str) -> User:
    """Set the password by the link, end every session, and use up every other link of the person."""
    _row, user = open_link(session, secret, lock=True)
    set_password(session, user, password)
    now = clock.now()
    session.execute(
        update(PasswordLink).where(PasswordLink.user_id == user.id, PasswordLink.used_at.is_(None)).values(used_at=now)
    )
    return user


def forget_old_links(session: Session) -> None:
    """Remove links that are of no use any more."""
    old = delete(PasswordLink).where(PasswordLink.created_at < clock.now() - timedelta(days=8))
    session.execute(old.execution_options(synchronize_session=False))
