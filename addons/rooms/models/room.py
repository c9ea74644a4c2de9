"""Rooms and places."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped

from app.addon import Record, check, column, unique_active
from app.addon import lazy_gettext as _l


class Room(Record):
    """A room or place that can be booked."""

    __title__ = _l("Room")
    __plural__ = _l("Rooms")
    __constraints__ = (unique_active("name"), check("capacity", "capacity > 0"))

    name: Mapped[str] = column(String(100), label=_l("Name"))
    building: Mapped[str | None] = column(String(100), label=_l("Building"))
    floor: Mapped[str | None] = column(String(20), label=_l("Floor"))
    capacity: Mapped[int | None] = column(
        label=_l("Capacity"), help=_l("How many people fit in. Left empty, any number is accepted.")
    )
    equipment: Mapped[str | None] = column(Text, label=_l("Equipment"), multiline=True)
    note: Mapped[str | None] = column(Text, label=_l("Note"), multiline=True)
