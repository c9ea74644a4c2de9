"""Screens of the values that need confirmation."""

from typing import Any

from flask import flash, redirect, request, url_for

from addons.procedures.models.confirmation import Confirmation
from addons.procedures.models.procedure import Procedure
from app.addon import ModelView, PageView, SinergiError, db, route, service_of, view_of
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
        procedure_id = confirmation.procedure_id
        try:
            service.confirm(confirmation, request.form.get("value"))
        except SinergiError as refusal:
            db.session.rollback()
            return self._again(procedure_id, pk, refusal)
        flash(_l("Confirmed. Your name and the moment were noted."), "success")
        return redirect(url_for("procedures_procedure.show", pk=procedure_id))

    def _again(self, procedure_id: int, pk: int, refusal: SinergiError) -> Any:
        """The page of the procedure with what was typed and why it does not do, beside it."""
        view: Any = view_of(Procedure)
        record = view.load(procedure_id)
        refused = {"id": pk, "typed": request.form.get("value", ""), "message": refusal.message}
        return view.show_page(record, **{**view.show_values(record), "refused": refused}), refusal.status
