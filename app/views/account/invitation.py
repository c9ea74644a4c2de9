"""Accepting an invitation by the link of its mail."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from app.database.session import db
from app.errors import Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.users.invitations import accept, has_account, institution_of, open_invitation
from app.users.passwords import SHORTEST
from app.views.account.profile import NewPasswordForm
from app.views.page_view import PageView, route
from app.views.sign_in import begin_sign_in


class InvitationPage(PageView):
    """``/kernel/invitation``; public."""

    path = "invitation"

    @route("/<secret>", methods=["GET", "POST"])
    def open(self, secret: str) -> Response | tuple[str, int]:
        """Show who invites; with a password the account is made and signed in. Looking uses nothing up."""
        form = NewPasswordForm(request.form) if request.method == "POST" else NewPasswordForm()
        try:
            row = open_invitation(db.session(), secret)
            known = has_account(db.session(), row)
            if request.method == "POST" and (known or form.validate()):
                try:
                    return self._accepted(secret, form, known)
                except Invalid as refusal:
                    db.session.rollback()
                    form.take(refusal)
            place = institution_of(db.session(), row)
        except NotFound as refusal:
            db.session.rollback()
            return self.render("account/dead_link.html", message=refusal.message, again=False), 404
        status = 422 if request.method == "POST" else 200
        values = {"form": form, "invitation": row, "place": place, "known": known, "shortest": SHORTEST}
        return self.render("account/invitation.html", **values), status

    def _accepted(self, secret: str, form: NewPasswordForm, known: bool) -> Response:
        user = accept(db.session(), secret, "" if known else form.new_password())
        if known:
            # The link proves the address, not that whoever holds it knows the password of the account.
            flash(_l("The invitation was accepted. Sign in as always."), "success")
            return redirect("/login/")
        flash(_l("Welcome. Your account is ready."), "success")
        return begin_sign_in(user, "/")
