"""Many hands at one room: whoever comes second is told by whom it was taken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select

from app.database.addresses import Addresses, libpq_address
from app.database.base import models
from app.database.session import db
from app.errors import Conflict
from app.records.service import service_of

pytestmark = pytest.mark.postgres

PEOPLE = ("kendal.staf", "kendal.subkoor", "kendal.kabid", "kendal.admin")
START = datetime(2030, 5, 6, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def room_id(application: Flask, acting: Any) -> int:
    """A room of Kendal."""
    with acting("kendal.admin", "kendal"):
        found: int = db.session.scalar(select(models["rooms.Room"].id).order_by(models["rooms.Room"].id))
    return found


class Office:
    """People who all book at the same moment."""

    def __init__(self, acting: Any, room_id: int) -> None:
        self.acting, self.room_id = acting, room_id

    def book(self, number: int, together: Barrier, start: datetime, end: datetime) -> str:
        """Book as person ``number``; answers ``booked`` or the refusal."""
        with self.acting(PEOPLE[number % len(PEOPLE)], "kendal"):
            room = db.session.get(models["rooms.Room"], self.room_id)
            together.wait()
            try:
                service_of(models["rooms.Booking"]).create(
                    {
                        "room": room,
                        "purpose": f"Purpose {number}",
                        "starts_at": start,
                        "ends_at": end,
                        "responsible": f"Person {number}",
                    }
                )
            except Conflict as refusal:
                return f"{refusal.code} {list(refusal.errors)} {refusal}"
            db.session.commit()
            return "booked"

    def rush(self, slots: list[tuple[datetime, datetime]]) -> list[str]:
        """One person per slot, all at once."""
        together = Barrier(len(slots))
        with ThreadPoolExecutor(len(slots)) as pool:
            waiting = [pool.submit(self.book, number, together, *slot) for number, slot in enumerate(slots)]
            return [future.result(timeout=30) for future in waiting]

    def stored(self) -> int:
        with self.acting("kendal.admin", "kendal"):
            booking = models["rooms.Booking"]
            count = select(func.count()).where(booking.room_id == self.room_id, booking.starts_at < START + 24 * HOUR)
            return int(db.session.scalar(count.where(booking.starts_at >= START - 24 * HOUR)) or 0)


@pytest.fixture
def office(acting: Any, room_id: int) -> Office:
    return Office(acting, room_id)


@pytest.mark.parametrize("hands", [2, 8])
def test_of_many_who_book_one_slot_one_wins_and_the_others_are_told_by_whom(office: Office, hands: int) -> None:
    answers = office.rush([(START, START + HOUR)] * hands)
    assert answers.count("booked") == 1
    winner = answers.index("booked")
    for answer in answers:
        if answer != "booked":
            assert answer.startswith("room_taken ['starts_at'] ")
            assert f"Person {winner}" in answer
            assert f"Purpose {winner}" in answer
    assert office.stored() == 1


def test_slots_that_overlap_by_a_minute_exclude_each_other(office: Office) -> None:
    minute = timedelta(minutes=1)
    answers = office.rush([(START, START + HOUR), (START + HOUR - minute, START + 2 * HOUR)])
    assert answers.count("booked") == 1


def test_slots_one_after_the_other_are_all_given(office: Office) -> None:
    slots = [(START + number * HOUR, START + (number + 1) * HOUR) for number in range(8)]
    assert office.rush(slots) == ["booked"] * 8


def test_a_crossing_chain_of_slots_ends_without_a_deadlock(office: Office) -> None:
    slots = [(START + number * HOUR / 2, START + number * HOUR / 2 + HOUR) for number in range(8)]
    answers = office.rush(slots)
    won = [number for number, answer in enumerate(answers) if answer == "booked"]
    assert all(later - earlier >= 2 for earlier, later in pairwise(won))
    assert 3 <= len(won) <= 4, "whoever does not overlap a winner has won"


def test_a_cancelled_booking_leaves_the_room_free(office: Office, acting: Any) -> None:
    assert office.rush([(START, START + HOUR)]) == ["booked"]
    with acting("kendal.admin", "kendal"):
        booking = models["rooms.Booking"]
        record = db.session.scalar(select(booking).where(booking.starts_at == START))
        service_of(booking).transition(record, "cancel")
        db.session.commit()
    assert office.rush([(START, START + HOUR)]) == ["booked"]


def test_moving_a_booking_onto_another_is_refused_too(office: Office, acting: Any) -> None:
    assert office.rush([(START, START + HOUR), (START + 2 * HOUR, START + 3 * HOUR)]) == ["booked"] * 2
    booking = models["rooms.Booking"]
    with acting("kendal.admin", "kendal"):
        later = db.session.scalar(select(booking).where(booking.starts_at == START + 2 * HOUR))
        with pytest.raises(Conflict) as refusal:
            service_of(booking).update(later, {"starts_at": START + HOUR / 2, "ends_at": START + HOUR})
        assert "Person 0" in str(refusal.value)
        db.session.commit()
        db.session.refresh(later)
        assert later.starts_at == START + 2 * HOUR


@pytest.mark.parametrize("hands", [2, 8])
def test_without_the_constraint_the_room_would_be_given_away_twice(
    office: Office, addresses: Addresses, hands: int
) -> None:
    """The negative control: the same rush with nothing but the checks of the service."""
    with psycopg.connect(libpq_address(addresses.owner), autocommit=True) as owner:
        owner.execute("ALTER TABLE rooms_booking DROP CONSTRAINT booking_room_is_free")
    assert office.rush([(START, START + HOUR)] * hands) == ["booked"] * hands
    assert office.stored() == hands
