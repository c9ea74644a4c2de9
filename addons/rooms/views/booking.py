"""Screens of room bookings."""

from addons.rooms.models.booking import Booking
from app.addon import Board, Calendar, Graph, ModelView, Pivot
from app.addon import lazy_gettext as _l


class BookingView(ModelView):
    """The bookings of rooms."""

    model = Booking
    resource = "booking"
    icon = "calendar-event"
    sequence = 10
    empty_hint = _l("Reserve a room for a time: two bookings never meet.")
    list_columns = ("starts_at", "ends_at", "room", "purpose", "participants", "responsible", "state")
    form_columns = (
        "room", "purpose", "starts_at", "ends_at", "requester", "participants", "responsible", "equipment", "note",
        "case",
    )  # fmt: skip
    search_columns = ("purpose", "requester", "responsible", "room.name")
    filter_columns = ("room", "starts_at", "state", "case")
    order_columns = ("starts_at", "ends_at")
    default_order = "-starts_at"
    modes = (
        Board(("room", "starts_at")), Calendar("starts_at", "ends_at"), Graph("room", "participants"),
        Pivot("room", "state", "participants"),
    )  # fmt: skip
