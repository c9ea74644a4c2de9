"""One's own second factor: switching it on with an app, new recovery codes, and off again."""

from __future__ import annotations

from urllib.parse import quote

from flask import flash, g, redirect, request
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.database.session import db
from app.errors import Conflict, Invalid
from app.i18n import lazy_gettext as _l
from app.users.authentication import confirm_password
from app.users.codes import (
    begin_enrolment,
    codes_left,
    confirm_enrolment,
    enrolment,
    has_second_factor,
    is_right_code,
    new_recovery_codes,
    switch_off,
)
from app.users.sessions import end_sessions
from app.views.account.person import me
from app.views.page_view import PageView, route
from app.views.sessions import remote_address

HERE = "/kernel/second_factor/"


class SecondFactorPage(PageView):
    """``/kernel/second_factor``."""

    path = "second_factor"

    @route("/")
    def index(self) -> str:
        """What to do next: begin, scan and confirm, or switch off."""
        self.enter()
        return self._page({})

    @route("/begin", methods=["POST"])
    def begin(self) -> Response | tuple[str, int]:
        """Make a secret, after the password was given."""
        self.enter()
        try:
            self._confirm_password()
            begin_enrolment(db.session(), me())
        except (Conflict, Invalid) as refusal:
            return self._refused(refusal)
        return redirect(HERE)

    @route("/confirm", methods=["POST"])
    def confirm(self) -> str | tuple[str, int]:
        """Switch it on with a first code; the recovery codes are shown on this answer and never again."""
        self.enter()
        try:
            codes = confirm_enrolment(db.session(), me(), request.form.get("code", "")[:40], remote_address())
        except (Conflict, Invalid) as refusal:
            return self._refused(refusal)
        end_sessions(db.session(), g.user.id, but=g.session_id)
        return self._codes(codes, sentence=_l("The second factor is on. You are signed out on all other devices."))

    @route("/codes", methods=["POST"])
    def codes(self) -> str | tuple[str, int]:
        """New recovery codes instead of whatever is left of the former ones, with password and code."""
        self.enter()
        try:
            self._confirm_both()
        except Invalid as refusal:
            return self._refused(refusal, "codes")
        codes = new_recovery_codes(db.session(), g.user.id)
        return self._codes(
            codes, sentence=_l("These are your new recovery codes. The former ones are of no use any more.")
        )

    @route("/off", methods=["POST"])
    def off(self) -> Response | tuple[str, int]:
        """Switch it off, with password and code."""
        self.enter()
        try:
            self._confirm_both()
            switch_off(db.session(), g.user.id)
        except Invalid as refusal:
            return self._refused(refusal, "off")
        flash(_l("The second factor is off."), "success")
        return redirect("/kernel/profile/")

    def _confirm_password(self) -> None:
        """Whoever signs in by another provider has no password to give."""
        person = me()
        if person.password and not confirm_password(
            db.session(), person, request.form.get("password", ""), remote_address()
        ):
            sentence = _l("This is not your present password.")
            raise Invalid(sentence, {"password": [sentence]})

    def _confirm_both(self) -> None:
        """Password and a code, which is used up by it."""
        self._confirm_password()
        code = request.form.get("code", "")[:40]
        if not is_right_code(db.session(), g.user.id, code, remote_address()):
            sentence = _l("This code is wrong, too old, or was used already.")
            raise Invalid(sentence, {"code": [sentence]})

    def _codes(self, codes: list[str], sentence: object) -> str:
        text = quote("Sinergi\r\n" + "\r\n".join(codes) + "\r\n")
        file = f"data:text/plain;charset=utf-8,{text}"
        return self.render("account/recovery_codes.html", codes=codes, file=file, sentence=sentence)

    def _refused(self, refusal: Conflict | Invalid, form: str = "") -> tuple[str, int]:
        db.session.rollback()
        return self._page(refusal.errors or {"": [refusal.message]}, form), refusal.status

    def _page(self, errors: dict[str, list[object]], form: str = "") -> str:
        person = me()
        return self.render(
            "account/second_factor.html",
            errors=errors,
            refused_form=form,
            is_demanded=current_access().needs_second_factor,
            codes_left=codes_left(db.session(), person.id),
            is_on=has_second_factor(db.session(), person.id),
            begun=enrolment(db.session(), person),
            asks_password=bool(person.password),
        )
