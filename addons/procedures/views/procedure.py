"""Screens of procedures."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from addons.procedures.models.confirmation import CONFIDENCES, Confirmation
from addons.procedures.models.procedure import IDENTITY, Procedure
from addons.procedures.services.confirmation import current_value
from addons.procedures.services.procedure import END
from addons.procedures.services.procedure_document import steps_of
from addons.procedures.services.procedure_print import procedure_pdf
from app.addon import ModelView, Print, current_access, db, seen
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
    prints = (Print("pdf", _l("PDF"), procedure_pdf),)

    def show_values(self, record: Procedure) -> dict[str, Any]:
        """The steps with everything that belongs to them, and what needs confirmation."""
        steps = steps_of(record)
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
            "current_values": {doubt.id: current_value(seen(doubt)) for doubt in doubts if doubt.state == "open"},
        }
