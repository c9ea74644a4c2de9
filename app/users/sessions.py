"""Beginning, recognising and ending sessions."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from app import clock
from app.access.acting import institutions
from app.access.grants import PLATFORM_ADMINISTRATOR, grants_of, is_platform_administrator
from app.errors import NotFound
from app.i18n import lazy_gettext as _l
from app.users.user_session import UserSession

SEEN_EVERY = timedelta(minutes=1)
"""How often at most it is written down that a session was used."""

LIFETIMES = {"browser": timedelta(hours=10), "program": timedelta(days=30)}
"""How long a session lives without being used; the cookie and the refresh token end by themselves then."""


def hash_of(secret: str) -> str:
    """What is stored of a random secret: it has too many bits to be found again from its hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def begin_session(session: Session, user_id: int, *, kind: str, user_agent: str, address: str) -> str:
    """Sign the person in at one more place; the secret that its cookie or tokens carry."""
    secret = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            user_id=user_id,
            secret_hash=hash_of(secret),
            kind=kind,
            user_agent="".join(letter for letter in user_agent if letter.isprintable())[:300],
            address=address[:45],
            roles=sorted(held_roles(session, user_id)),
        )
    )
    session.flush()
    return secret


def held_roles(session: Session, user_id: int) -> frozenset[str]:
    """The roles of the person today in every institution, each as ``institution id:role``."""
    places = institutions()
    held = {
        f"{grant.institution_id}:{grant.role}"
        for grant in grants_of(session, user_id)
        if grant.institution_id in places and grant.holds_on(clock.today(places[grant.institution_id][2]))
    }
    if is_platform_administrator(session, user_id):
        held.add(PLATFORM_ADMINISTRATOR)
    return frozenset(held)


def news_of(row: UserSession, held: frozenset[str]) -> dict[str, object]:
    """What is to be written down about a session that is used now; mostly nothing."""
    now = clock.now()
    news: dict[str, object] = {}
    if held != frozenset(row.roles):
        news["roles"] = sorted(held)
    if news or abs(now - row.seen_at) >= SEEN_EVERY:  # in the future: the clock was put back since
        news["seen_at"] = now
    return news


def write_news(session: Session, session_id: int, news: dict[str, object]) -> None:
    """Write down what `news_of` found."""
    session.execute(update(UserSession).where(UserSession.id == session_id).values(**news))


def sessions_of(session: Session, user_id: int) -> list[UserSession]:
    """Where the person is signed in, the place used last first."""
    now = clock.now()
    rows = session.scalars(_of(user_id).order_by(UserSession.seen_at.desc(), UserSession.id.desc()))
    return [row for row in rows if now - row.seen_at < LIFETIMES[row.kind]]


def end_session(session: Session, user_id: int, session_id: int) -> None:
    """Sign the person out at one place. Raises `NotFound` for a session of somebody else."""
    row = session.scalar(_of(user_id).where(UserSession.id == session_id))
    if row is None:
        raise NotFound(_l("This session has ended already."))
    session.delete(row)
    session.flush()


def end_sessions(session: Session, user_id: int, *, but: int | None = None) -> None:
    """Sign the person out everywhere, except at ``but``."""
    ended = delete(UserSession).where(UserSession.user_id == user_id)
    session.execute(ended if but is None else ended.where(UserSession.id != but))


def forget_old_sessions(session: Session) -> None:
    """Remove the rows that no cookie and no token can name any more."""
    for kind, lifetime in LIFETIMES.items():
        old = delete(UserSession).where(UserSession.kind == kind, UserSession.seen_at < clock.now() - lifetime)
        session.execute(old.execution_options(synchronize_session=False))


def _of(user_id: int) -> Select[UserSession]:
    return select(UserSession).where(UserSession.user_id == user_id)
