"""The clock of an institution: seconds within its office hours, and the moment when so many have passed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from addons.organization.models.holiday import KINDS, Holiday
from addons.organization.models.work_schedule import WEEKDAYS, WorkSchedule
from addons.organization.services.national_holiday import national_holidays
from addons.organization.services.office_hours import Hours, parse_hours
from app.addon import as_system, current_scope
from app.addon import lazy_gettext as _l

OFFICE_HOURS, WORKING_DAYS = "office_hours", "working_days"
CALENDAR_DAYS, ROUND_THE_CLOCK = "calendar_days", "round_the_clock"
CLOCK_MODES = {
    OFFICE_HOURS: _l("Office hours"),
    WORKING_DAYS: _l("Working days"),
    CALENDAR_DAYS: _l("Calendar days"),
    ROUND_THE_CLOCK: _l("Round the clock"),
}
"""Ways of counting: within office hours; around the clock on days on which the office works; every second, but a limit
lasts to the end of its last day; every second.
"""

LONGEST_WAIT = timedelta(days=3700)
"""How far `add` looks ahead for an institution that does not seem to work any more."""


Pauses = Sequence[tuple[datetime, datetime | None]]
"""Begin and end (None: still going on) of pauses, in order and without overlap."""


@dataclass(frozen=True, slots=True)
class WeekHours:
    """The hours of the days from Monday to Sunday, in force from ``first`` to ``last`` (inclusive, None: no end)."""

    is_special: bool
    first: date
    last: date | None
    days: tuple[Hours, ...]

    def holds_on(self, day: date) -> bool:
        """Whether the schedule is in force on ``day``."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When an institution works. ``own_days`` says of days whether they are worked, in spite of everything else.

    Moments are timezone-aware; durations are whole seconds.
    """

    zone: str
    weeks: Sequence[WeekHours]
    own_days: Mapping[date, bool]

    @property
    def is_set(self) -> bool:
        """Whether office hours were entered at all; without them every second counts."""
        return bool(self.weeks)

    def is_day_off(self, day: date) -> bool:
        """Whether ``day`` is a holiday here, whatever its weekday."""
        worked = self.own_days.get(day)
        return not worked if worked is not None else day in national_holidays(day.year)

    def hours_on(self, day: date) -> Hours:
        """The office hours of ``day``: none on a holiday and on a weekday without any."""
        if self.is_day_off(day):
            return ()
        week = next((week for week in self.weeks if week.holds_on(day)), None)
        return week.days[day.weekday()] if week else ()

    def seconds(self, begin: datetime, end: datetime, mode: str = OFFICE_HOURS) -> int:
        """How many seconds count between two moments; 0 when ``end`` is not after ``begin``."""
        first, last = _second(begin), _second(end)
        if mode in (ROUND_THE_CLOCK, CALENDAR_DAYS) or not self.is_set:
            return max(0, last - first)
        return sum(max(0, min(last, until) - max(first, since)) for since, until in self._spans(first, last, mode))

    def add(self, begin: datetime, seconds: int, mode: str = OFFICE_HOURS) -> datetime | None:
        """The moment when ``seconds`` will have counted since ``begin``, in UTC; None when that never comes."""
        first = _second(begin)
        if mode == CALENDAR_DAYS:
            return self._end_of_day(first + seconds)
        if mode == ROUND_THE_CLOCK or not self.is_set:
            return _moment(first + seconds)
        for since, until in self._spans(first, first + int(LONGEST_WAIT.total_seconds()), mode):
            counted = max(0, until - max(since, first))
            if counted > 0 and seconds <= counted:
                return _moment(until - counted + seconds)
            seconds -= counted
        return None

    def net_seconds(self, begin: datetime, end: datetime, pauses: Pauses, mode: str = OFFICE_HOURS) -> int:
        """What counts from ``begin`` to ``end`` less ``pauses``."""
        return sum(self.seconds(since, until, mode) for since, until in _worked(begin, end, pauses))

    def due(self, begin: datetime, seconds: int, pauses: Pauses, mode: str = OFFICE_HOURS) -> datetime | None:
        """When ``seconds`` will have counted since ``begin`` less ``pauses``; None while a pause keeps that open."""
        left = seconds
        for since, until in pauses:
            due = self.add(begin, left, mode)
            if due is not None and due <= since:
                return due
            if until is None:
                return None
            left = max(0, left - self.seconds(begin, since, mode))
            begin = until
        return self.add(begin, left, mode)

    def _end_of_day(self, second: int) -> datetime:
        # Midnight ends its own day: a limit of one day that began at midnight lasts to the next.
        zone = ZoneInfo(self.zone)
        day = _moment(second - 1).astimezone(zone).date()
        return _moment(_at(day + timedelta(days=1), time.min, zone))

    def _spans(self, first: int, last: int, mode: str) -> Iterator[tuple[int, int]]:
        if last <= first:
            return
        zone = ZoneInfo(self.zone)
        day, final = _moment(first).astimezone(zone).date(), _moment(last).astimezone(zone).date()
        while day <= final:
            hours = self.hours_on(day)
            if hours and mode == WORKING_DAYS:
                yield _at(day, time.min, zone), _at(day + timedelta(days=1), time.min, zone)
            else:
                yield from ((_at(day, since, zone), _at(day, until, zone)) for since, until in hours)
            day += timedelta(days=1)


def working_calendar(session: Session) -> WorkingCalendar:
    """The calendar of the active institution, also for people who may not read it; two statements."""
    scope = current_scope(session)
    with as_system(session, "everybody's work is measured by the office hours"):
        schedules = list(session.scalars(select(WorkSchedule).where(WorkSchedule.active)))
        own_days = session.execute(select(Holiday.day, Holiday.kind).where(Holiday.active)).all()
    return WorkingCalendar(
        zone=scope.timezone if scope else "Asia/Jakarta",
        weeks=sorted((_week(item) for item in schedules), key=lambda week: not week.is_special),
        own_days={day: kind == "workday" for day, kind in own_days},
    )


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day that is not like its weekday: what it is, and whether the institution entered it."""

    day: date
    title: str
    kind: object
    is_own: bool
    is_worked: bool


def days_of_year(session: Session, year: int) -> list[CalendarDay]:
    """The days off of ``year`` in order, the institution's own in the place of the national ones."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    days = {
        item.day: CalendarDay(item.day, item.title, KINDS[item.kind], is_own=False, is_worked=False)
        for item in national_holidays(year).values()
    }
    for own in session.scalars(select(Holiday).where(Holiday.active, Holiday.day.between(first, last))):
        days[own.day] = CalendarDay(own.day, own.title, KINDS[own.kind], is_own=True, is_worked=own.kind == "workday")
    return [days[day] for day in sorted(days)]


def schedules_of_year(session: Session, year: int) -> list[WorkSchedule]:
    """The office hours that hold on any day of ``year``, the regular ones first."""
    statement = select(WorkSchedule).where(
        WorkSchedule.active,
        WorkSchedule.date_from <= date(year, 12, 31),
        or_(WorkSchedule.date_to.is_(None), WorkSchedule.date_to >= date(year, 1, 1)),
    )
    return list(session.scalars(statement.order_by(WorkSchedule.kind, WorkSchedule.date_from)))


def _worked(begin: datetime, end: datetime, pauses: Pauses) -> Iterator[tuple[datetime, datetime]]:
    for since, until in pauses:
        yield begin, min(max(since, begin), end)
        begin = max(begin, until or end)
    yield begin, end


def _week(schedule: WorkSchedule) -> WeekHours:
    days = tuple(parse_hours(getattr(schedule, name)) for name in WEEKDAYS)
    return WeekHours(schedule.kind == "special", schedule.date_from, schedule.date_to, days)


def _at(day: date, clock_time: time, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, clock_time, zone).timestamp())


def _second(moment: datetime) -> int:
    # Whole seconds since 1970, rounded down at both ends alike, so that parts add up to the whole.
    return int(moment.timestamp() // 1)


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
