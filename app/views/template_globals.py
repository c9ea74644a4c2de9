"""What every template may use."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, g, has_request_context, request, session
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from app.access.acting import institutions, institutions_of
from app.appearance.institution_appearances import Appearance, appearance_here
from app.database.scope import current_scope
from app.database.session import db
from app.i18n import gettext, ngettext
from app.i18n.formats import format_date, format_duration, format_moment, format_moment_after, format_number
from app.views.assets import asset
from app.views.help import help_url
from app.views.home import VERSION
from app.views.menu import menu
from app.views.model_view import view_of, views
from app.views.sessions import device_name
from app.views.slots import slot


def register_template_globals(app: Flask) -> None:
    """Put the helpers of this module into the templates of ``app``, and choose the reader's language."""
    app.jinja_env.globals.update(
        appearance=appearance,
        asset=asset,
        csrf_token=generate_csrf,
        current_institution=current_institution,
        device_name=device_name,
        format_date=format_date,
        format_duration=format_duration,
        format_moment=format_moment,
        format_moment_after=format_moment_after,
        format_number=format_number,
        gettext=gettext,
        help_url=help_url,
        _=gettext,
        ngettext=ngettext,
        icon=icon,
        language=lambda: str(get_locale()),
        languages=app.config["LANGUAGES"],
        menu=menu,
        my_institutions=my_institutions,
        page_address=page_address,
        record_url=record_url,
        session_seconds=session_seconds,
        sinergi_version=VERSION,
        slot=slot,
        view_of=view_of,
    )
    app.extensions["babel"].locale_selector = choose_locale


def choose_locale() -> str:
    """The reader's language: chosen in the session, else asked for by the browser, else Indonesian.

    Programs get English whatever they ask for: what they compare and log must not hang on a header.
    """
    known = list(current_app.config["LANGUAGES"])
    if not has_request_context():
        return "id"
    if request.path.startswith("/api/"):
        return "en"
    if session.get("locale") in known:
        return str(session["locale"])
    return request.accept_languages.best_match(known) or "id"


def icon(name: str, css: str = "") -> Markup:
    """An icon of the sprite."""
    address = asset("vendor/icons.svg")
    return Markup('<svg class="icon {css}" aria-hidden="true"><use href="{address}#{name}"></use></svg>').format(
        css=css, address=address, name=name
    )


def appearance() -> Appearance:
    """Logo and colour of the active institution."""
    return appearance_here(db.session())


def session_seconds() -> int:
    """How long a browser's session lives without being used."""
    return int(current_app.permanent_session_lifetime.total_seconds())


def current_institution() -> dict[str, Any] | None:
    """The active institution: id, code and name."""
    scope = current_scope(db.session())
    if scope is None or scope.institution_id not in institutions():
        return None
    code, name, _zone = institutions()[scope.institution_id]
    return {"id": scope.institution_id, "code": code, "name": name}


def my_institutions() -> list[tuple[str, str]]:
    """The institutions that the person can work in: (code, name); whoever looks as somebody else stays in one."""
    if g.get("actor"):
        here = current_institution()
        return [(here["code"], here["name"])] if here else []
    return [institutions()[key][:2] for key in institutions_of(g.user.id)]


def page_address(**changes: Any) -> str:
    """The present address with some arguments changed; None takes one away."""
    arguments = {**request.args.to_dict(), **changes}
    kept = {name: value for name, value in arguments.items() if value not in (None, "")}
    # Not by url_for: arguments of an address may be called like its own ("endpoint", "_scheme").
    return request.path + ("?" + urlencode(kept) if kept else "")


def record_url(record: Any) -> str | None:
    """The page of ``record``, if its model has screens that the person may read."""
    view = views.get(getattr(record, "__model_key__", ""))
    return view.url("show", pk=record.id) if view is not None and view.may("read") else None
