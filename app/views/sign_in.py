"""Signing in and out: by password, by code, by another provider; for browsers and for programs."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import flash, g, make_response, redirect, request, session
from flask_appbuilder import expose
from flask_appbuilder.security.api import SecurityApi as AppBuilderSecurityApi
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.sqla.models import User
from flask_appbuilder.security.views import AuthDBView
from flask_jwt_extended import create_access_token, get_jwt, jwt_required
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app import clock
from app.access.viewing import end_viewing
from app.database.session import db
from app.errors import BadRequest, NotAuthenticated, NotFound, TooManyRequests
from app.i18n import lazy_gettext as _l
from app.i18n.catalogues import BaseForm
from app.users.codes import has_second_factor, is_right_code
from app.users.identity import SignInRefused, user_of
from app.users.sessions import end_session
from app.views.sessions import KEPT, SESSION_KEY, keeps_roles, leave, remote_address, sign_in, tokens_for
from app.views.sign_in_saml import SamlSignIn
from app.views.urls import local_target

PENDING = "pending_sign_in"
"""Where the cookie says who gave the right password and still owes a code."""

PENDING_SECONDS = 300


class LoginForm(BaseForm):
    """Who signs in."""

    username = StringField(_l("Username or e-mail"), validators=[InputRequired(), Length(max=254)])
    password = PasswordField(_l("Password"), validators=[InputRequired(), Length(max=256)])


class CodeForm(BaseForm):
    """The second step."""

    code = StringField(_l("Code"), validators=[InputRequired(), Length(max=40)])


class LoginView(SamlSignIn, AuthDBView):
    """Signing in and out. A wrong password keeps the name that was typed."""

    login_template = "login.html"

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Response:
        """Ask for name and password; go where the person wanted to go."""
        target = local_target(request.args.get("next")) or "/"
        if g.user is not None and g.user.is_authenticated:
            return redirect(target)
        form = LoginForm(request.form) if request.method == "POST" else LoginForm()
        status, refusal = 200, None
        if request.method == "POST":
            status = 401
            try:
                if form.validate() and (user := self._authenticated(form)) is not None:
                    return begin_sign_in(user, target)
                form.password.errors = form.password.errors or [_l("Wrong username or password.")]
            except TooManyRequests as error:
                refusal, status, form.password.errors = error, 429, [error.message]
        page = self.render_template(self.login_template, form=form, providers=self.appbuilder.sm.provider_titles())
        return _page(page, status, refusal)

    def _authenticated(self, form: LoginForm) -> User | None:
        user: User | None = self.appbuilder.sm.auth_user_db(form.username.data, form.password.data)
        return user

    @expose("/login/code", methods=["GET", "POST"])
    @no_cache
    def second_step(self) -> Response:
        """Ask for the code of the app, or a recovery code."""
        pending = session.get(PENDING) or {}
        user = _pending_user(pending)
        if user is None:
            flash(_l("Begin again: the second step took too long."), "info")
            return redirect(self.appbuilder.get_url_for_login)
        form = CodeForm(request.form) if request.method == "POST" else CodeForm()
        status, refusal = 200, None
        if request.method == "POST":
            status = 401
            try:
                if form.validate() and is_right_code(db.session(), user.id, form.code.data, remote_address()):
                    target = local_target(pending.get("next")) or "/"
                    sign_in(user)
                    return redirect(target)
                form.code.errors = form.code.errors or [_l("This code is wrong, too old, or was used already.")]
            except TooManyRequests as error:
                refusal, status, form.code.errors = error, 429, [error.message]
        return _page(self.render_template("account/second_step.html", form=form), status, refusal)

    @expose("/login/<provider>")
    @no_cache
    def provider(self, provider: str) -> Response:
        """Send the browser to another provider."""
        if self.appbuilder.sm.offers_saml(provider):
            return self.to_saml_provider(provider)
        client = self._client(provider)
        session["provider_next"] = local_target(request.args.get("next")) or "/"
        try:
            answer: Response = client.authorize_redirect(self.appbuilder.sm.redirect_address(provider))
        except Exception as error:  # whatever is wrong with the other side, people can still sign in by password
            return self.refuse(provider, error)
        return answer

    @expose("/oauth-authorized/<provider>")
    @no_cache
    def oauth_authorized(self, provider: str) -> Response:
        """The browser comes back from the provider."""
        client = self._client(provider)
        target = local_target(session.pop("provider_next", None)) or "/"
        try:
            token = client.authorize_access_token()  # checks state, nonce, signature, issuer, audience, dates
            user = user_of(db.session(), token.get("userinfo"), self.appbuilder.sm.auth_user_registration)
        except SignInRefused as refusal:
            return self.refuse(provider, refusal, refusal.message)
        except Exception as error:
            return self.refuse(provider, error)
        answer = self.let_in(user, target)
        db.session.commit()  # the provider sends the browser here by GET, of which nothing is kept otherwise
        return answer

    def _client(self, provider: str) -> Any:
        client = (self.appbuilder.sm.oauth_remotes or {}).get(provider)
        if client is None:
            raise NotFound(_l("This page does not exist."))
        return client

    def let_in(self, user: User, target: str) -> Response:
        """Sign in whom a provider vouches for, or ask for the code first."""
        return begin_sign_in(user, target)

    def refuse(self, provider: str, error: Exception, sentence: Any = None) -> Response:
        """Tell the operator's log why, and the person what they need to know."""
        self.appbuilder.sm.note_refusal(provider, error)
        db.session.rollback()
        flash(sentence or _l("Signing in through the other provider did not work. Try again."), "danger")
        return redirect(self.appbuilder.get_url_for_login)

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Response:
        """End the session, for every copy of its cookie, and with it any look as somebody else."""
        person = g.get("actor") or g.user
        if g.get("actor") and "viewing_as" in session:
            end_viewing(db.session(), session["viewing_as"]["entry"], person.id)
        if g.get("session_id"):
            end_session(db.session(), person.id, g.session_id)
        leave()
        flash(_l("You are signed out."), "success")
        return redirect(self.appbuilder.get_url_for_login)


class SecurityApi(AppBuilderSecurityApi):
    """Signing in for programs. Flask-AppBuilder's own answers 500 to a body that is no object."""

    @expose("/login", methods=["POST"])
    def login(self) -> Response:
        try:
            body = request.get_json(silent=True)
        except RecursionError:
            body = None
        if not isinstance(body, dict):
            raise BadRequest(_l("The request must be a JSON object."), code="bad_json")
        username, password, code = body.get("username"), body.get("password"), body.get("code", "")
        texts = all(isinstance(item, str) for item in (username, password, code))
        if not texts or body.get("provider", "db") != "db":
            raise BadRequest(_l("Send username and password as text, and provider db."), code="bad_credentials")
        user = self.appbuilder.sm.auth_user_db(username, password)
        if user is None:
            raise NotAuthenticated(_l("Wrong username or password."), code="wrong_credentials")
        _ask_for_code(user, str(code))
        return self.response(200, **tokens_for(user, refresh=body.get("refresh") is True))

    login.__doc__ = AppBuilderSecurityApi.login.__doc__  # the OpenAPI description is read from it

    @expose("/refresh", methods=["POST"])
    @jwt_required(refresh=True)
    def refresh(self) -> Response:
        if not keeps_roles(g.user.id):
            raise NotAuthenticated(_l("The access token is missing, invalid or expired."))
        claims = {SESSION_KEY: get_jwt()[SESSION_KEY]}
        token = create_access_token(identity=str(g.user.id), fresh=False, additional_claims=claims)
        return self.response(200, access_token=token)

    refresh.__doc__ = AppBuilderSecurityApi.refresh.__doc__

    @expose("/logout", methods=["POST"])
    def logout(self) -> Response:
        """End the session of the token: neither it nor its refresh token opens anything any more
        ---
        post:
          responses:
            200:
              description: The session has ended
            401:
              $ref: '#/components/responses/401'
        """
        end_session(db.session(), g.user.id, g.session_id)
        return self.response(200, message="OK")


def begin_sign_in(user: User, target: str) -> Response:
    """The password was right, or the provider or a link vouched: sign in, or ask for the code first."""
    if not has_second_factor(db.session(), user.id):
        sign_in(user)
        return redirect(target)
    kept = {name: session[name] for name in KEPT if name in session}
    session.clear()
    session.update(kept)
    session[PENDING] = {
        "user": user.id,
        "at": int(clock.now().timestamp()),
        "next": target,
        "password": _mark_of(user),
    }
    return redirect("/login/code")


def _pending_user(pending: dict[str, Any]) -> User | None:
    if not pending or clock.now().timestamp() - pending["at"] > PENDING_SECONDS:
        return None
    user = db.session.get(User, pending["user"])
    return user if user is not None and user.active and _mark_of(user) == pending["password"] else None


def _mark_of(user: User) -> str:
    """Changes with the password, so that a half-finished sign-in does not outlive it."""
    return hashlib.sha256(str(user.password).encode()).hexdigest()[:16]


def _ask_for_code(user: User, code: str) -> None:
    if not has_second_factor(db.session(), user.id):
        return
    if not code:
        raise NotAuthenticated(_l("Send the code of the second factor, too."), code="code_required")
    if not is_right_code(db.session(), user.id, code[:40], remote_address()):
        raise NotAuthenticated(_l("This code is wrong, too old, or was used already."), code="wrong_code")


def _page(page: str, status: int, refusal: TooManyRequests | None) -> Response:
    answer = make_response(page, status)
    if refusal is not None:
        answer.headers["Retry-After"] = str(refusal.retry_after)
    return answer
