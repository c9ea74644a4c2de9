"""Bookings: the room-use book (SOP Kendal, warning 2 and record 7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime, String, Text
from sqlalchemy.orm import Mapped, object_session, relationship

from addons.procedures.models.joins_case import JoinsCase
from addons.rooms.models.room import Room
from app.addon import Conflict, Record, Transition, check, clock, column, current_scope, index, no_overlap, reference
from app.addon import lazy_gettext as _l

STATES = {
    "reserved": _l("Reserved"),
    "used": _l("Used"),
    "cancelled": _l("Cancelled"),
}


def require_started(booking: Booking) -> None:
    """The room-use book tells what happened, so a room is not marked as used before its day has come."""
    zone = current_scope(object_session(booking)).timezone
    if booking.starts_at.astimezone(ZoneInfo(zone)).date() > clock.today(zone):
        raise Conflict(_l("The day of this booking has not come yet."), code="too_early")


class Booking(JoinsCase, Record):
    """A room held for a purpose from one moment up to, not including, another."""

    __title__ = _l("Room booking")
    __plural__ = _l("Room bookings")
    __display__ = "purpose"
    __void_states__ = ("cancelled",)
    __constraints__ = (
        index("starts_at"),
        check("times", "ends_at > starts_at"),
        check("participants", "participants > 0"),
        no_overlap(
            "booking_room_is_free",
            equal="room_id",
            starts="starts_at",
            ends="ends_at",
            where="state IN ('reserved','used') AND active",
        ),
    )
    __transitions__ = (
        Transition("mark_used", _l("Mark as used"), ("reserved",), "used", guard=require_started),
        Transition(
            "cancel",
            _l("Cancel booking"),
            ("reserved",),
            "cancelled",
            confirm=_l("Cancel this booking? The room becomes free for others."),
            primary=False,
        ),
    )

    room_id: Mapped[int] = reference("rooms_room.id", label=_l("Room"))
    purpose: Mapped[str] = column(String(200), label=_l("Purpose"))
    starts_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Starts at"))
    ends_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Ends at"))
    requester: Mapped[str | None] = column(
        String(200), label=_l("Applicant or organisation"), help=_l("Who asked for the room."), personal="name"
    )
    participants: Mapped[int | None] = column(label=_l("Participants"))
    responsible: Mapped[str | None] = column(
        String(200), label=_l("Person responsible"), help=_l("Whom others may ask about this booking."), personal="name"
    )
    equipment: Mapped[str | None] = column(
        Text,
        label=_l("Equipment needed"),
        multiline=True,
        help=_l("What is to stand ready, such as chairs and a projector."),
    )
    note: Mapped[str | None] = column(Text, label=_l("Note"), multiline=True)
    state: Mapped[str] = column(
        String(20), label=_l("State"), choices=STATES, default="reserved", server_default="reserved"
    )

    room: Mapped[Room] = relationship()
    booked_by: Mapped[Any] = relationship("User", foreign_keys="Booking.created_by_id", viewonly=True)

    @property
    def __steps_after_case__(self) -> tuple[str, ...]:
        """The room-use book is kept to its end, and a room that waits in vain is given back."""
        return ("mark_used",) if self.starts_at <= clock.now() else ("mark_used", "cancel")
