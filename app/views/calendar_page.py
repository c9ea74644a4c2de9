"""Records on their days: a month, a week or an agenda; moving one to another day edits it, where that is allowed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from babel.dates import format_date as babel_date
from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_babel import get_locale
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from app.access.access import current_access
from app.database.session import db
from app.errors import BadRequest, Conflict, Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.i18n.formats import format_day, local, today_here
from app.views import listing
from app.views.fields import field_of
from app.views.list_filters import in_days
from app.views.list_page import ListPages, ListTools
from app.views.modes import Calendar
from app.views.urls import local_target

SCALES = {"month": _l("Month"), "week": _l("Week"), "agenda": _l("Agenda")}
AGENDA_DAYS = 30
MOST = 500
"""Records of one page; a month with more is to be filtered."""


@dataclass(slots=True)
class CalendarEntry:
    """A record on one of its days; ``time`` is the hour at which it begins that day."""

    record: Any
    time: str
    goes_on: bool
    moves: bool


@dataclass(slots=True)
class Day:
    """A day of the calendar with what lies on it."""

    day: date
    is_within: bool
    is_today: bool
    entries: list[CalendarEntry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Span:
    """What a page of the calendar shows: its days, its name, and the days by which one goes back and on."""

    scale: str
    first: date
    last: date
    title: str
    before: date
    after: date


class CalendarPage(ListPages):
    """The calendar of a view that declares `Calendar`."""

    calendar_scales = SCALES

    @expose("/calendar")
    def calendar(self) -> str:
        """The records of some days, narrowed as the list is."""
        self._enter("read")
        mode, tools = self.mode("calendar"), ListTools(self, "calendar", request.args)
        span = _span(request.args.get("scale") or "month", _day(request.args.get("day")))
        records = self._records_of(mode, span)
        days = self._days(mode, span, records[:MOST])
        values = {
            "days": days,
            "span": span,
            "today": today_here(),
            "is_cut": len(records) > MOST,
            "most": MOST,
            "weekday_name": _weekday,
            "format_day": format_day,
        }
        return str(self.render_template("calendar.html", view=self, tools=tools, wish=None, **values))

    @expose("/<int:pk>/reschedule", methods=["GET", "POST"])
    def reschedule(self, pk: int) -> Any:
        """Move a record to another day; its hours and its length stay."""
        self._enter("read")
        mode = self.mode("calendar")
        if not self._may_reschedule(mode):
            raise NotFound(_l("This page does not exist."))
        record = self.load(pk)
        current_access().require(self.model, "write", db.session(), record)
        target = local_target(request.values.get("next")) or self.url("calendar")
        if request.method == "GET":
            begins = _local_day(getattr(record, mode.starts))
            values = {"record": record, "target": target, "begins": begins or today_here()}
            return str(self.render_template("reschedule.html", view=self, **values))
        day = _day(request.form.get("day") or "-")
        version = listing.whole_number(request.form.get("version"), 0) or None
        try:
            if not self.offers("write", record):
                raise Conflict(_l("In its present state this record is not changed."))
            self.service.update(record, self._moved(mode, record, day), version)
            flash(_l("Moved to %(day)s.", day=format_day(day)), "success")
        except (Conflict, Invalid) as refusal:
            db.session.rollback()
            reasons = [str(text) for texts in refusal.errors.values() for text in texts]
            flash(" ".join(dict.fromkeys([str(refusal.message), *reasons])), "danger")
        return redirect(target)

    def _may_reschedule(self, mode: Calendar) -> bool:
        needed = {mode.starts, *([mode.ends] if mode.ends else [])}
        return self.may_edit and self.may("write") and needed <= set(self.columns("edit"))

    def _moved(self, mode: Calendar, record: Any, day: date) -> dict[str, Any]:
        """The columns of ``record`` as they are once it begins on ``day``."""
        begins = _local_day(getattr(record, mode.starts))
        if begins is None:
            raise Conflict(_l("This record has no day yet."))
        names = (mode.starts, *([mode.ends] if mode.ends else []))
        return {name: _shifted(getattr(record, name), day - begins) for name in names}

    def _records_of(self, mode: Calendar, span: Span) -> list[Any]:
        model: Any = self.model
        chosen = self.narrowed(request.args).order_by(None).subquery()
        starts = getattr(model, mode.starts)
        options = [joinedload(getattr(model, name)) for name in self.eager]
        statement = (
            select(model)
            .join(chosen, chosen.c.id == model.id)
            .where(self._lies_in(mode, span))
            .order_by(starts, model.id)
            .limit(MOST + 1)
            .options(*options)
        )
        return list(db.session().scalars(statement))

    def _lies_in(self, mode: Calendar, span: Span) -> ColumnElement[bool]:
        starts = field_of(self.model, mode.starts)
        begins = in_days(starts, span.first, span.last)
        if not mode.ends or not self._is_open(mode.ends):
            return begins
        goes_on = in_days(field_of(self.model, mode.ends), span.first, None)
        return or_(begins, and_(in_days(starts, None, span.last), goes_on))

    def _days(self, mode: Calendar, span: Span, records: list[Any]) -> list[Day]:
        today, count = today_here(), (span.last - span.first).days + 1
        shown = [span.first + timedelta(days=n) for n in range(count)]
        month = span.before.month % 12 + 1 if span.scale == "month" else 0
        days = {day: Day(day, not month or day.month == month, day == today) for day in shown}
        may_move = self._may_reschedule(mode)
        for record in records:
            for entry_day, entry in self._entries(mode, record, span, may_move and self.offers("write", record)):
                days[entry_day].entries.append(entry)
        return list(days.values())

    def _entries(self, mode: Calendar, record: Any, span: Span, moves: bool) -> list[tuple[date, CalendarEntry]]:
        starts = getattr(record, mode.starts)
        ends = getattr(record, mode.ends) if mode.ends and self._is_open(mode.ends) else None
        begins = _local_day(starts)
        assert begins is not None  # it was found by its day
        last = max(begins, _last_day(ends) or begins)
        time = local(starts).strftime("%H.%M") if isinstance(starts, datetime) else ""
        found, day = [], max(begins, span.first)
        while day <= min(last, span.last):
            found.append((day, CalendarEntry(record, time if day == begins else "", day != begins, moves)))
            day += timedelta(days=1)
        return found


def _weekday(day: date) -> str:
    return babel_date(day, "EEE", locale=get_locale())


def _local_day(value: Any) -> date | None:
    return local(value).date() if isinstance(value, datetime) else value


def _last_day(value: Any) -> date | None:
    """The last day that something lasts: what ends at midnight ended the day before."""
    return local(value - timedelta(microseconds=1)).date() if isinstance(value, datetime) else value


def _shifted(value: Any, by: timedelta) -> Any:
    """``value`` on another day, at the same hour in the institution's zone."""
    if not isinstance(value, datetime):
        return None if value is None else value + by
    here = local(value)
    return (here.replace(tzinfo=None) + by).replace(tzinfo=here.tzinfo).astimezone(UTC)


def _day(text: str | None) -> date:
    if not text:
        return today_here()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadRequest(_l("The day cannot be read."), code="bad_day") from None
    if not 1900 <= day.year <= 2200:
        raise BadRequest(_l("The day cannot be read."), code="bad_day")
    return day


def _span(scale: str, day: date) -> Span:
    """The days of the month, the week or the agenda around ``day``. Raises `BadRequest`."""
    if scale not in SCALES:
        raise BadRequest(_l("The day cannot be read."), code="bad_day")
    one = timedelta(days=1)
    if scale == "month":
        first = day.replace(day=1)
        following = (first + timedelta(days=32)).replace(day=1)
        monday, last = first - timedelta(days=first.weekday()), following - one
        title = babel_date(first, "MMMM yyyy", locale=get_locale())
        return Span(
            scale, monday, last + timedelta(days=6 - last.weekday()), title, (first - one).replace(day=1), following
        )
    first = day - timedelta(days=day.weekday()) if scale == "week" else day
    length = timedelta(days=7 if scale == "week" else AGENDA_DAYS)
    last = first + length - one
    title = f"{babel_date(first, 'd MMM', locale=get_locale())} – {babel_date(last, 'd MMM yyyy', locale=get_locale())}"
    return Span(scale, first, last, title, first - length, first + length)
