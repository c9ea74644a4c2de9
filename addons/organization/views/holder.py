"""Screens of position holders."""

from addons.organization.models.holder import Holder
from app.addon import ModelView


class HolderView(ModelView):
    """Who holds a position when: definitive, Plt. or Plh."""

    model = Holder
    resource = "holder"
    icon = "id-badge"
    sequence = 30
    list_columns = ("position", "user", "kind", "date_from", "date_to")
    form_columns = (*list_columns, "name_in_letters", "rank", "civil_servant_number")
    search_columns = ("position.title",)
    filter_columns = ("position", "kind", "date_from", "date_to")
    order_columns = ("date_from", "date_to")
    default_order = "-date_from"
