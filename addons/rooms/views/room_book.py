"""The room-use book: as page, PDF and XLSX."""

from addons.rooms.models.booking import Booking
from addons.rooms.services.room_book import room_book, rooms
from app.addon import BookFilter, BookPage
from app.addon import lazy_gettext as _l


class RoomBook(BookPage):
    """The agenda book of room use."""

    path = "book"
    model = Booking
    label = _l("Room-use book")
    make = room_book
    filters = (BookFilter("room", _l("Room"), rooms),)
