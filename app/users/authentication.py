"""Whether name and password belong together."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from app import clock
from app.database.text import is_storable
from app.users.throttle import begin_attempt, take_back

LONGEST_NAME = 254
Directory = Callable[[str, str], User | None]
"""Somebody else who knows names and passwords, such as an LDAP server."""

LONGEST_PASSWORD = 256


def authenticate(
    session: Session, name: str, password: str, address: str, directory: Directory | None = None
) -> User | None:
    """The active person with this user name or mail address and this password.

    Known and unknown names take the same steps. A ``directory`` is asked when the password is not ours. Raises
    `TooManyRequests`.
    """
    if not is_storable(name + password) or len(name) > LONGEST_NAME or len(password) > LONGEST_PASSWORD:
        return None
    attempt = begin_attempt(session, "password", name, address)
    user = find_user(session, name)
    if not has_password(user, password):
        user = directory(name, password) if directory is not None and password.strip("\x00") else None
    if user is None:
        return None
    take_back(session, attempt)
    user.last_login, user.login_count = clock.now().replace(tzinfo=None), (user.login_count or 0) + 1
    return user


def find_user(session: Session, name: str) -> User | None:
    """Whoever has this user name, else whoever has this mail address; letters large or small."""
    wanted = name.strip().lower()
    rows = session.scalars(
        select(User).where(or_(func.lower(User.username) == wanted, func.lower(User.email) == wanted))
    ).unique()
    return min(rows, key=lambda user: user.username.lower() != wanted, default=None)


def has_password(user: User | None, password: str) -> bool:
    """Whether it is the password of this active person; a comparison takes place for nobody, too."""
    stored = user.password if user is not None and user.active and user.password else None
    matches = check_password_hash(stored or _nobodys_password(), password)
    return matches and stored is not None and password.strip("\x00") != ""


def confirm_password(session: Session, user: User, password: str, address: str) -> bool:
    """Whether whoever is signed in still knows the password. Raises `TooManyRequests`."""
    if not is_storable(password) or len(password) > LONGEST_PASSWORD:
        return False
    attempt = begin_attempt(session, "password", user.username, address)
    if not has_password(user, password):
        return False
    take_back(session, attempt)
    return True


@lru_cache(maxsize=1)
def _nobodys_password() -> str:
    return generate_password_hash("nobody's")
