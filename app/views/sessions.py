"""The session of the present request: its cookie or token, and what is known of it in the database."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_appbuilder.security.sqla.models import User
from flask_jwt_extended import create_access_token, create_refresh_token
from flask_login import login_user, logout_user
from itsdangerous import TimestampSigner
from sqlalchemy import delete, exists, select

from app.database.session import db
from app.registry.installed_addon import RegistryState
from app.users.second_factor import SecondFactor
from app.users.sessions import LIFETIMES, begin_session, hash_of, held_roles, news_of, write_news
from app.users.user_session import UserSession

SESSION_KEY = "sid"
"""Where cookie and tokens carry the secret of their session."""

KEPT = ("locale", "institution_id")
"""What outlives signing in: the language, and the institution of the person whose session expired (it is checked
against their roles at every request).
"""


CLOCKS_MAY_DIFFER = 30
"""Seconds by which the clocks of web machines may differ before a cookie or token of one is refused by another."""


class PatientSigner(TimestampSigner):
    """Takes a cookie that another machine signed a moment from now; it ends that much earlier."""

    _ahead = 0

    def get_timestamp(self) -> int:
        """The present second; while a signature is judged, a little later."""
        return super().get_timestamp() + self._ahead

    def unsign(self, *arguments: Any, **options: Any) -> Any:
        """What was signed."""
        self._ahead = CLOCKS_MAY_DIFFER
        return super().unsign(*arguments, **options)


class PatientCookies(SecureCookieSessionInterface):
    """Flask's session cookie, judged with patience."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie. What is the same for everybody is no matter of cookies: whoever keeps it for others may."""
        if request.endpoint != "static":
            super().save_session(app, session, response)

    def get_signing_serializer(self, app: Flask) -> Any:
        """What signs and judges cookies."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = PatientSigner
        return serializer


def remote_address() -> str:
    """Where the request comes from; behind a proxy only when the settings say that there is one."""
    return request.remote_addr or ""


def sign_in(user: User) -> None:
    """Begin a session of this browser. One from before signing in must not live on."""
    kept = {name: session[name] for name in KEPT if name in session}
    session.clear()
    session.update(kept)
    session.permanent = True
    session[SESSION_KEY] = _begin(user, "browser")
    login_user(user)


def tokens_for(user: User, *, refresh: bool) -> dict[str, str]:
    """Begin a session of a program; its tokens."""
    claims = {SESSION_KEY: _begin(user, "program")}
    identity = str(user.id)
    tokens = {"access_token": create_access_token(identity=identity, fresh=True, additional_claims=claims)}
    if refresh:
        tokens["refresh_token"] = create_refresh_token(
            identity=identity, additional_claims=claims, expires_delta=LIFETIMES["program"]
        )
    return tokens


def _begin(user: User, kind: str) -> str:
    agent = request.headers.get("User-Agent", "")
    return begin_session(db.session(), user.id, kind=kind, user_agent=agent, address=remote_address())


def leave() -> None:
    """Forget the session in this browser."""
    logout_user()
    kept = {"locale": session["locale"]} if "locale" in session else {}
    session.clear()
    session.update(kept)


def session_user(user_id: Any, secret: Any) -> User | None:
    """The active user of a living session together with the versions of rights and addons, in one statement."""
    if not isinstance(secret, str) or not str(user_id).isdigit():
        return None
    versions = [RegistryState.access_version, RegistryState.registry_version]
    confirmed = exists().where(SecondFactor.user_id == User.id, SecondFactor.confirmed_at.is_not(None))
    row = db.session.execute(
        select(User, UserSession, confirmed, *(select(version).limit(1).scalar_subquery() for version in versions))
        .join(UserSession, UserSession.user_id == User.id)
        .where(User.id == int(user_id), UserSession.secret_hash == hash_of(secret))
    ).first()
    if row is None or not row[0].is_active:
        return None
    user, g.user_session, g.has_second_factor, access_version, registry_version = row
    db.session().info.update(access_version=access_version, registry_version=registry_version)
    found: User = user
    return found


def keeps_roles(user_id: int) -> bool:
    """Whether the person still holds every role that this session began with; if not, the session ends here and now."""
    row: UserSession = g.user_session
    g.session_id = row.id
    held = held_roles(db.session(), user_id)
    if held.issuperset(row.roles):
        g.session_news = news_of(row, held)
        return True
    db.session.execute(delete(UserSession).where(UserSession.id == row.id))
    db.session.commit()
    if not g.get("by_token"):
        leave()
    return False


def note_use() -> None:
    """Write down that the session was used, at most once a minute; the request's own transaction is over."""
    if news := g.get("session_news"):
        write_news(db.session(), g.session_id, news)
        db.session.commit()


_BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iOS",
    "iPad": "iOS",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def device_name(row: UserSession) -> str:
    """What a person calls the device of a session, as far as it says who it is."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in row.user_agent), None)
    system = next((name for mark, name in _SYSTEMS.items() if mark in row.user_agent), None)
    return " · ".join(filter(None, (browser, system))) or row.user_agent[:40] or "–"
