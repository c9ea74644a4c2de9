"""The first page, the look-up behind selects, and the choices a person makes for the session."""

from __future__ import annotations

from flask import current_app, g, jsonify, redirect, request, session
from flask_appbuilder import BaseView, expose
from sqlalchemy import text
from werkzeug.wrappers import Response

from app.access.acting import institution_id_of, institutions_of
from app.database.session import db
from app.errors import Forbidden, NotFound
from app.i18n import lazy_gettext as _l
from app.registry.enablement import registry
from app.views.cards import my_cards
from app.views.choices import choices
from app.views.menu import menu
from app.views.model_view import views
from app.views.urls import local_target

VERSION = "0.1.0"


class HomeView(BaseView):
    """What belongs to no addon."""

    route_base = ""
    default_view = "index"

    @expose("/")
    def index(self) -> Response | str:
        """Where the day begins: the first page that an addon puts on top of the menu, else the overview."""
        top, groups = menu()
        if top:
            return redirect(top[0].url)
        return str(self.render_template("home.html", groups=groups))

    @expose("/card/<name>")
    def card(self, name: str) -> str:
        """One card of the first page."""
        for item in my_cards():
            if item.name == name:
                content = item.render()
                return str(self.render_template(content[0], card=item, **content[1])) if content else ""
        raise NotFound(_l("This page does not exist."))

    @expose("/lookup/<model>/<name>")
    def lookup(self, model: str, name: str) -> Response:
        """The choices of a link, for selects that search while typing."""
        view = views.get(model)
        if view is None or not (view.may("read") or view.may("create")):
            raise NotFound(_l("This page does not exist."))
        link = view.links().get(name)
        if link is None:
            raise NotFound(_l("This page does not exist."))
        found = choices(link.target, request.args.get("q", "")[:100])
        return jsonify([{"value": str(pk), "text": label} for pk, label in found])

    @expose("/institution", methods=["POST"])
    def choose_institution(self) -> Response:
        """Work in another institution of the same person."""
        institution_id = institution_id_of(request.form.get("institution", "")[:40])
        if institution_id not in institutions_of(g.user.id):
            raise Forbidden(_l("You have no role in this institution."), code="institution_forbidden")
        session["institution_id"] = institution_id
        return redirect("/")

    @expose("/language", methods=["POST"])
    def choose_language(self) -> Response:
        """Read the screens in another language."""
        language = request.form.get("language", "")
        if language in current_app.config["LANGUAGES"]:
            session["locale"] = language
        return redirect(local_target(request.form.get("next")) or "/")


def health() -> tuple[Response, int]:
    """Whether the application can work: for load balancers and the supervisor. Addons only for whoever may know."""
    settings = current_app.config["SETTINGS"]
    answer: dict[str, object] = {"status": "ok", "version": VERSION}
    try:
        answer["database"] = str(db.session.execute(text("SHOW server_version")).scalar())
    except Exception:  # whatever is wrong with the database, the answer is 503 with a reason
        db.session.remove()
        return jsonify({"status": "unavailable", "version": VERSION, "reason": "The database cannot be reached."}), 503
    if registry().problem:
        reason = "The code of this process is not what the database was brought to; `python run.py doctor` says more."
        return jsonify({"status": "unavailable", "version": VERSION, "reason": reason}), 503
    told = f"Bearer {settings.health_token}" if settings.health_token else None
    if not settings.production or (told is not None and request.headers.get("Authorization") == told):
        answer["addons"] = {name: manifest.version for name, manifest in registry().manifests.items()}
    return jsonify(answer), 200
