"""Asking for a link by mail, and setting a new password by it."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.database.session import db
from app.errors import Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.i18n.catalogues import BaseForm
from app.users.password_links import ask_for_link, open_link, reset_password
from app.users.passwords import SHORTEST
from app.views.account.profile import NewPasswordForm
from app.views.page_view import PageView, route
from app.views.sessions import remote_address
from app.views.sign_in import begin_sign_in


class AddressForm(BaseForm):
    """Who forgot."""

    email = StringField(_l("E-mail"), validators=[InputRequired(), Length(max=254)])


class ForgottenPasswordPage(PageView):
    """``/kernel/forgotten_password``; public."""

    path = "forgotten_password"

    @route("/", methods=["GET", "POST"])
    def ask(self) -> Response | tuple[str, int]:
        """Ask for the address; the answer is the same for every one."""
        form = AddressForm(request.form) if request.method == "POST" else AddressForm()
        status = 200
        if request.method == "POST":
            status = 422
            try:
                if form.validate():
                    ask_for_link(db.session(), form.email.data or "", remote_address())
                    flash(
                        _l("If an account has this address, a link is on its way. Look into your mail."),
                        "success",
                    )
                    return redirect("/login/")
            except Invalid:
                db.session.rollback()
                form.email.errors = [_l("Not a mail address.")]
        return self.render("account/forgotten_password.html", form=form), status


class NewPasswordPage(PageView):
    """``/kernel/new_password``; public."""

    path = "new_password"

    @route("/<secret>", methods=["GET", "POST"])
    def open(self, secret: str) -> Response | tuple[str, int]:
        """Set a password by the link of a mail. Looking uses nothing up: mail programs look before people do."""
        form = NewPasswordForm(request.form) if request.method == "POST" else NewPasswordForm()
        try:
            _row, person = open_link(db.session(), secret)
            if request.method == "POST" and form.validate():
                try:
                    user = reset_password(db.session(), secret, form.new_password())
                    flash(_l("The password was set. All former sessions have ended."), "success")
                    return begin_sign_in(user, "/")
                except Invalid as refusal:
                    db.session.rollback()
                    form.take(refusal)
        except NotFound as refusal:
            db.session.rollback()
            return self.render("account/dead_link.html", message=refusal.message, again=True), 404
        status = 422 if request.method == "POST" else 200
        return self.render("account/new_password.html", form=form, person=person, shortest=SHORTEST), status
