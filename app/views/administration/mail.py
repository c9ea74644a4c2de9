"""The outbox: what left, what waits for a server, what came back with an error."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.database.session import db
from app.errors import Conflict
from app.i18n import lazy_gettext as _l
from app.mail.administration import mail_of, mails, send_again, shows_text
from app.mail.outbox import has_server
from app.mail.outgoing_mail import ERRORS, STATES, OutgoingMail
from app.views.administration.jobs import names_of_places, page_number
from app.views.menu import MenuLink, add_menu_link
from app.views.page_view import PageView, route

add_menu_link(MenuLink(_l("Outgoing mail"), "kernel_mail_page.index", "mail", sequence=94, model="kernel.OutgoingMail"))


class MailPage(PageView):
    """``/kernel/mail``."""

    path = "mail"

    @route("/")
    def index(self) -> str:
        """The outbox, newest first."""
        self.enter(OutgoingMail)
        state = request.args.get("state", "")
        found = mails(db.session(), state, page_number())
        return self.render(
            "administration/mails.html",
            found=found,
            state=state,
            states=STATES,
            errors=ERRORS,
            places=names_of_places(),
            has_server=has_server(),
        )

    @route("/<int:pk>")
    def read(self, pk: int) -> str:
        """One mail with its text, unless that is confidential."""
        self.enter(OutgoingMail)
        mail = mail_of(db.session(), pk)
        return self.render(
            "administration/mail.html",
            mail=mail,
            states=STATES,
            error=ERRORS.get(mail.last_error, ""),
            places=names_of_places(),
            shows_text=shows_text(mail),
            manages=current_access().may(OutgoingMail, "write"),
        )

    @route("/<int:pk>/again", methods=["POST"])
    def again(self, pk: int) -> Response:
        """Queue it once more."""
        self.enter(OutgoingMail, "write")
        try:
            send_again(db.session(), pk)
            flash(_l("The mail is queued again."), "success")
        except Conflict as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
        return redirect(f"/kernel/mail/{pk}")
