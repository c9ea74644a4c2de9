"""Screens of dispositions."""

from typing import Any

from addons.correspondence.models.disposition import INSTRUCTIONS, STATES, Disposition
from addons.correspondence.services.disposition import may_step, tree_of
from addons.correspondence.services.disposition_sheet import sheet_of_disposition
from app.addon import Calendar, Graph, ModelView, Pivot, Print, Related, Transition, record_panel
from app.addon import lazy_gettext as _l


class DispositionView(ModelView):
    """Dispositions given and received."""

    model = Disposition
    resource = "disposition"
    icon = "mail-forward"
    sequence = 20
    empty_hint = _l("A disposition is given on the page of an incoming letter, or here.")
    list_columns = (
        "number", "disposed_on", "letter", "from_position", "to_position", "also_to", "instruction", "due_on", "state",
    )  # fmt: skip
    form_columns = (
        "letter", "parent", "from_position", "to_position", "also_to", "instruction", "note", "due_on", "case",
    )  # fmt: skip
    show_columns = ("number", "disposed_on", *form_columns, "received_at", "finished_at")
    search_columns = ("number", "letter.subject", "note")
    filter_columns = ("state", "to_position", "from_position", "letter", "disposed_on", "due_on")
    order_columns = ("disposed_on", "number", "due_on")
    default_order = "-disposed_on"
    modes = (Calendar("due_on"), Graph("to_position"), Pivot("to_position", "state"))
    related = (Related("correspondence.Disposition", "parent"),)
    prints = (Print("sheet", _l("Disposition sheet"), sheet_of_disposition),)

    def prefill(self, form: Any) -> dict[str, Any]:
        """Who passes a disposition on means its letter and its case."""
        parent = form["parent"].data if "parent" in form else None
        return {"letter": parent.letter, "case": parent.case} if parent is not None else {}

    def transitions(self, record: Disposition) -> list[Transition]:
        """Only what this person can do with it now: receiving is for those who have not yet received."""
        return [step for step in super().transitions(record) if may_step(record, step)]

    def offers(self, operation: str, record: Disposition) -> bool:
        """What somebody received stays; only a case may still be set."""
        unread = record.state == "unread" or (record.state == "withdrawn" and operation == "archive")
        return super().offers(operation, record) and (unread or (operation == "write" and record.case_id is None))


@record_panel("correspondence.Disposition", "tree", _l("Who received it"))
def tree_panel(record: Disposition) -> tuple[str, dict[str, Any]]:
    """The disposition with everything it forwards and was forwarded to."""
    return "correspondence/disposition_tree.html", {
        "tree": tree_of(record),
        "instructions": INSTRUCTIONS,
        "states": STATES,
    }
