"""Screens of agreements."""

from addons.agreements.models.agreement import Agreement
from addons.agreements.services.agreement_print import agreement_docx, agreement_original, agreement_pdf
from app.addon import Board, Calendar, Graph, Lines, ModelView, Pivot, Print, Related
from app.addon import lazy_gettext as _l


def is_to_be_signed(agreement: Agreement) -> bool:
    """Whether the paper is still to be signed."""
    return agreement.state == "draft"


SIDES = ("agreements.AgreementParty",)
"""Whose personal data stand on the papers of an agreement."""

PAPERS = (
    Print("pdf", _l("PDF"), agreement_pdf, personal=SIDES),
    Print("docx", _l("DOCX"), agreement_docx, icon="file-text", personal=SIDES),
    Print(
        "original",
        _l("Original for signing"),
        agreement_original,
        icon="writing-sign",
        offered=is_to_be_signed,
        personal=SIDES,
    ),
)
"""What is printed of an agreement."""


FIELDSETS = (
    (_l("What is agreed"), ("title", "kind", "partner", "subject")),
    (_l("Numbers and dates"), ("number", "partner_number", "signing_place", "signed_on", "starts_on", "ends_on")),
    (_l("Signatories"), ("our_signatory", "our_position", "partner_signatory", "partner_position")),
    (_l("Course"), ("termination_reason", "ended_on", "reopen_reason", "case")),
)
PARTY_COLUMNS = ("role", "name", "signatory", "signatory_position")


class AgreementView(ModelView):
    """Agreements with their parties and files; the state moves by its steps only."""

    model = Agreement
    resource = "agreement"
    icon = "writing-sign"
    sequence = 10
    empty_hint = _l("Enter a draft with its partner and its dates: you are reminded before it ends.")
    list_columns = ("title", "kind", "partner", "number", "starts_on", "ends_on", "state")
    edit_columns = (
        "title", "kind", "partner", "number", "partner_number", "subject", "signing_place", "starts_on", "ends_on",
        "termination_reason", "case",
    )  # fmt: skip
    add_columns = (
        *edit_columns[:-2], "our_signatory", "our_position", "partner_signatory", "partner_position", "case",
    )  # fmt: skip
    show_columns = (*edit_columns[:-2], "signed_on", "termination_reason", "ended_on", "reopen_reason", "state", "case")
    search_columns = ("title", "number", "partner_number", "partner.name")
    filter_columns = ("state", "kind", "partner", "starts_on", "ends_on")
    order_columns = ("title", "number", "signed_on", "starts_on", "ends_on")
    default_order = "-signed_on"
    fieldsets = FIELDSETS
    lines = (Lines("parties", "agreements.AgreementParty", "agreement", PARTY_COLUMNS, in_add=False),)
    related = (Related("agreements.AgreementParty", "agreement"),)
    attachments = True
    modes = (Board(("partner", "ends_on")), Calendar("ends_on"), Graph("state"), Pivot("kind", "state"))
    prints = PAPERS

    def offers(self, operation: str, record: Agreement) -> bool:
        """What was signed stays in sight; whether a draft has a signed scan is asked when it is archived."""
        was_signed = record.state in ("signed", "active") or (record.state == "draft" and record.reopened_after)
        return super().offers(operation, record) and not (operation == "archive" and was_signed)
