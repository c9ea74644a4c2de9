"""The room-use book (SOP Kendal, record 7); its columns are ours, for no official ones were found (formats 3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from addons.procedures.models.case import Case
from addons.procedures.models.joins_case import joining_models
from addons.rooms.models.booking import STATES, Booking
from addons.rooms.models.room import Room
from app.addon import (
    Book,
    BookRow,
    SheetColumn,
    as_system,
    current_access,
    current_scope,
    db,
    format_day,
    format_times,
    gettext,
    local,
    seen,
)


def room_book(first: date, last: date, room: str = "") -> Book:
    """The bookings that begin in the period, in all rooms or one. Cancelled and archived ones stay in, struck out."""
    zone = ZoneInfo(current_scope(db.session()).timezone)
    begins, ends = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, last + timedelta(days=1)))
    statement = select(Booking.id).where(Booking.starts_at >= begins, Booking.starts_at < ends)
    if room:
        statement = statement.where(Booking.room_id == int(room))
    entries = list(db.session.scalars(statement.order_by(Booking.starts_at, Booking.id)))
    title, note = gettext("Agenda book of room use"), rooms()[room] if room else ""
    return Book(title, _columns(), entries, _rows, first, last, note, numbered=True)


def rooms() -> dict[str, str]:
    """The rooms by which the book can be narrowed; a book of last year may be about one that is archived by now."""
    found = db.session.scalars(select(Room).order_by(Room.active.desc(), Room.name))
    return {
        str(room.id): room.name if room.active else gettext("%(room)s (archived)", room=room.name) for room in found
    }


def _columns() -> tuple[SheetColumn, ...]:
    return (
        SheetColumn(gettext("Day and date"), 24),
        SheetColumn(gettext("From–until"), 15),
        SheetColumn(gettext("Room or place"), 18),
        SheetColumn(gettext("Activity"), 25),
        SheetColumn(gettext("Applicant or organisation"), 23),
        SheetColumn(gettext("Number of letter"), 24),
        SheetColumn(gettext("Number of participants"), 11),
        SheetColumn(gettext("Person responsible"), 18),
        SheetColumn(gettext("Equipment needed"), 20),
        SheetColumn(gettext("Remarks"), 18),
    )


def _rows(ids: Sequence[int]) -> list[BookRow]:
    statement = select(Booking).where(Booking.id.in_(ids)).options(joinedload(Booking.room))
    bookings = {booking.id: booking for booking in db.session.scalars(statement)}
    references = case_references({booking.case_id for booking in bookings.values() if booking.case_id is not None})
    nameless = {
        booking.case_id for booking in bookings.values() if booking.case_id is not None and not booking.requester
    }
    partners = case_partners(nameless)
    return [_row(seen(bookings[pk]), references, partners) for pk in ids if pk in bookings]


def _row(booking: Booking, references: dict[int, str], partners: dict[int, str]) -> BookRow:
    marks = [] if booking.state == "reserved" else [str(STATES[booking.state])]
    if not booking.active:
        marks.append(gettext("Archived"))
    return BookRow(
        (
            _days(booking),
            format_times(booking.starts_at, booking.ends_at),
            str(booking.room),
            booking.purpose,
            booking.requester or (partners.get(booking.case_id) if booking.case_id else None),
            references.get(booking.case_id) if booking.case_id else None,
            booking.participants,
            booking.responsible,
            booking.equipment,
            "\n".join([*marks, *([booking.note] if booking.note else [])]),
        ),
        struck=booking.state == "cancelled" or not booking.active,
    )


def _days(booking: Booking) -> str:
    days = [local(booking.starts_at).date(), local(booking.ends_at).date()]
    return "\n– ".join(format_day(day) for day in dict.fromkeys(days))


def case_partners(case_ids: set[int]) -> dict[int, str]:
    """Case → the partner for whom it is: the applicant, where a booking names none."""
    if not case_ids:
        return {}
    statement = select(Case).where(Case.id.in_(case_ids), Case.partner_id.is_not(None))
    with as_system(db.session(), "the book names the partner of the case, whoever may read partners"):
        cases = db.session.scalars(statement.options(joinedload(Case.partner)))
        return {case.id: str(case.partner) for case in cases}


def case_references(case_ids: set[int]) -> dict[int, str]:
    """Case → the number by which its oldest paper is known outside: the first value of the column that models of
    papers name in ``__case_reference__``. One statement per such model, for all cases together.
    """
    found: dict[int, str] = {}
    enabled = current_access().enabled
    for key, model in joining_models().items():
        name = getattr(model, "__case_reference__", None)
        if name is None or key.split(".")[0] not in enabled or not case_ids:
            continue
        number = getattr(model, name)
        statement = select(model.case_id, number).where(model.case_id.in_(case_ids), number.is_not(None), model.active)
        with as_system(db.session(), "the book cites the letter that asked for the room, whoever may read letters"):
            for case_id, text in db.session.execute(statement.order_by(model.id)):
                found.setdefault(case_id, text)
    return found
