"""Puts the web application together: configuration, translations, database, Flask-AppBuilder, views, answers to
errors.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_appbuilder import AppBuilder
from flask_wtf.csrf import CSRFProtect
from jinja2 import FileSystemLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from app.access import acting  # noqa: F401  # loads the access layer before any model is queried
from app.database.session import db
from app.i18n.catalogues import translation_folders
from app.registry.installation import load_installed
from app.registry.loader import load
from app.users.sessions import LIFETIMES
from app.views import account, administration, dashboard, my_jobs, search_page  # noqa: F401  # declare the pages of the kernel itself
from app.views.administration.appearance import colours
from app.views.api_description import OpenApi
from app.views.assets import send_asset
from app.views.errors import register_error_handlers
from app.views.guarded_templates import GuardedEnvironment
from app.views.home import HomeView, health
from app.views.model_view import register_model_views
from app.views.notifications import register_notifications
from app.views.page_view import register_page_views
from app.views.request_cycle import register_request_cycle
from app.views.security_manager import SinergiSecurityManager
from app.views.sessions import CLOCKS_MAY_DIFFER, PatientCookies
from app.views.settings_api import SettingsApi
from app.views.template_globals import register_template_globals

if TYPE_CHECKING:
    from config import Settings

LANGUAGES = {"id": {"flag": "id", "name": "Bahasa Indonesia"}, "en": {"flag": "gb", "name": "English"}}


def build(settings: Settings, database_url: str, names: Iterable[str] | None = None) -> Flask:
    """Load the addons (``names``, or those that the database has installed), then create the application.

    Raises `AddonError` listing every problem of the addons.
    """
    if names is None:
        registry = load_installed(settings, database_url)
    else:
        registry = load(names, extra_folders=settings.addons_path)
    app = Flask("app", static_folder="static", template_folder="templates")
    app.jinja_environment = GuardedEnvironment
    app.session_interface = PatientCookies()
    app.config.update(_configuration(settings, database_url))
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(translation_folders(registry.manifests.values()))
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies)  # type: ignore[method-assign]  # the documented way to wrap
    _find_templates(app, [item.folder for item in registry.manifests.values()])
    app.view_functions["static"] = send_asset
    CSRFProtect(app)
    db.init_app(app)
    with app.app_context():
        appbuilder = AppBuilder(indexview=HomeView, security_manager_class=SinergiSecurityManager, update_perms=False)
        appbuilder.init_app(app, db.session)
        register_request_cycle(app)
        register_template_globals(app)
        register_error_handlers(app)
        register_model_views(appbuilder)
        register_page_views(appbuilder)
        register_notifications(appbuilder)
        # Flask-AppBuilder itself registers the description only together with Swagger's pages.
        appbuilder.add_api(OpenApi)
        appbuilder.add_api(SettingsApi)
        app.add_url_rule("/health", "health", health)
        app.add_url_rule("/colours/<colour>.css", "colours", colours)
    return app


def _find_templates(app: Flask, addons: Iterable[Path]) -> None:
    """The kernel's templates come first; an addon's lie in a folder of its own name (templates/rooms/...)."""
    folders = [Path(__file__).parent, *addons]
    app.jinja_loader = FileSystemLoader([str(folder / "templates") for folder in folders])
    # Nothing but these: the templates that Flask-AppBuilder's blueprints bring along are not to be found.
    app.jinja_env.loader = app.jinja_loader


def _configuration(settings: Settings, database_url: str) -> dict[str, Any]:
    return {
        "APP_NAME": "Sinergi",
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "JWT_SECRET_KEY": settings.secret_key,
        "JWT_DECODE_LEEWAY": CLOCKS_MAY_DIFFER,
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(hours=1),
        "SQLALCHEMY_DATABASE_URI": database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}},
        "DATA_DIR": str(settings.data_dir),
        "MAX_UPLOAD_BYTES": settings.max_upload_mb * 2**20,
        # A form may carry several files; each is measured by itself, the request as a whole is capped here.
        "MAX_CONTENT_LENGTH": settings.max_upload_mb * 2**20 * 3,
        "MAX_FORM_PARTS": 500,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.production,
        "SESSION_COOKIE_NAME": "sinergi_session",
        "PERMANENT_SESSION_LIFETIME": LIFETIMES["browser"],
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=365),
        "TRUSTED_HOSTS": list(settings.trusted_hosts) or None,
        "FAB_SAFE_REDIRECT_HOSTS": list(settings.trusted_hosts),
        "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "AUTH_TYPE": 1,
        **settings.sign_in,
        "FAB_CREATE_DB": False,
        "FAB_UPDATE_PERMS": False,
        "FAB_ADD_MENU_API": False,
        "FAB_ADD_SECURITY_API": False,
        "LANGUAGES": LANGUAGES,
        "BABEL_DEFAULT_LOCALE": "id",
        "BABEL_DEFAULT_TIMEZONE": "UTC",
        "TEMPLATES_AUTO_RELOAD": False,
    }
