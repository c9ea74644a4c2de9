"""Flask-AppBuilder's security manager, kept to what we use: signing in, and who a request is from."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request, session
from flask_appbuilder.const import AUTH_LDAP
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import User
from flask_jwt_extended import JWTManager
from werkzeug.wrappers import Response

from app.database.session import db
from app.i18n import lazy_gettext as _l
from app.users.authentication import authenticate
from app.views.errors import answer
from app.views.sessions import SESSION_KEY, remote_address, session_user
from app.views.sign_in import LoginView, SecurityApi

log = logging.getLogger("sinergi.users")

POST_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
ANY_NAME = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
SAFE_SAML = {
    "wantAssertionsSigned": True,
    "rejectDeprecatedAlgorithm": True,
    "allowRepeatAttributeName": False,
    "wantNameId": False,
    "wantAttributeStatement": False,
    "requestedAuthnContext": False,
}
"""What no setting changes: the assertion itself is signed, by no algorithm that is broken; how people prove who they
are is the identity provider's.
"""


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
        """The user with this name or address and password, or None. Raises `TooManyRequests`."""
        directory = self.auth_user_ldap if self.auth_type == AUTH_LDAP else None
        return authenticate(db.session(), username, password, remote_address(), directory)

    def register_views(self) -> None:
        """Only signing in: by page, and by `/api/v1/security/login`."""
        self.appbuilder.add_api(self.security_api)
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)

    def load_user(self, pk: int | str) -> User | None:
        """Whose cookie it is, while its session lives."""
        return session_user(pk, session.get(SESSION_KEY))

    def load_user_jwt(self, _jwt_header: Any, jwt_data: dict[str, Any]) -> User | None:
        """Whose token it is, while its session lives."""
        user = session_user(jwt_data["sub"], jwt_data.get(SESSION_KEY))
        if user is not None:
            g.user = user
        return user

    def provider_titles(self) -> dict[str, str]:
        """What the login page offers besides the password: the name of a provider → its title."""
        offered = [*(self.oauth_providers if self.oauth_remotes else ()), *self.saml_providers]
        return {item["name"]: str(item.get("title") or item["name"].title()) for item in offered}

    def offers_saml(self, provider: str) -> bool:
        """Whether people can sign in by the SAML identity provider of this name."""
        return self.get_saml_provider(provider) is not None

    def get_saml_settings(self, provider_name: str) -> Any:
        """python3-saml's settings: Flask-AppBuilder's, with our addresses and without what would be unsafe."""
        settings: Any = super().get_saml_settings(provider_name)
        here = f"{base_address()}/saml"
        answers = {"url": f"{here}/acs/{provider_name}", "binding": POST_BINDING}
        ours = {"entityId": f"{here}/metadata/{provider_name}", "NameIDFormat": ANY_NAME}
        return {
            **settings,
            "strict": True,
            "debug": False,
            "sp": {**ours, **settings.get("sp", {}), "assertionConsumerService": answers},
            "security": {**settings.get("security", {}), **SAFE_SAML},
        }

    def saml_auth(self, provider: str) -> Any:
        """python3-saml for this request, under our own address: never made from the Host header."""
        from onelogin.saml2.auth import OneLogin_Saml2_Auth

        parts = urlsplit(base_address())
        told: dict[str, Any] = {"https": "on" if parts.scheme == "https" else "off", "http_host": parts.netloc}
        told |= {"script_name": parts.path + request.path, "get_data": {}, "post_data": request.form.to_dict()}
        return OneLogin_Saml2_Auth(told, self.get_saml_settings(provider))

    def redirect_address(self, provider: str) -> str:
        """Where ``provider`` sends people back to. Never made from the Host header."""
        return f"{base_address()}/oauth-authorized/{provider}"

    def note_refusal(self, provider: str, error: Exception) -> None:
        """Tell the operator's log why nobody came in; the reader gets one sentence."""
        log.warning("signing in by %s failed: %s: %s", provider, type(error).__name__, _one_line(error))

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


def base_address() -> str:
    """The address of this installation, as it was set."""
    return str(current_app.config["SETTINGS"].base_url)


def _one_line(error: Exception) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in str(error))[:300]


def _refuse_token(*_details: Any) -> Response:
    return answer(401, "not_authenticated", _l("The access token is missing, invalid or expired."))
