"""Screens of units."""

from addons.organization.models.unit import Unit
from app.addon import ModelView, Related


class UnitView(ModelView):
    """Units with their parts and positions."""

    model = Unit
    resource = "unit"
    icon = "sitemap"
    sequence = 10
    list_columns = ("name", "code", "parent")
    form_columns = ("name", "code", "parent")
    search_columns = ("name", "code")
    filter_columns = ("parent",)
    order_columns = ("name", "code")
    default_order = "name"
    related = (Related("organization.Position", "unit"), Related("organization.Unit", "parent"))
