"""Screens of incoming letters."""

from typing import Any

from addons.correspondence.models.letter import Letter
from addons.correspondence.services.disposition_sheet import blank_sheet, sheets_of_letter
from app.addon import Calendar, Graph, ModelView, Pivot, Print, Related
from app.addon import lazy_gettext as _l


class LetterView(ModelView):
    """The agenda of incoming letters; the scan is attached when the letter is registered."""

    model = Letter
    resource = "letter"
    icon = "mail"
    sequence = 10
    empty_hint = _l("Register a letter that came in: it gets its agenda number, and a case can be opened with it.")
    list_columns = ("agenda_number", "received_on", "sender_name", "letter_number", "letter_date", "subject", "urgency")
    add_columns = (
        "received_on", "letter_number", "letter_date", "sender", "sender_name", "subject", "nature", "urgency",
        "channel", "enclosure", "note", "procedure", "case",
    )  # fmt: skip
    edit_columns = tuple(name for name in add_columns if name != "procedure")
    show_columns = ("agenda_number", *edit_columns, "request")
    search_columns = ("agenda_number", "letter_number", "sender_name", "subject")
    filter_columns = ("received_on", "nature", "urgency", "channel", "sender", "case")
    order_columns = ("received_on", "agenda_number")
    default_order = "-received_on"
    related = (Related("correspondence.Disposition", "letter"), Related("correspondence.OutgoingLetter", "reply_to"))
    attachments = True
    modes = (Calendar("received_on"), Graph("received_on"), Pivot("urgency", "received_on"))
    prints = (
        Print("sheets", _l("Disposition sheets"), sheets_of_letter, personal=("correspondence.Disposition",)),
        Print("blank_sheet", _l("Empty disposition sheet"), blank_sheet, icon="file-text"),
    )

    def told_saved(self, record: Letter) -> Any:
        """Also which case the letter opened or joined."""
        if record.case is None:
            return super().told_saved(record)
        return _l("Saved. The letter belongs to the case %(number)s.", number=record.case.number)

    def actions(self, record: Letter | None = None, *, in_list: bool = False) -> list[Any]:
        """A letter becomes a request once."""
        found = super().actions(record, in_list=in_list)
        is_request = record is not None and record.request_id is not None
        return [item for item in found if not (is_request and item.name == "make_request")]
