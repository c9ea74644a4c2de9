"""Rules of rooms."""

from __future__ import annotations

from typing import Any

from addons.rooms.models.room import Room
from app.addon import Conflict, Invalid, RecordService, SinergiError
from app.addon import lazy_gettext as _l


class RoomService(RecordService):
    """Rooms are told apart by their names and hold somebody."""

    model = Room

    def check(self, record: Room) -> None:
        """Refuse a room for nobody."""
        if record.capacity is not None and record.capacity < 1:
            message = _l("A room holds at least one person; leave the field empty when the number is unknown.")
            raise Invalid(message, {"capacity": [message]})

    def explain(self, constraint: str, record: Any) -> SinergiError | None:
        """The name is taken by another room in use."""
        if constraint != "uq_rooms_room_name_active":
            return None
        message = _l("There is already a room with this name.")
        return Conflict(message, {"name": [message]}, code="duplicate")
