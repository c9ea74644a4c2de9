"""Screens of partners."""

from addons.partners.models.partner import Partner
from app.addon import Graph, Lines, ModelView, Pivot, Related, When
from app.addon import lazy_gettext as _l


class PartnerView(ModelView):
    """Partners with their contacts."""

    model, resource, icon, sequence = Partner, "partner", "building-community", 10
    empty_hint = _l("Enter an institution that you work with: agreements, letters and activities lead back to it.")
    list_columns = ("name", "kind", "level", "city")
    form_columns = (
        "name", "kind", "level", "is_internal_unit", "address", "city", "country", "region_code",
        "email", "phone", "website", "note",
    )  # fmt: skip
    search_columns = ("name", "city", "email")
    filter_columns = ("kind", "level", "is_internal_unit")
    order_columns = ("name", "city")
    default_order = "name"
    fieldsets = (
        (_l("Partner"), ("name", "kind", "level", "is_internal_unit")),
        (_l("Place and contact"), ("address", "city", "region_code", "email", "phone", "website")),
        (_l("Note"), ("note",)),
    )
    shown_when = {"region_code": When("level", ("local", "national"))}
    lines = (Lines("contacts", "partners.Contact", "partner", ("name", "position", "email", "phone")),)
    related = (Related("partners.Contact", "partner"),)
    attachments = True
    modes = (Graph("kind"), Pivot("kind", "level"))
    quick_edit = ("level", "city")
