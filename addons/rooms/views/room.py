"""Screens of rooms."""

from addons.rooms.models.room import Room
from app.addon import ModelView, Related


class RoomView(ModelView):
    """The rooms of the institution."""

    model = Room
    resource = "room"
    icon = "door"
    sequence = 20
    list_columns = ("name", "building", "floor", "capacity")
    form_columns = ("name", "building", "floor", "capacity", "equipment", "note")
    search_columns = ("name", "building")
    filter_columns = ("building",)
    order_columns = ("name", "building", "capacity")
    default_order = "name"
    related = (Related("rooms.Booking", "room"),)
