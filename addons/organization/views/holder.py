"""Screens of position holders."""

from addons.organization.models.holder import Holder
from app.addon import ModelView
from app.addon import lazy_gettext as _l


class HolderView(ModelView):
    """Who holds a position when: definitive, Plt. or Plh."""

    model = Holder
    resource = "holder"
    icon = "id-badge"
    sequence = 30
    empty_hint = _l("Say who holds which position, and since when: tasks and letters find them by it.")
    list_columns = ("position", "user", "kind", "date_from", "date_to")
    form_columns = (*list_columns, "name_in_letters", "rank", "civil_servant_number")
    search_columns = ("position.title",)
    filter_columns = ("position", "kind", "date_from", "date_to")
    order_columns = ("date_from", "date_to")
    default_order = "-date_from"
