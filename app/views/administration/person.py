"""One person of the institution: the account, where it is signed in, what an administrator does about it."""

from __future__ import annotations

from flask import flash, redirect
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.access.role_assignment import RoleAssignment
from app.database.session import db
from app.errors import Conflict, Forbidden
from app.i18n import lazy_gettext as _l
from app.users import accounts
from app.users.codes import has_second_factor
from app.users.sessions import sessions_of
from app.users.user_session import KINDS
from app.views.page_view import PageView, route

DONE = {
    "deactivate": _l("The account was deactivated; every session has ended."),
    "activate": _l("The account can sign in again."),
    "sign_out": _l("The person is signed out on all devices."),
    "send_link": _l("A link for a new password is on its way to the person."),
    "reset_code": _l("The second factor was reset; every session has ended."),
}


class PersonPage(PageView):
    """``/kernel/person``."""

    path = "person"

    @route("/<int:user_id>")
    def show(self, user_id: int) -> str:
        """The account. Sessions are shown only to whoever decides about the whole account."""
        self.enter(RoleAssignment)
        session = db.session()
        person = accounts.person_here(session, user_id)
        reason = accounts.why_not_ours(session, person)
        return self.render(
            "administration/person.html",
            person=person,
            reason=reason,
            sessions=[] if reason else sessions_of(session, user_id),
            kinds=KINDS,
            has_code=has_second_factor(session, user_id),
            oneself=user_id == current_access().user_id,
            manages=current_access().may(RoleAssignment, "write"),
        )

    @route("/<int:user_id>/deactivate", methods=["POST"])
    def deactivate(self, user_id: int) -> Response:
        """Let nobody sign in with it any more."""
        return self._do("deactivate", user_id)

    @route("/<int:user_id>/activate", methods=["POST"])
    def activate(self, user_id: int) -> Response:
        """Let the person sign in again."""
        return self._do("activate", user_id)

    @route("/<int:user_id>/sign_out", methods=["POST"])
    def sign_out(self, user_id: int) -> Response:
        """End every session of the person."""
        return self._do("sign_out", user_id)

    @route("/<int:user_id>/send_link", methods=["POST"])
    def send_link(self, user_id: int) -> Response:
        """Mail the person a link for a new password."""
        return self._do("send_link", user_id)

    @route("/<int:user_id>/reset_code", methods=["POST"])
    def reset_code(self, user_id: int) -> Response:
        """Switch the second factor off for somebody who lost it."""
        return self._do("reset_code", user_id)

    def _do(self, what: str, user_id: int) -> Response:
        self.enter(RoleAssignment, "write")
        session = db.session()
        steps = {
            "deactivate": lambda: accounts.switch_account(session, user_id, on=False),
            "activate": lambda: accounts.switch_account(session, user_id, on=True),
            "sign_out": lambda: accounts.end_all_sessions(session, user_id),
            "send_link": lambda: accounts.send_link(session, user_id),
            "reset_code": lambda: accounts.reset_second_factor(session, user_id),
        }
        try:
            steps[what]()
            flash(DONE[what], "success")
        except (Conflict, Forbidden) as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
        return redirect(f"/kernel/person/{user_id}")
