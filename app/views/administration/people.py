"""The people of the institution and their roles."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.access.administration import (
    assignment_state,
    assignments,
    give_role,
    institution_here,
    people_here,
    take_role,
)
from app.access.grants import grants_of
from app.access.role_assignment import RoleAssignment
from app.database.session import db
from app.errors import Conflict, Invalid, SinergiError
from app.i18n import lazy_gettext as _l
from app.i18n.formats import today_here
from app.registry.roles import role_choices
from app.users.invitation import Invitation
from app.views.menu import MenuLink, add_menu_link
from app.views.page_view import PageView, route

add_menu_link(MenuLink(_l("People"), "kernel_people_page.index", "users", sequence=90, model="kernel.RoleAssignment"))


class PeoplePage(PageView):
    """``/kernel/people``."""

    path = "people"

    @route("/")
    def index(self) -> str:
        """Everybody with a role here; roles that come from a position are marked."""
        self.enter(RoleAssignment)
        return self._page()

    def _page(self, refused: int = 0, refusal: object = None) -> str:
        """The page; after a ``refusal`` the form of the person ``refused`` stands open with what was typed."""
        session = db.session()
        titles = role_choices(institution_here(session))
        given = assignments(session)
        people = []
        for person in people_here(session):
            from_positions = {
                grant.role
                for grant in grants_of(session, person.id)
                if grant.institution_id == institution_here(session) and grant.origin != "assignment"
            }
            people.append((person, given.get(person.id, []), sorted(from_positions)))
        return self.render(
            "administration/people.html",
            people=people,
            titles=titles,
            refused=refused,
            refusal=refusal,
            manages=current_access().may(RoleAssignment, "create"),
            invites=current_access().may(Invitation, "create"),
            views_as=current_access().may(RoleAssignment, "view_as"),
            assignment_state=lambda row: assignment_state(row, today_here()),
        )

    @route("/<int:user_id>/roles", methods=["POST"])
    def give(self, user_id: int) -> Response | tuple[str, int]:
        """Give a role."""
        self.enter(RoleAssignment, "create")
        try:
            role, first, last = request.form.get("role", ""), _day("date_from"), _day("date_to")
            give_role(db.session(), user_id, role, first, last)
            flash(_l("The role was given."), "success")
        except (Conflict, Invalid) as refusal:
            db.session.rollback()
            return self._page(user_id, refusal.message), refusal.status
        return redirect("/kernel/people/")

    @route("/roles/<int:assignment_id>/take", methods=["POST"])
    def take(self, assignment_id: int) -> Response:
        """Take a role away."""
        self.enter(RoleAssignment, "archive")
        try:
            take_role(db.session(), assignment_id)
            flash(_l("The role was taken away."), "success")
        except Conflict as refusal:
            self._refuse(refusal)
        return redirect("/kernel/people/")

    def _refuse(self, refusal: SinergiError) -> None:
        db.session.rollback()
        flash(str(refusal.message), "danger")


def _day(name: str) -> date | None:
    text = request.form.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(_l("Not a valid date.")) from None
