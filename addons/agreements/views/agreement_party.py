"""Screens of the parties of agreements."""

from addons.agreements.models.agreement_party import AgreementParty
from app.addon import ModelView


class AgreementPartyView(ModelView):
    """Parties are reached from their agreement."""

    model = AgreementParty
    resource = "agreement_party"
    icon = "users"
    sequence = 20
    list_columns = ("name", "role", "partner", "position", "agreement")
    form_columns = ("agreement", "role", "partner", "name", "position")
    search_columns = ("name", "position", "agreement.title")
    filter_columns = ("agreement", "role", "partner")
    order_columns = ("name",)
    default_order = "name"
    in_menu = False
