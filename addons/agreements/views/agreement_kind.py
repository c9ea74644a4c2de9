"""Screens of agreement kinds."""

from addons.agreements.models.agreement_kind import AgreementKind
from app.addon import ModelView, Related


class AgreementKindView(ModelView):
    """The kinds to choose from: the shared ones and the institution's own."""

    model = AgreementKind
    resource = "agreement_kind"
    icon = "tag"
    sequence = 30
    list_columns = ("code", "name")
    form_columns = ("code", "name")
    search_columns = ("code", "name")
    order_columns = ("code", "name")
    default_order = "code"
    related = (Related("agreements.Agreement", "kind"),)
