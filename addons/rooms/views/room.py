"""Screens of rooms."""

from addons.rooms.models.room import Room
from app.addon import ModelView, Related
from app.addon import lazy_gettext as _l


class RoomView(ModelView):
    """The rooms of the institution."""

    model = Room
    resource = "room"
    icon = "door"
    sequence = 20
    empty_hint = _l("Enter the rooms that may be used; then they can be booked.")
    list_columns = ("name", "building", "floor", "capacity")
    form_columns = ("name", "building", "floor", "capacity", "equipment", "note")
    search_columns = ("name", "building")
    filter_columns = ("building",)
    order_columns = ("name", "building", "capacity")
    default_order = "name"
    related = (Related("rooms.Booking", "room"),)
