"""Screens of the parties of agreements."""

from typing import Any

from addons.agreements.models.agreement_party import AgreementParty
from app.addon import ModelView, When
from app.addon import lazy_gettext as _l


class AgreementPartyView(ModelView):
    """Parties are reached from their agreement."""

    model = AgreementParty
    resource = "agreement_party"
    icon = "users"
    sequence = 20
    list_columns = ("name", "role", "signatory", "responsible", "agreement")
    form_columns = (
        "agreement", "role", "partner", "name", "address", "signatory", "signatory_position", "signatory_nip",
        "authority", "responsible", "responsible_position", "responsible_contact",
    )  # fmt: skip
    show_columns = (*form_columns[:4], "number", *form_columns[4:])
    search_columns = ("name", "signatory", "responsible", "agreement.title")
    filter_columns = ("agreement", "role", "partner")
    order_columns = ("name",)
    default_order = "name"
    fieldsets = (
        (_l("Side"), ("agreement", "role", "partner", "name", "number", "address")),
        (_l("Signature"), ("signatory", "signatory_position", "signatory_nip", "authority")),
        (_l("Responsible"), ("responsible", "responsible_position", "responsible_contact")),
    )
    shown_when = {"partner": When("role", ("partner", "third"))}
    eager = ("agreement",)
    in_menu = False

    def takes(self, parent: Any) -> bool:
        """Parties come to drafts only."""
        return super().takes(parent) and getattr(parent, "state", None) == "draft"
