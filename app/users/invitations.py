"""Inviting people into an institution by mail; the account comes into being when the link is used."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import current_app
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import clock
from app.access.access import require
from app.access.administration import MEMBER, check_may_give, institution_here, scope_here
from app.access.role_assignment import RoleAssignment
from app.database.text import is_storable
from app.errors import Conflict, Invalid, NotFound
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.i18n.formats import format_moment
from app.jobs.performing import working_in
from app.mail.outbox import checked_address, send_mail
from app.prints.printed import official_language
from app.registry.institution import Institution
from app.registry.roles import role_choices
from app.users.authentication import find_user
from app.users.invitation import Invitation
from app.users.passwords import set_password
from app.users.sessions import hash_of


def invitations_here(session: Session) -> list[Invitation]:
    """The invitations of the active institution that were not accepted, newest first."""
    require(Invitation, "read", session)
    waiting = (
        select(Invitation)
        .where(
            Invitation.institution_id == institution_here(session),
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
        )
        .order_by(Invitation.id.desc())
    )
    return list(session.scalars(waiting))


def invite(session: Session, first_name: str, last_name: str, email: str, roles: list[str]) -> Invitation:
    """Send somebody the invitation to join the active institution with ``roles``. Raises `Invalid`, `Forbidden`."""
    require(Invitation, "create", session)
    first_name, last_name = _name(first_name, "first_name"), _name(last_name, "last_name")
    email = _address(email)
    roles = list(dict.fromkeys((MEMBER, *roles)))
    for role in roles:
        check_may_give(session, role)
    here = institution_here(session)
    if any(item.email == email for item in invitations_here(session)):
        sentence = _l("This address has an invitation already. Send that one again.")
        raise Conflict(sentence, {"email": [sentence]}, code="duplicate")
    row = Invitation(institution_id=here, email=email, first_name=first_name, last_name=last_name, roles=roles)
    _send(session, row)
    return row


def send_again(session: Session, invitation_id: int) -> None:
    """A new link by mail; the former one is of no use any more."""
    require(Invitation, "create", session)
    _send(session, _waiting(session, invitation_id))


def withdraw(session: Session, invitation_id: int) -> None:
    """Take the invitation back: its link is of no use any more."""
    require(Invitation, "archive", session)
    _waiting(session, invitation_id).withdrawn_at = clock.now()
    session.flush()


def open_invitation(session: Session, secret: str, *, lock: bool = False) -> Invitation:
    """The invitation of a link. Raises `NotFound` with the reason when it is of no use (any more)."""
    wanted = select(Invitation).where(Invitation.secret_hash == hash_of(secret))
    row = session.scalar(wanted.with_for_update().execution_options(populate_existing=True) if lock else wanted)
    if row is None:
        raise NotFound(
            _l("This link is not valid. Was it copied whole, and from the newest mail?"), code="link_unknown"
        )
    if row.withdrawn_at is not None:
        raise NotFound(_l("This invitation was withdrawn. Ask whoever invited you."), code="link_withdrawn")
    if row.accepted_at is not None:
        raise NotFound(_l("This invitation was accepted already. You can sign in."), code="link_used")
    if row.expires_at <= clock.now():
        raise NotFound(_l("This invitation is too old. Ask whoever invited you to send it again."), code="link_expired")
    return row


def has_account(session: Session, row: Invitation) -> bool:
    """Whether the invited address has an account: then no password is set, only the roles are added."""
    return find_user(session, row.email) is not None


def accept(session: Session, secret: str, password: str) -> User:
    """Use the link: a new account with ``password``, or the one that the address has, gets the roles."""
    institution_id = open_invitation(session, secret).institution_id
    with working_in(session, institution_id, "whoever accepts an invitation has no role here yet"):
        row = open_invitation(session, secret, lock=True)
        user = find_user(session, row.email)
        is_new = user is None
        if user is None:
            user = User()
            user.username = user.email = row.email
            user.first_name, user.last_name, user.active = row.first_name, row.last_name, True
            session.add(user)
            session.flush()
        elif not user.active:
            raise NotFound(_l("This invitation was withdrawn. Ask whoever invited you."), code="link_withdrawn")
        _give_roles(session, row, user)
        if is_new:
            set_password(session, user, password)
        row.accepted_at, row.user_id = clock.now(), user.id
        return user


def institution_of(session: Session, row: Invitation) -> str:
    """What the inviting institution is called."""
    return session.scalars(select(Institution.name).where(Institution.id == row.institution_id)).one()


def forget_old_invitations(session: Session) -> None:
    """Remove what nobody answered in the active institution, half a year later."""
    old = delete(Invitation).where(
        Invitation.institution_id == institution_here(session),
        Invitation.expires_at < clock.now() - timedelta(days=180),
    )
    session.execute(old.execution_options(synchronize_session=False))


def _give_roles(session: Session, row: Invitation, user: User) -> None:
    had = set(
        session.scalars(
            select(RoleAssignment.role).where(
                RoleAssignment.institution_id == row.institution_id, RoleAssignment.user_id == user.id
            )
        )
    )
    for role in row.roles:
        if role in role_choices(row.institution_id) and role not in had:
            session.add(RoleAssignment(institution_id=row.institution_id, user_id=user.id, role=role))
    session.flush()


def _waiting(session: Session, invitation_id: int) -> Invitation:
    row = session.scalar(
        select(Invitation)
        .where(Invitation.id == invitation_id, Invitation.institution_id == institution_here(session))
        .with_for_update()
    )
    if row is None:
        raise NotFound(_l("This record does not exist, or you may not see it."))
    if row.accepted_at is not None or row.withdrawn_at is not None:
        raise Conflict(_l("This invitation was accepted or withdrawn meanwhile."), code="state")
    return row


def _send(session: Session, row: Invitation) -> None:
    settings = current_app.config["SETTINGS"]
    secret = secrets.token_urlsafe(32)
    row.secret_hash = hash_of(secret)
    row.expires_at = clock.now() + timedelta(hours=settings.invitation_hours)
    session.add(row)
    session.flush()
    inviter = session.get(User, scope_here(session).user_id or 0)
    with official_language():
        send_mail(
            session,
            to=row.email,
            subject=_("Invitation to Sinergi: %(institution)s", institution=institution_of(session, row)),
            body=_(
                "Dear %(name)s,\n\n%(inviter)s invites you to work with %(institution)s in Sinergi. "
                "Accept here, once, until %(until)s:\n\n%(link)s\n\n"
                "If you do not know what this is about, do nothing.",
                name=f"{row.first_name} {row.last_name}".strip(),
                inviter=inviter.get_full_name() if inviter else _("The administrator"),
                institution=institution_of(session, row),
                until=format_moment(row.expires_at),
                link=f"{settings.base_url}/kernel/invitation/{secret}",
            ),
            confidential=True,
        )


def _name(text: str, field: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > 64 or not is_storable(name):
        sentence = _l("Give a name of at most 64 characters.")
        raise Invalid(sentence, {field: [sentence]})
    return name


def _address(text: str) -> str:
    try:
        address = checked_address(text).lower()
    except Invalid:
        address = ""
    if not address or len(address) > 120:
        sentence = _l("Not a mail address.")
        raise Invalid(sentence, {"email": [sentence]})
    return address
