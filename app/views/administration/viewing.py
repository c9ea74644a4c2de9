"""Viewing as somebody else: beginning, ending, and the log."""

from __future__ import annotations

from flask import flash, g, redirect, session
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.access.impersonation import Impersonation
from app.access.role_assignment import RoleAssignment
from app.access.viewing import begin_viewing, end_viewing, recent_viewings
from app.database.session import db
from app.errors import Forbidden
from app.i18n import lazy_gettext as _l
from app.views.menu import MenuLink, add_menu_link
from app.views.page_view import PageView, route

add_menu_link(
    MenuLink(_l("Viewed as others"), "kernel_viewing_page.index", "eye", sequence=95, model="kernel.Impersonation")
)


class ViewingPage(PageView):
    """``/kernel/viewing``."""

    path = "viewing"

    @route("/")
    def index(self) -> str:
        """Who looked as whom, and when."""
        self.enter(Impersonation)
        entries = recent_viewings(db.session())
        ids = {item for entry in entries for item in (entry.actor_id, entry.user_id)}
        people = {user.id: user.get_full_name() for user in db.session.scalars(select(User).where(User.id.in_(ids)))}
        return self.render("administration/viewing.html", entries=entries, people=people)

    @route("/begin/<int:user_id>", methods=["POST"])
    def begin(self, user_id: int) -> Response:
        """Look as somebody else from the next request on."""
        self.enter(RoleAssignment, "view_as")
        try:
            entry = begin_viewing(db.session(), user_id)
        except Forbidden as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
            return redirect("/kernel/people/")
        session["viewing_as"] = {"user": user_id, "institution": entry.institution_id, "entry": entry.id}
        return redirect("/")

    @route("/end", methods=["POST"])
    def end(self) -> Response:
        """Be oneself again."""
        viewing = session.pop("viewing_as", None)
        if viewing and g.get("actor"):
            end_viewing(db.session(), viewing["entry"], g.actor.id)
        return redirect("/kernel/people/" if viewing else "/")
