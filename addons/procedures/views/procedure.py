"""Screens of procedures."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from addons.procedures.models.confirmation import CONFIDENCES, Confirmation
from addons.procedures.models.procedure import IDENTITY, IDENTITY_TABLES, STATES, Procedure
from addons.procedures.services.confirmation import OVER, current_value
from addons.procedures.services.gate import gate_words
from addons.procedures.services.procedure import END
from addons.procedures.services.procedure_chart import chart_of
from addons.procedures.services.procedure_document import document_of, steps_of
from addons.procedures.services.procedure_export import EXPORTS
from addons.procedures.services.procedure_heading import missing_rows
from addons.procedures.services.procedure_print import procedure_pdf
from addons.procedures.services.procedure_sheet import procedure_xlsx
from addons.procedures.services.procedure_version import versions_of
from addons.procedures.services.way import way_words
from app.addon import ModelView, Print, current_access, db, seen
from app.addon import gettext as _
from app.addon import lazy_gettext as _l

BEFORE_FORCE = ("draft", "approved", "scheduled")
"""States of versions that are still to come into force."""


class ProcedureView(ModelView):
    """A procedure is read here as the official form lays it out; it is written in the editor."""

    model = Procedure
    icon = "route"
    sequence = 30
    list_columns = ("title", "code", "edition", "kind", "state")
    form_columns = ("title",)
    show_columns = ("code", "edition", "kind")
    search_columns = ("title", "code")
    filter_columns = ("state", "kind")
    order_columns = ("title", "code", "edition")
    default_order = "title"
    may_add = False
    may_edit = False
    show_template = "procedures/procedure.html"
    prints = (Print("pdf", _l("PDF"), procedure_pdf), Print("xlsx", _l("XLSX"), procedure_xlsx))

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
            "versions": versions_of(db.session(), record.code),
            "states": STATES,
            "may_draft": current_access().may(Procedure, "create"),
            "chart": chart_of(document_of(record, steps=steps)),
            "exports": EXPORTS,
            "lacking": missing_rows(record) if record.state in BEFORE_FORCE else [],
            "steps": steps,
            "identity": IDENTITY,
            "identity_tables": IDENTITY_TABLES,
            "executors": record.executors,
            "names": {item.key: item.name for item in record.executors} | {END: _("end of the case")},
            "doubts": doubts,
            "open_doubts": {(doubt.step_id, doubt.field) for doubt in doubts if doubt.state == "open"},
            "way_words": way_words,
            "gate_words": gate_words,
            "refused": None,
            "may_confirm": record.state not in OVER and current_access().may(Confirmation, "confirm"),
            "confidences": CONFIDENCES,
            "current_values": {doubt.id: current_value(seen(doubt)) for doubt in doubts if doubt.state == "open"},
        }
