"""Screens of partners."""

from addons.partners.models.partner import Partner
from app.addon import ModelView, Related


class PartnerView(ModelView):
    """Partners with their contacts."""

    model = Partner
    resource = "partner"
    icon = "building-community"
    sequence = 10
    list_columns = ("name", "kind", "level", "city")
    form_columns = (
        "name", "kind", "level", "is_internal_unit", "address", "city", "region_code",
        "email", "phone", "website", "note",
    )  # fmt: skip
    search_columns = ("name", "city", "email")
    filter_columns = ("kind", "level", "is_internal_unit")
    order_columns = ("name", "city")
    default_order = "name"
    related = (Related("partners.Contact", "partner"),)
    attachments = True
    quick_edit = ("level", "city")
