"""Screens of an institution's own holidays."""

from addons.organization.models.holiday import Holiday
from app.addon import ModelView


class HolidayView(ModelView):
    """Days off beside the national ones, and national ones that are worked."""

    model = Holiday
    resource = "holiday"
    icon = "calendar-off"
    sequence = 70
    list_columns = ("day", "title", "kind", "decree")
    form_columns = list_columns
    search_columns = ("title", "decree")
    filter_columns = ("kind", "day")
    order_columns = ("day", "title")
    default_order = "-day"
