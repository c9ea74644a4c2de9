"""Inviting people, and the invitations that wait for an answer."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response
from wtforms import SelectMultipleField, StringField, widgets
from wtforms.validators import InputRequired, Length

from app import clock
from app.access.administration import MEMBER, institution_here
from app.database.session import db
from app.errors import Conflict, Forbidden, Invalid, NotFound, SinergiError
from app.i18n import lazy_gettext as _l
from app.i18n.catalogues import BaseForm
from app.registry.roles import role_choices
from app.users.invitation import Invitation
from app.users.invitations import invitations_here, invite, send_again, withdraw
from app.views.page_view import PageView, route

HERE = "/kernel/invitations/"


class InvitationForm(BaseForm):
    """Who is invited, and as what."""

    first_name = StringField(_l("First name"), validators=[InputRequired(), Length(max=64)])
    last_name = StringField(_l("Last name"), validators=[InputRequired(), Length(max=64)])
    email = StringField(_l("E-mail"), validators=[InputRequired(), Length(max=120)])
    roles = SelectMultipleField(
        _l("Roles"), option_widget=widgets.CheckboxInput(), widget=widgets.ListWidget(prefix_label=False)
    )


class InvitationsPage(PageView):
    """``/kernel/invitations``."""

    path = "invitations"

    @route("/", methods=["GET", "POST"])
    def index(self) -> Response | tuple[str, int]:
        """What waits, and the form for one more."""
        self.enter(Invitation, "create" if request.method == "POST" else "read")
        form = self._form()
        status = 200
        if request.method == "POST":
            status = 422
            try:
                if form.validate():
                    row = invite(
                        db.session(),
                        form.first_name.data or "",
                        form.last_name.data or "",
                        form.email.data or "",
                        form.roles.data or [],
                    )
                    flash(_l("The invitation is on its way to %(email)s.", email=row.email), "success")
                    return redirect(HERE)
            except (Conflict, Forbidden, Invalid, NotFound) as refusal:
                db.session.rollback()
                status = refusal.status
                self._take(form, refusal)
        waiting = invitations_here(db.session())
        titles = role_choices(institution_here(db.session()))
        values = {"form": form, "waiting": waiting, "titles": titles, "now": clock.now(), "member": MEMBER}
        return self.render("administration/invitations.html", **values), status

    @route("/<int:pk>/send", methods=["POST"])
    def send(self, pk: int) -> Response:
        """Mail a new link."""
        self.enter(Invitation, "create")
        try:
            send_again(db.session(), pk)
            flash(_l("A new link is on its way; the former one is of no use any more."), "success")
        except Conflict as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
        return redirect(HERE)

    @route("/<int:pk>/withdraw", methods=["POST"])
    def withdraw(self, pk: int) -> Response:
        """Take an invitation back."""
        self.enter(Invitation, "archive")
        try:
            withdraw(db.session(), pk)
            flash(_l("The invitation was withdrawn; its link is of no use any more."), "success")
        except Conflict as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
        return redirect(HERE)

    def _form(self) -> InvitationForm:
        form = InvitationForm(request.form) if request.method == "POST" else InvitationForm()
        titles = role_choices(institution_here(db.session()))
        form.roles.choices = [(role, title) for role, title in titles.items() if role != MEMBER]
        return form

    def _take(self, form: InvitationForm, refusal: SinergiError) -> None:
        for name, texts in (refusal.errors or {"roles": [refusal.message]}).items():
            form[name if name in form else "email"].errors = list(texts)
