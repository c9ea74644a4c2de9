"""Business time: one source, which tests can hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from app import clock

MOMENT = datetime(2026, 3, 9, 17, 30, tzinfo=UTC)


def test_the_clock_runs_in_utc() -> None:
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().utcoffset() == timedelta(0)


def test_a_frozen_clock_stands_still_and_runs_on_afterwards() -> None:
    with clock.frozen(MOMENT):
        assert clock.now() == clock.now() == MOMENT
        with clock.frozen(MOMENT + timedelta(days=1)):
            assert clock.now() == MOMENT + timedelta(days=1)
        assert clock.now() == MOMENT
    assert clock.now() > MOMENT


def test_a_frozen_clock_runs_on_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), clock.frozen(MOMENT):
        raise ZeroDivisionError
    assert clock.now() != MOMENT


def test_a_moment_of_another_zone_is_held_in_utc() -> None:
    with clock.frozen(MOMENT.astimezone(timezone(timedelta(hours=7)))):
        assert clock.now() == MOMENT
        assert clock.now().utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"), clock.frozen(datetime(2026, 1, 1)):  # noqa: DTZ001  # the subject
        pass


def test_the_date_depends_on_the_zone() -> None:
    with clock.frozen(MOMENT):
        assert clock.today("UTC") == date(2026, 3, 9)
        assert clock.today("Asia/Jakarta") == date(2026, 3, 10)
        assert clock.today("America/New_York") == date(2026, 3, 9)
