"""Flask-AppBuilder's security manager, kept to what we use: signing in, and who a request is from."""

from __future__ import annotations

from typing import Any

from flask import Flask, flash, g, redirect, request, session
from flask_appbuilder import expose
from flask_appbuilder.security.api import SecurityApi as AppBuilderSecurityApi
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import User
from flask_appbuilder.security.views import AuthDBView
from flask_jwt_extended import JWTManager, create_access_token, create_refresh_token
from flask_login import login_user, logout_user
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app.access.viewing import end_viewing
from app.database.session import db
from app.errors import BadRequest, NotAuthenticated
from app.i18n import lazy_gettext as _l
from app.i18n.catalogues import BaseForm
from app.registry.installed_addon import RegistryState
from app.views.errors import answer
from app.views.urls import local_target
from app.views.words import is_storable


class LoginForm(BaseForm):
    """Who signs in."""

    username = StringField(_l("Username"), validators=[InputRequired(), Length(max=128)])
    password = PasswordField(_l("Password"), validators=[InputRequired(), Length(max=256)])


class LoginView(AuthDBView):
    """Signing in and out. A wrong password keeps the name that was typed."""

    login_template = "login.html"

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Response | str | tuple[str, int]:
        """Ask for name and password; go where the person wanted to go."""
        target = local_target(request.args.get("next")) or "/"
        if g.user is not None and g.user.is_authenticated:
            return redirect(target)
        form = LoginForm(request.form) if request.method == "POST" else LoginForm()
        if request.method == "POST" and form.validate():
            user = self.appbuilder.sm.auth_user_db(form.username.data, form.password.data)
            if user is not None:
                self._start_session(user)
                return redirect(target)
            form.password.errors = [_l("Wrong username or password.")]
        status = 401 if request.method == "POST" else 200
        return self.render_template(self.login_template, form=form), status

    def _start_session(self, user: Any) -> None:
        # A session given before signing in must not live on; the language is kept, and the institution of the person
        # whose session expired (it is checked against their roles at every request).
        kept = {name: session[name] for name in ("locale", "institution_id") if name in session}
        session.clear()
        session.update(kept)
        session.permanent = True
        login_user(user)

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Response:
        """End the session, and with it any look as somebody else."""
        if g.get("actor") and "viewing_as" in session:
            end_viewing(db.session(), session["viewing_as"]["entry"], g.actor.id)
        logout_user()
        session.clear()
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
        username, password = body.get("username"), body.get("password")
        if not isinstance(username, str) or not isinstance(password, str) or body.get("provider", "db") != "db":
            raise BadRequest(_l("Send username and password as text, and provider db."), code="bad_credentials")
        user = self.appbuilder.sm.auth_user_db(username, password)
        if user is None:
            raise NotAuthenticated(_l("Wrong username or password."), code="wrong_credentials")
        tokens = {"access_token": create_access_token(identity=str(user.id), fresh=True)}
        if body.get("refresh") is True:
            tokens["refresh_token"] = create_refresh_token(identity=str(user.id))
        return self.response(200, **tokens)

    login.__doc__ = AppBuilderSecurityApi.login.__doc__  # the OpenAPI description is read from it


class SinergiSecurityManager(SecurityManager):
    """Rights are answered by our access rows; FAB's permission tables stay empty and its own pages unregistered."""

    authdbview = LoginView
    security_api = SecurityApi

    def create_jwt_manager(self, app: Flask) -> JWTManager:
        """Tokens that do not hold are answered like every other refusal."""
        manager: JWTManager = super().create_jwt_manager(app)
        for register in (
            manager.unauthorized_loader,
            manager.invalid_token_loader,
            manager.expired_token_loader,
            manager.revoked_token_loader,
            manager.needs_fresh_token_loader,
            manager.user_lookup_error_loader,
        ):
            register(_refuse_token)
        return manager

    def auth_user_db(self, username: str, password: str) -> User | None:
        """The user, or None; what no user name can be is not even looked up."""
        if not is_storable(username + password) or len(username) > 128 or len(password) > 256:
            return None
        found: User | None = super().auth_user_db(username, password)
        return found

    def register_views(self) -> None:
        """Only signing in: by page, and by `/api/v1/security/login`."""
        self.appbuilder.add_api(self.security_api)
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)

    def load_user(self, pk: int | str) -> User | None:
        """The active user ``pk`` together with the access version, in one statement."""
        version = select(RegistryState.access_version).limit(1).scalar_subquery()
        statement = select(User, version).where(User.id == int(pk))
        row = db.session.execute(statement).first()
        if row is None or not row[0].is_active:
            return None
        db.session().info["access_version"] = row[1]
        user: User = row[0]
        return user

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Nothing is public by a role; public pages are listed by the request cycle."""
        return False

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """FAB's own remaining pages (the API description) are for whoever is signed in."""
        return bool(g.get("access")) and view_name == "OpenApi"

    def add_permissions_view(self, base_permissions: Any, view_menu: Any) -> None:
        """Nothing: the web process writes no metadata."""

    def add_permissions_menu(self, view_menu_name: Any) -> None:
        """Nothing: the web process writes no metadata."""


def _refuse_token(*_details: Any) -> Response:
    return answer(401, "not_authenticated", _l("The access token is missing, invalid or expired."))
