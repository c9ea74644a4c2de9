"""Screens of partner kinds."""

from addons.partners.models.partner_kind import PartnerKind
from app.addon import ModelView, Related


class PartnerKindView(ModelView):
    """The kinds to choose from: the shared ones and the institution's own."""

    model = PartnerKind
    resource = "partner_kind"
    icon = "tag"
    sequence = 30
    list_columns = ("name",)
    form_columns = ("name",)
    search_columns = ("name",)
    order_columns = ("name",)
    default_order = "name"
    related = (Related("partners.Partner", "kind"),)
