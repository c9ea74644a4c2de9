"""Rules of bookings: a slot that fits the room and is free, and a refusal that says who has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import selectinload

from addons.rooms.models.booking import Booking
from addons.rooms.models.room import Room
from app.addon import (
    Conflict,
    Invalid,
    RecordService,
    SinergiError,
    as_system,
    format_duration,
    format_moment,
    local,
    setting,
)
from app.addon import gettext as _
from app.addon import lazy_gettext as _l

CONSTRAINT = "booking_room_is_free"


@dataclass(frozen=True, slots=True)
class Slot:
    """What a booking wants, kept aside: a refused flush makes the record forget it."""

    room_id: int
    starts_at: datetime
    ends_at: datetime
    booking_id: int | None


class BookingService(RecordService):
    """Reserving rooms (SOP Kendal, steps 4 and 5)."""

    model = Booking
    _wanted: Slot | None = None

    def check(self, record: Booking) -> None:
        """A room in use, an end after the start, and no more people than fit in."""
        errors: dict[str, list[Any]] = {}
        if record.starts_at and record.ends_at and record.ends_at <= record.starts_at:
            errors["ends_at"] = [_l("The end must lie after the start.")]
        else:
            errors |= _outside_hours(record)
        if record.participants is not None and record.participants < 1:
            errors["participants"] = [_l("At least one participant is needed.")]
        elif trouble := _too_many(record):
            errors["participants"] = [trouble]
        if errors:
            raise Invalid(_l("The room cannot be booked like this."), errors)

    def before_create(self, record: Booking, extra: Mapping[str, Any]) -> None:
        """Queue for the room."""
        self._hold_room(record)

    def before_update(self, record: Booking) -> None:
        """Queue for the room again: it or the time may have changed. A cancelled booking stays as it was."""
        if record.state == "cancelled":
            raise Conflict(_l("This booking was cancelled and can no longer be changed."), code="state_changed")
        self._hold_room(record)

    def explain(self, constraint: str, record: Booking) -> SinergiError | None:
        """Say by whom, when and what for the room is taken."""
        if constraint != CONSTRAINT:
            return None
        wanted = self._wanted or _slot_of(record)
        rival = self._rival(wanted)
        sentence = _taken_by(rival) if rival is not None else _("The room is taken at this time.")
        return Conflict(sentence, {"starts_at": [sentence]}, code="room_taken")

    def _hold_room(self, record: Booking) -> None:
        # Bookings of one room wait for each other at the room's row. The constraint alone is safe too, but two inserts
        # that wait for one another under it end in a deadlock error instead of an answer.
        if record.room is None or record.starts_at is None or record.ends_at is None:
            return
        self._wanted = _slot_of(record)
        statement = select(Room.active).where(Room.id == record.room.id).with_for_update(key_share=True)
        with as_system(self.session, "bookings of one room queue at its row"):
            in_use = self.session.scalar(statement)
        if not in_use and inspect(record).attrs.room.history.has_changes():
            message = _l("This room is no longer in use.")
            raise Invalid(message, {"room": [message]})

    def _rival(self, wanted: Slot) -> Booking | None:
        statement = (
            select(Booking)
            .where(
                Booking.room_id == wanted.room_id,
                Booking.state.in_(("reserved", "used")),
                Booking.active,
                Booking.starts_at < wanted.ends_at,
                Booking.ends_at > wanted.starts_at,
                Booking.id != (wanted.booking_id or 0),
            )
            .options(selectinload(Booking.booked_by))
            .order_by(Booking.starts_at)
            .limit(1)
        )
        with as_system(self.session, "tell who has the room, although the person may not see that booking"):
            rival: Booking | None = self.session.scalar(statement)
        return rival


def _slot_of(record: Booking) -> Slot:
    return Slot(record.room.id, record.starts_at, record.ends_at, record.id)


def _outside_hours(record: Booking) -> dict[str, list[Any]]:
    """What the institution's settings say against the times of a booking that is new or moved."""
    history = inspect(record).attrs
    if not (record.starts_at and record.ends_at):
        return {}
    if not (history.starts_at.history.has_changes() or history.ends_at.history.has_changes()):
        return {}
    errors: dict[str, list[Any]] = {}
    opens, closes, longest = (setting(f"rooms.{key}") for key in ("opens_at", "closes_at", "longest_booking"))
    first, last = local(record.starts_at), local(record.ends_at)
    if longest is not None and last - first > longest:
        lasting = format_duration(longest.total_seconds())
        errors["ends_at"] = [_("A room is booked for at most %(duration)s at a time.", duration=lasting)]
    if opens is not None and first.time() < opens:
        errors["starts_at"] = [_("Rooms open at %(hour)s.", hour=opens.isoformat("minutes"))]
    if closes is not None and last.time() > closes:
        errors["ends_at"] = [_("Rooms close at %(hour)s.", hour=closes.isoformat("minutes"))]
    return errors


def _too_many(record: Booking) -> Any:
    capacity = record.room.capacity if record.room is not None else None
    if capacity is None or record.participants is None or record.participants <= capacity:
        return None
    return _l("%(room)s holds %(capacity)d people.", room=record.room.name, capacity=capacity)


def _taken_by(rival: Booking) -> str:
    words = {
        "starts": format_moment(rival.starts_at),
        "ends": format_moment(rival.ends_at),
        "person": rival.responsible or str(rival.booked_by or ""),
        "purpose": rival.purpose,
    }
    if not words["person"]:
        return _("The room is taken from %(starts)s to %(ends)s for %(purpose)s.", **words)
    return _("The room is taken from %(starts)s to %(ends)s by %(person)s for %(purpose)s.", **words)
