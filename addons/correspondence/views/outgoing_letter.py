"""Screens of outgoing letters."""

from addons.correspondence.models.outgoing_letter import OutgoingLetter
from addons.correspondence.services.outgoing_print import letter_docx, letter_pdf
from app.addon import Board, Calendar, Graph, ModelView, Pivot, Print
from app.addon import lazy_gettext as _l


class OutgoingLetterView(ModelView):
    """Letters from the draft to the receipt; the signed scan is attached."""

    model = OutgoingLetter
    resource = "outgoing_letter"
    icon = "mail-opened"
    sequence = 15
    empty_hint = _l("Write the answer to a letter here: it is numbered when it is approved.")
    list_columns = ("subject", "number", "letter_date", "addressee_name", "signing_position", "state")
    add_columns = (
        "reply_to", "addressee", "addressee_name", "addressee_address", "subject", "nature", "urgency", "enclosure",
        "body", "signing_position", "on_behalf_of", "copies", "class_code", "place", "letter_date", "case",
    )  # fmt: skip
    edit_columns = (*add_columns, "receipt")
    show_columns = (
        "number", "agenda_number", "return_note", *add_columns, "signatory_lines", "signatory_kind", "signatory_name",
        "signatory_rank", "signatory_nip", "sent_on", "channel", "receipt",
    )  # fmt: skip
    search_columns = ("number", "agenda_number", "subject", "addressee_name")
    filter_columns = ("state", "letter_date", "sent_on", "addressee", "signing_position", "case")
    order_columns = ("letter_date", "number", "subject")
    attachments = True
    modes = (Board(("addressee_name", "letter_date")), Calendar("letter_date"),
             Graph("state"), Pivot("state", "letter_date"))  # fmt: skip
    prints = (Print("pdf", _l("PDF"), letter_pdf), Print("docx", _l("DOCX"), letter_docx, icon="file-text"))
