"""What an institution sets about its rooms: hours and the longest booking; without a choice anything goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.database.base import models
from app.database.session import db
from app.errors import Invalid
from app.records.service import service_of
from app.settings.administration import change_settings

pytestmark = pytest.mark.postgres

SEVEN = datetime(2030, 5, 6, 0, 0, tzinfo=UTC)
"""Seven in the morning in Kendal."""
HOUR = timedelta(hours=1)


@pytest.fixture
def book(app: Any) -> Callable[[int, int], Any]:
    """``book(7, 9)`` is a new booking of a room of Kendal between these hours."""

    def make(first: int, last: int) -> Any:
        room = db.session.scalar(select(models["rooms.Room"]).order_by(models["rooms.Room"].id))
        times = {"starts_at": SEVEN + (first - 7) * HOUR, "ends_at": SEVEN + (last - 7) * HOUR}
        return service_of(models["rooms.Booking"]).create({"room": room, "purpose": "Uji", **times})

    return make


def test_without_a_choice_a_room_is_booked_at_any_hour_and_for_any_time(acting: Any, book: Any) -> None:
    with acting("kendal.admin", "kendal"):
        assert book(3, 23 + 24).id


def test_hours_and_length_are_refused_at_their_field_and_what_stands_already_stays(acting: Any, book: Any) -> None:
    with acting("kendal.admin", "kendal"):
        early = book(3, 5)
        chosen = {"opens_at": time(8, 0), "closes_at": time(16, 0), "longest_booking": timedelta(hours=3)}
        change_settings(db.session(), "rooms", chosen)
        for (first, last), field in (((7, 9), "starts_at"), ((14, 17), "ends_at"), ((8, 12), "ends_at")):
            with pytest.raises(Invalid) as refusal:
                book(first, last)
            assert list(refusal.value.errors) == [field]
        assert book(8, 11).id
        assert book(13, 16).id
        service = service_of(models["rooms.Booking"])
        assert service.update(early, {"purpose": "Tetap"}).purpose == "Tetap"
        with pytest.raises(Invalid):
            service.update(early, {"starts_at": SEVEN - 3 * HOUR})


def test_another_institution_is_not_bound(acting: Any, book: Any) -> None:
    with acting("kendal.admin", "kendal"):
        change_settings(db.session(), "rooms", {"opens_at": time(8, 0)})
        db.session.commit()
    with acting("unair.admin", "unair"):
        assert book(3, 5).id
