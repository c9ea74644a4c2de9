"""Screens of letterheads."""

from addons.organization.models.letterhead import Letterhead
from app.addon import ModelView


class LetterheadView(ModelView):
    """What stands on top of printed papers."""

    model = Letterhead
    resource = "letterhead"
    icon = "file-text"
    sequence = 50
    list_columns = ("name", "unit", "place")
    form_columns = ("unit", "authority", "name", "address", "contact", "place")
    search_columns = ("name", "unit.name")
    filter_columns = ("unit",)
    order_columns = ("name",)
    default_order = "name"
