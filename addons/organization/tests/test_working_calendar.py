"""Office hours: how they are written, and how seconds are counted in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addons.organization.services.national_holiday import national_holidays
from addons.organization.services.office_hours import parse_hours, write_hours
from addons.organization.services.working_calendar import (
    CALENDAR_DAYS,
    OFFICE_HOURS,
    ROUND_THE_CLOCK,
    WORKING_DAYS,
    WeekHours,
    WorkingCalendar,
    working_calendar,
)
from app.database.base import models
from app.database.session import db
from app.errors import Conflict, Invalid
from app.records.service import service_of

WIB = ZoneInfo("Asia/Jakarta")
HOUR = 3600
LONG, FRIDAY = parse_hours("07.30-12.00, 13.00-16.00"), parse_hours("07.30-11.30, 13.00-16.30")
REGULAR = WeekHours(False, date(2023, 7, 1), None, (LONG, LONG, LONG, LONG, FRIDAY, (), ()))
SHORT = parse_hours("08.00-12.00, 12.30-15.00")
RAMADAN = WeekHours(True, date(2026, 2, 19), date(2026, 3, 19), (SHORT, SHORT, SHORT, SHORT, SHORT, (), ()))
OFFICE = WorkingCalendar("Asia/Jakarta", (RAMADAN, REGULAR), {date(2026, 11, 25): False, date(2026, 12, 24): True})
"""An office of Kendal: an own day off on 25 November 2026, and joint leave on 24 December that is worked."""


def wib(day: str, clock_time: str = "00:00") -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock_time), WIB)


moments = st.datetimes(datetime(2025, 11, 1), datetime(2027, 2, 1), timezones=st.just(UTC))  # noqa: DTZ001  # the bounds are naive by hypothesis' rule
modes = st.sampled_from([OFFICE_HOURS, WORKING_DAYS, CALENDAR_DAYS, ROUND_THE_CLOCK])


@settings(deadline=None)
@given(moments, moments, moments, modes)
def test_the_parts_of_a_time_add_up_to_the_whole(a: datetime, b: datetime, c: datetime, mode: str) -> None:
    a, b, c = sorted((a, b, c))
    assert OFFICE.seconds(a, c, mode) == OFFICE.seconds(a, b, mode) + OFFICE.seconds(b, c, mode)


@settings(deadline=None)
@given(moments, moments, modes)
def test_no_time_is_negative_and_none_is_longer_than_the_wall_clock(a: datetime, b: datetime, mode: str) -> None:
    wall = max(0, int(b.timestamp() // 1) - int(a.timestamp() // 1))
    assert 0 <= OFFICE.seconds(a, b, OFFICE_HOURS) <= OFFICE.seconds(a, b, WORKING_DAYS) <= wall
    assert OFFICE.seconds(a, b, ROUND_THE_CLOCK) == wall


@settings(deadline=None)
@given(moments, moments, modes, st.sampled_from(["Asia/Jayapura", "America/New_York", "Pacific/Kiritimati"]))
def test_a_time_does_not_depend_on_the_zone_it_is_asked_in(a: datetime, b: datetime, mode: str, zone: str) -> None:
    elsewhere = ZoneInfo(zone)
    assert OFFICE.seconds(a, b, mode) == OFFICE.seconds(a.astimezone(elsewhere), b.astimezone(elsewhere), mode)


@settings(deadline=None)
@given(moments)
def test_a_holiday_counts_nothing(moment: datetime) -> None:
    day = moment.astimezone(WIB).date()
    begin = datetime.combine(day, time.min, WIB)
    counted = OFFICE.seconds(begin, begin + timedelta(days=1))
    if OFFICE.is_day_off(day) or day.weekday() >= 5:
        assert counted == 0
    else:
        assert counted > 0


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(0, 400 * HOUR), modes)
def test_a_deadline_is_the_moment_when_so_much_has_passed(begin: datetime, seconds: int, mode: str) -> None:
    due = OFFICE.add(begin, seconds, mode)
    assert due is not None
    counted = OFFICE.seconds(begin, due, mode)
    assert counted == seconds if mode != CALENDAR_DAYS else seconds <= counted <= seconds + 24 * HOUR


def test_a_limit_in_calendar_days_lasts_to_the_end_of_its_last_day() -> None:
    friday = wib("2026-11-27", "15:30")
    assert OFFICE.add(friday, 24 * HOUR, CALENDAR_DAYS) == wib("2026-11-29")
    assert OFFICE.add(friday, 24 * HOUR, ROUND_THE_CLOCK) == wib("2026-11-28", "15:30")
    assert OFFICE.add(friday, 24 * HOUR, WORKING_DAYS) == wib("2026-11-30", "15:30")


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        (wib("2026-11-23", "07:30"), wib("2026-11-23", "16:00"), 7.5),  # a Monday with its hour of rest
        (wib("2026-11-27", "00:00"), wib("2026-11-28", "00:00"), 7.5),  # Friday: an hour and a half of rest
        (wib("2026-11-23"), wib("2026-11-30"), 30),  # a week with one own day off
        (wib("2026-11-23", "12:10"), wib("2026-11-23", "12:50"), 0),  # at lunch
        (wib("2026-11-27", "16:00"), wib("2026-11-30", "08:00"), 1),  # over a weekend
        (wib("2026-12-31", "15:30"), wib("2027-01-04", "08:00"), 1),  # over New Year, a Friday
        (wib("2026-03-16"), wib("2026-03-17"), 6.5),  # in Ramadan
        (wib("2026-03-18"), wib("2026-03-25"), 0),  # Nyepi, Lebaran and their joint leave
        (wib("2026-12-24"), wib("2026-12-26"), 7.5),  # joint leave that is worked, then Christmas
    ],
)
def test_office_hours_of_days_that_matter(begin: datetime, end: datetime, hours: float) -> None:
    assert OFFICE.seconds(begin, end) == hours * HOUR


def test_what_arrives_after_hours_begins_at_the_next_opening() -> None:
    assert OFFICE.add(wib("2026-11-27", "21:05"), 15 * 60) == wib("2026-11-30", "07:45")
    assert OFFICE.add(wib("2026-11-23", "11:50"), 15 * 60) == wib("2026-11-23", "13:05")


def test_without_office_hours_every_second_counts() -> None:
    nowhere = WorkingCalendar("Asia/Jakarta", (), {})
    assert nowhere.seconds(wib("2026-11-28"), wib("2026-11-29")) == 24 * HOUR


def test_an_office_that_never_opens_again_has_no_deadline() -> None:
    closed = WorkingCalendar("Asia/Jakarta", (WeekHours(False, date(2020, 1, 1), date(2020, 12, 31), (LONG,) * 7),), {})
    assert closed.add(wib("2026-11-23"), 60) is None
    assert closed.seconds(wib("2026-11-23"), wib("2026-11-24")) == 0


@pytest.mark.parametrize(
    "words", ["07.30-12.00, 13.00-16.00", "07:30–12:00;13:00 – 16:00", "13.00-16.00,07.30 s.d. 12.00"]
)
def test_hours_are_read_as_people_write_them(words: str) -> None:
    assert write_hours(parse_hours(words)) == "07.30-12.00, 13.00-16.00"


@pytest.mark.parametrize(
    "words", ["pagi", "7-12", "25.00-26.00", "12.00-07.30", "07.30-12.00, 11.00-13.00", "08.00-08.00"]
)
def test_hours_that_are_none_are_refused_with_a_sentence(words: str) -> None:
    with pytest.raises(Invalid):
        parse_hours(words)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_hours(words: str) -> None:
    try:
        hours = parse_hours(words)
    except Invalid:
        return
    assert parse_hours(write_hours(hours)) == hours


def test_the_national_list_knows_joint_leave_and_indonesian_names() -> None:
    days = national_holidays(2026)
    assert days[date(2026, 8, 17)].title == "Hari Kemerdekaan Republik Indonesia"
    assert days[date(2026, 8, 17)].kind == "public"
    assert days[date(2026, 12, 24)].kind == "joint_leave"
    assert national_holidays(1) == {}


@pytest.fixture
def schedules(acting: Callable[..., Any]) -> Iterator[Any]:
    """The service of office hours, as Kendal's administrator."""
    with acting("kendal.admin", "kendal"):
        yield service_of(models["organization.WorkSchedule"])


WEEK = {"kind": "special", "date_from": date(2027, 2, 8), "date_to": date(2027, 3, 9), "monday": "8.00-15.00"}


def test_kendal_begins_with_the_hours_of_the_regulation(schedules: Any) -> None:
    calendar = working_calendar(db.session)
    assert calendar.seconds(wib("2026-11-16"), wib("2026-11-23")) == 37.5 * HOUR


def test_special_hours_stand_in_for_the_regular_ones_in_their_time(schedules: Any) -> None:
    schedules.create({"title": "Ramadan 1448 H", **WEEK})
    calendar = working_calendar(db.session)
    assert calendar.seconds(wib("2027-02-15"), wib("2027-02-22")) == 7 * HOUR
    assert calendar.seconds(wib("2027-03-30"), wib("2027-03-31")) == 7.5 * HOUR


def test_two_schedules_of_a_kind_on_one_day_are_refused(schedules: Any) -> None:
    schedules.create({"title": "Ramadan 1448 H", **WEEK})
    with pytest.raises(Conflict) as refused:
        schedules.create({"title": "Lagi", **WEEK})
    assert refused.value.code == "schedule_overlaps"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"date_to": None}, "date_to"),
        ({"date_to": date(2027, 1, 1)}, "date_to"),
        ({"monday": "pagi"}, "monday"),
        ({"monday": None}, "monday"),
    ],
)
def test_office_hours_that_cannot_be_are_refused_at_their_field(
    schedules: Any, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        schedules.create({"title": "Ramadan 1448 H", **WEEK, **wrong})
    assert list(refused.value.errors) == [field]


def test_a_national_holiday_may_be_worked_and_needs_no_second_entry(schedules: Any) -> None:
    days = service_of(models["organization.Holiday"])
    with pytest.raises(Invalid):
        days.create({"day": date(2026, 12, 25), "title": "Natal", "kind": "own"})
    with pytest.raises(Invalid):
        days.create({"day": date(2026, 11, 24), "title": "Masuk", "kind": "workday"})
    days.create({"day": date(2026, 12, 24), "title": "Masuk menurut surat edaran", "kind": "workday"})
    days.create({"day": date(2026, 11, 24), "title": "Hari jadi", "kind": "own"})
    calendar = working_calendar(db.session)
    assert calendar.seconds(wib("2026-12-24"), wib("2026-12-25")) == 7.5 * HOUR
    assert calendar.seconds(wib("2026-11-24"), wib("2026-11-25")) == 0


def test_the_calendar_page_shows_hours_and_days_off(person: Callable[..., Any]) -> None:
    staf = person("kendal.staf")
    page = staf.get("/organization/working_calendar/?year=2026").text
    assert "07.30-11.30, 13.00-16.30" in page
    assert "Monday, 17 August 2026" in page
    assert "Hari Kemerdekaan Republik Indonesia" in page
    assert staf.get("/organization/working_calendar/?year=abc").status_code == 400
    assert staf.get("/organization/working_calendar/?year=99999999").status_code == 400
