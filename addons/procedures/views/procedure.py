"""Screens of procedures and of the values that need confirmation."""

from typing import Any

from flask import flash, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from addons.procedures.models.confirmation import CONFIDENCES, Confirmation
from addons.procedures.models.optional_step import OptionalStep
from addons.procedures.models.procedure import IDENTITY, Procedure
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.step_branch import StepBranch
from addons.procedures.services.procedure import END, current_value
from app.addon import ModelView, PageView, SinergiError, current_access, db, route, service_of
from app.addon import gettext as _
from app.addon import lazy_gettext as _l


class ProcedureView(ModelView):
    """A procedure is read here as the official form lays it out; it is written by data files for now."""

    model = Procedure
    icon = "route"
    sequence = 30
    list_columns = ("title", "code", "edition", "kind", "state")
    form_columns = ("title",)
    show_columns = ("code", "edition", "kind")
    search_columns = ("title", "code")
    filter_columns = ("state",)
    order_columns = ("title", "code")
    default_order = "title"
    may_add = False
    may_edit = False
    show_template = "procedures/procedure.html"

    def show_values(self, record: Procedure) -> dict[str, Any]:
        """The steps with everything that belongs to them, and what needs confirmation."""
        steps = db.session.scalars(
            select(ProcedureStep)
            .where(ProcedureStep.procedure_id == record.id)
            .order_by(ProcedureStep.place)
            .options(
                selectinload(ProcedureStep.papers),
                selectinload(ProcedureStep.outputs),
                selectinload(ProcedureStep.executor),
                selectinload(ProcedureStep.branches).joinedload(StepBranch.next_step),
                selectinload(ProcedureStep.branches)
                .selectinload(StepBranch.optional_steps)
                .joinedload(OptionalStep.step),
            )
        ).all()
        doubts = list(
            db.session.scalars(
                select(Confirmation)
                .where(Confirmation.procedure_id == record.id)
                .order_by(Confirmation.id)
                .options(selectinload(Confirmation.step), selectinload(Confirmation.confirmed_by))
            )
        )
        return {
            "steps": steps,
            "identity": IDENTITY,
            "executors": record.executors,
            "names": {item.key: item.name for item in record.executors} | {END: _("end of the case")},
            "doubts": doubts,
            "open_doubts": {(doubt.step_id, doubt.field) for doubt in doubts if doubt.state == "open"},
            "may_confirm": current_access().may(Confirmation, "confirm"),
            "confidences": CONFIDENCES,
            "current_values": {doubt.id: current_value(doubt) for doubt in doubts if doubt.state == "open"},
        }


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
            service.confirm(confirmation, request.form.get("value", "")[:2000])
            flash(_l("Confirmed. Your name and the moment were noted."), "success")
        except SinergiError as refusal:
            db.session.rollback()
            flash(refusal.message, "danger")
        return redirect(target)
