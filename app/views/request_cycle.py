"""What happens around every request: who asks, for which institution, with a proof of origin; then one commit or
none.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from flask import Flask, current_app, flash, g, redirect, request, session
from flask_appbuilder.security.sqla.models import User
from flask_babel import refresh
from flask_jwt_extended import verify_jwt_in_request
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_login import current_user
from jwt.exceptions import PyJWTError
from werkzeug.wrappers import Response

from app.access.acting import act_as, institution_id_of, institutions_of
from app.access.disclosure import write_disclosures
from app.access.viewing import may_still_view
from app.database.session import db
from app.errors import Forbidden, NotAuthenticated, Outdated
from app.i18n import lazy_gettext as _l
from app.i18n.wording import use_wording
from app.registry import presence
from app.registry.enablement import registry
from app.views.framed_parts import frame_part
from app.views.sessions import keeps_roles, note_use

PUBLIC_ENDPOINTS = frozenset(
    {
        "LoginView.login",
        "LoginView.second_step",
        "LoginView.provider",
        "LoginView.oauth_authorized",
        "LoginView.saml_acs",
        "LoginView.saml_finish",
        "LoginView.saml_metadata",
        "HomeView.choose_language",
        "kernel_forgotten_password_page.ask",
        "kernel_new_password_page.open",
        "kernel_invitation_page.open",
        "SecurityApi.login",
        "SecurityApi.refresh",
        "static",
        "colours",
        "health",
    }
)
"""The only endpoints that answer without a signed-in user. The walker test knows this list too."""

WITHOUT_ANYBODY = frozenset({"static", "colours", "health"})
"""What is the same for everybody, and asks for nobody."""

UNUSED_ENDPOINTS = frozenset({"UtilView.back", "appbuilder.static", "LocaleView.index"})
"""What Flask-AppBuilder registers and we do not serve."""

VIEWING_MAY_SEND = frozenset({"kernel_viewing_page.end", "LoginView.logout", "HomeView.choose_language"})
"""What can be sent while looking as somebody else: it changes nothing but the own session."""

WITHOUT_SECOND_FACTOR = frozenset(
    {
        *(f"kernel_second_factor_page.{step}" for step in ("index", "begin", "confirm")),
        *("LoginView.logout", "SecurityApi.logout", "HomeView.choose_language", "HomeView.choose_institution"),
    }
)
"""What whoever still owes a second factor reaches."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def register_request_cycle(app: Flask) -> None:
    """Hang the steps of this module around every request of ``app``."""
    app.before_request(identify)
    app.before_request(check_origin)
    app.after_request(finish_transaction)
    app.after_request(harden)
    app.after_request(frame_part)  # the last one is the first to run: the transaction is still open
    # Flask-AppBuilder put a reader of the session user first; ours replaces it.
    app.before_request_funcs[None].remove(app.extensions["appbuilder"].sm.before_request)


def wants_json() -> bool:
    """Whether the answer goes to a program: everything under /api, and scripts that ask for JSON."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def identify() -> Response | None:
    """Find out who asks and make one institution active; those who must sign in are sent there."""
    g.request_id = secrets.token_hex(8)
    g.user = None
    g.access = None
    if request.endpoint in UNUSED_ENDPOINTS:
        from app.errors import NotFound

        raise NotFound(_l("This page does not exist."))
    if request.endpoint in {*WITHOUT_ANYBODY, "SecurityApi.login", "SecurityApi.refresh"} or request.endpoint is None:
        return None
    if registry().problem:
        raise Outdated(_l("Sinergi is being brought up to date. Try again in a moment."))
    db.session().info["request_id"] = g.request_id
    g.by_token = request.headers.get("Authorization", "").startswith("Bearer ") and request.path.startswith("/api/")
    g.user = _token_user() if g.by_token else current_user._get_current_object()
    if g.user and g.user.is_authenticated and not keeps_roles(g.user.id):
        g.user = None
    if not g.user or not g.user.is_authenticated:
        return None if request.endpoint in PUBLIC_ENDPOINTS else _ask_to_sign_in()
    if not g.by_token and "viewing_as" in session and _view_as():
        return None
    _choose_institution()
    return _ask_for_second_factor() if _lacks_second_factor() else None


def _lacks_second_factor() -> bool:
    """Whether a role that the person has here demands a second factor, and there is none yet."""
    return bool(g.access and g.access.needs_second_factor and not g.get("has_second_factor"))


def _ask_for_second_factor() -> Response | None:
    """Nothing but setting one up, signing out, and what changes no record."""
    if request.endpoint in WITHOUT_SECOND_FACTOR | PUBLIC_ENDPOINTS:
        return None
    sentence = _l("Your role here asks for a second factor. Set it up first.")
    if wants_json():
        raise Forbidden(sentence, code="second_factor_required")
    flash(sentence, "info")
    return redirect("/kernel/second_factor/")


def _view_as() -> bool:
    """Let the request see what another person sees, while that is allowed; nothing can be changed then."""
    viewing = session["viewing_as"]
    user = db.session.get(User, viewing["user"])
    if not may_still_view(db.session(), g.user.id, user, viewing["institution"]):
        session.pop("viewing_as")
        return False
    act_as(g.user.id, viewing["institution"])
    if _lacks_second_factor():  # demanded since
        session.pop("viewing_as")
        return False
    g.actor, g.user = g.user, user
    act_as(g.user.id, viewing["institution"])
    refresh()
    if request.method not in SAFE_METHODS and request.endpoint not in VIEWING_MAY_SEND:
        raise Forbidden(
            _l("You are viewing as %(person)s: nothing can be changed. Go back to yourself first.", person=user),
            code="viewing_as",
        )
    return True


def _token_user() -> object | None:
    # With a bearer token the session cookie never authenticates.
    try:
        verify_jwt_in_request(locations=["headers"])
    except (JWTExtendedException, PyJWTError):
        raise NotAuthenticated(_l("The access token is missing, invalid or expired.")) from None
    return g.get("user")


def _ask_to_sign_in() -> Response:
    if wants_json():
        raise NotAuthenticated(_l("You are not signed in."))
    wanted = request.full_path.rstrip("?") if request.method in SAFE_METHODS else _form_address()
    query = {"next": wanted} | ({} if request.method in SAFE_METHODS else {"expired": "1"})
    return redirect("/login/?" + urlencode(query))


def _form_address() -> str:
    """Where the form that was sent is shown again: the nearest address at or above its own that can be looked at."""
    adapter, parts = current_app.create_url_adapter(request), request.path.rstrip("/").split("/")
    for count in range(len(parts), 1, -1):
        path = "/".join(parts[:count]) + ("/" if request.path.endswith("/") and count == len(parts) else "")
        if adapter is not None and adapter.test(path, "GET"):
            return request.full_path.rstrip("?") if count == len(parts) else path
    return "/"


def _choose_institution() -> None:
    wanted = request.headers.get("X-Institution")
    mine = institutions_of(g.user.id)
    if wanted is not None:
        institution_id = institution_id_of(wanted[:40])
    elif session.get("institution_id") in mine and not g.by_token:
        institution_id = session["institution_id"]
    elif mine:
        institution_id = mine[0]
    elif request.endpoint in PUBLIC_ENDPOINTS | {"LoginView.logout", "SecurityApi.logout"}:
        return
    else:
        raise Forbidden(_l("You have no role in any institution yet. Ask your administrator."), code="no_institution")
    access = act_as(g.user.id, institution_id)
    refresh()
    use_wording(access.enabled)


def check_origin() -> None:
    """Refuse an unsafe request that comes without our token, unless it authenticates by a bearer token.

    An answer of SAML comes from elsewhere by its nature; it is signed, and touches neither session nor database.
    """
    if (
        request.method in SAFE_METHODS
        or request.endpoint in {None, "SecurityApi.login", "SecurityApi.refresh", "LoginView.saml_acs"}
        or g.get("by_token")
    ):
        return
    current_app.extensions["csrf"].protect()


def finish_transaction(response: Response) -> Response:
    """Commit what a successful unsafe request did; everything else leaves no trace."""
    if request.endpoint in {"static", "colours"} or not db.session.registry.has():
        return response
    presence.notice(db.session().info.get("registry_version"))
    is_good = response.status_code < 400
    if request.method in SAFE_METHODS or not is_good:
        db.session.rollback()
    if is_good and (write_disclosures(db.session()) or request.method not in SAFE_METHODS):
        db.session.commit()
    if response.status_code < 500:
        note_use()
    return response


def harden(response: Response) -> Response:
    """The headers that keep a page from being framed, sniffed, cached for others or made to run foreign script."""
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint not in WITHOUT_ANYBODY:
        headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    if g.get("request_id"):
        headers["X-Request-Id"] = g.request_id
    return response
