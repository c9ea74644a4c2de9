"""Screens of the values that need confirmation."""

from typing import Any

from flask import flash, redirect, request

from addons.procedures.models.confirmation import Confirmation
from app.addon import ModelView, PageView, SinergiError, db, route, service_of
from app.addon import lazy_gettext as _l


class ConfirmationView(ModelView):
    """The queue of values that need confirmation."""

    model = Confirmation
    icon = "help-circle"
    sequence = 31
    list_columns = ("value_name", "step", "procedure", "literal", "confidence", "state")
    form_columns = ("note",)
    show_columns = (
        "procedure",
        "step",
        "value_name",
        "literal",
        "confidence",
        "note",
        "confirmed_value",
        "confirmed_at",
        "confirmed_by",
    )
    search_columns = ("field", "literal", "note")
    filter_columns = ("state", "confidence")
    default_order = "id"
    may_add = False
    may_edit = False


class ConfirmationPage(PageView):
    """``/procedures/confirm``: where a value is confirmed from the procedure's page."""

    path = "confirm"

    @route("/<int:pk>", methods=["POST"])
    def confirm(self, pk: int) -> Any:
        """Confirm one value."""
        self.enter(Confirmation, "confirm")
        service: Any = service_of(Confirmation)
        confirmation = service.get(pk)
        target = f"/procedures/procedure/{confirmation.procedure_id}"
        try:
            service.confirm(confirmation, request.form.get("value"))
            flash(_l("Confirmed. Your name and the moment were noted."), "success")
        except SinergiError as refusal:
            db.session.rollback()
            flash(refusal.message, "danger")
        return redirect(target)
