"""Screens of agreements."""

from addons.agreements.models.agreement import Agreement
from app.addon import ModelView, Related


class AgreementView(ModelView):
    """Agreements with their parties and files; the state moves by its steps only."""

    model = Agreement
    resource = "agreement"
    icon = "writing-sign"
    sequence = 10
    list_columns = ("title", "kind", "partner", "number", "starts_on", "ends_on", "state")
    add_columns = (
        "title", "kind", "partner", "number", "partner_number", "subject", "signed_on", "starts_on", "ends_on",
        "our_signatory", "partner_signatory", "case",
    )  # fmt: skip
    edit_columns = (*add_columns[:-1], "termination_reason", "case")
    show_columns = (*add_columns[:-1], "termination_reason", "ended_on", "state", "case")
    search_columns = ("title", "number", "partner_number", "partner.name")
    filter_columns = ("state", "kind", "partner", "starts_on", "ends_on")
    order_columns = ("title", "number", "signed_on", "starts_on", "ends_on")
    default_order = "-signed_on"
    related = (Related("agreements.AgreementParty", "agreement"),)
    attachments = True
