"""One's own account: where one is signed in, the password."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, request
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from app.database.session import db
from app.errors import Invalid, SinergiError
from app.i18n import lazy_gettext as _l
from app.i18n.catalogues import BaseForm
from app.users.authentication import confirm_password
from app.users.codes import codes_left, has_second_factor
from app.users.passwords import SHORTEST, set_password
from app.users.sessions import end_session, end_sessions, sessions_of
from app.users.user_session import KINDS
from app.views.account.person import me
from app.views.page_view import PageView, route
from app.views.sessions import leave, remote_address


class NewPasswordForm(BaseForm):
    """A password, typed twice."""

    password = PasswordField(_l("New password"), validators=[InputRequired(), Length(max=256)])
    again = PasswordField(_l("The same again"), validators=[InputRequired(), Length(max=256)])

    def new_password(self) -> str:
        """What was typed. Raises `Invalid` when the second differs from the first."""
        if self.password.data != self.again.data:
            sentence = _l("The two passwords differ.")
            raise Invalid(sentence, {"again": [sentence]})
        return str(self.password.data)

    def take(self, refusal: SinergiError) -> None:
        """Show a refusal at its field."""
        for name, texts in (refusal.errors or {"password": [refusal.message]}).items():
            self[name if name in self else "password"].errors = list(texts)


class ChangePasswordForm(NewPasswordForm):
    """The password of somebody who is signed in."""

    current = PasswordField(_l("Present password"), validators=[InputRequired(), Length(max=256)])


class ProfilePage(PageView):
    """``/kernel/profile``."""

    path = "profile"

    @route("/")
    def index(self) -> str:
        """Who one is here, and where one is signed in."""
        self.enter()
        session = db.session()
        return self.render(
            "account/profile.html",
            person=me(),
            sessions=sessions_of(session, g.user.id),
            here=g.session_id,
            kinds=KINDS,
            has_code=has_second_factor(session, g.user.id),
            codes_left=codes_left(session, g.user.id),
        )

    @route("/sessions/<int:pk>/end", methods=["POST"])
    def end(self, pk: int) -> Response:
        """Sign out at one place."""
        self.enter()
        end_session(db.session(), g.user.id, pk)
        if pk == g.session_id:
            leave()
        flash(_l("The session has ended."), "success")
        return redirect("/kernel/profile/")

    @route("/sessions/end", methods=["POST"])
    def end_all(self) -> Response:
        """Sign out everywhere, here too."""
        self.enter()
        end_sessions(db.session(), g.user.id)
        leave()
        flash(_l("You are signed out on all devices."), "success")
        return redirect("/login/")

    @route("/password", methods=["GET", "POST"])
    def password(self) -> Response | str | tuple[str, int]:
        """Take another password; every other session ends."""
        self.enter()
        form = ChangePasswordForm(request.form) if request.method == "POST" else ChangePasswordForm()
        status = 200
        if request.method == "POST":
            status = 422
            if form.validate() and self._changed(form):
                flash(_l("The password was changed. You are signed out on all other devices."), "success")
                return redirect("/kernel/profile/")
        return self.render("account/password.html", form=form, shortest=SHORTEST), status

    def _changed(self, form: ChangePasswordForm) -> bool:
        person: Any = me()
        try:
            new = form.new_password()
            if not confirm_password(db.session(), person, form.current.data or "", remote_address()):
                sentence = _l("This is not your present password.")
                raise Invalid(sentence, {"current": [sentence]})
            set_password(db.session(), person, new, but=g.session_id)
        except Invalid as refusal:
            db.session.rollback()
            form.take(refusal)
            return False
        return True
