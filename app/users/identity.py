"""Which account belongs to what another provider says about a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.database.text import is_storable
from app.errors import NotAuthenticated
from app.i18n import lazy_gettext as _l
from app.users.authentication import find_user


class SignInRefused(NotAuthenticated):
    """The provider told the truth, but nobody here is let in by it."""


def user_of(session: Session, claims: Mapping[str, Any] | None, may_register: bool) -> User:
    """The active account with the verified mail address of an OpenID Connect identity.

    With ``may_register`` (FAB's AUTH_USER_REGISTRATION) a new one is made, without any role. Raises `SignInRefused`.
    """
    email = (claims or {}).get("email")
    if claims is None or not isinstance(email, str) or not is_storable(email) or not 3 < len(email) <= 120:
        raise SignInRefused(_l("The provider did not tell your mail address."), code="no_address")
    if claims.get("email_verified") is not True:
        raise SignInRefused(_l("The provider has not verified your mail address."), code="address_not_verified")
    user = session.scalars(select(User).where(func.lower(User.email) == email.strip().lower())).first()
    if user is None and may_register and find_user(session, email) is None:
        user = _registered(session, claims, email.strip().lower())
    if user is None or not user.active:
        raise SignInRefused(_l("There is no account for you here. Ask your administrator for an invitation."))
    user.last_login, user.login_count = clock.now().replace(tzinfo=None), (user.login_count or 0) + 1
    return user


def _registered(session: Session, claims: Mapping[str, Any], email: str) -> User:
    user = User()
    user.username = user.email = email
    user.first_name = _name(claims.get("given_name")) or _name(claims.get("name")) or email.partition("@")[0][:64]
    user.last_name = _name(claims.get("family_name"))
    user.active = True
    session.add(user)
    session.flush()
    return user


def _name(text: object) -> str:
    return " ".join(text.split())[:64] if isinstance(text, str) and is_storable(text) else ""
