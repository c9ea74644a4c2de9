"""The attendance list (daftar hadir): on paper with room for signatures, and as a spreadsheet."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from babel.dates import get_day_names
from sqlalchemy import select

from addons.activities.models.activity import Activity, local_day
from addons.activities.models.attendance import Attendance
from addons.organization.models.unit import Unit
from addons.organization.services.letterhead import letterhead_lines, letterhead_of
from app.addon import (
    Printed,
    SheetColumn,
    db,
    format_date,
    format_moment,
    gettext,
    official_language,
    render_pdf,
    render_xlsx,
    require,
    setting,
)

MOST_BLANKS = 300
UNKNOWN = "........................"


def attendance_pdf(activity: Activity) -> Printed:
    """The list for signing; before the activity was held it has blank rows for everybody expected."""
    present = attendance_of(activity)
    with official_language():
        unit, head = _letterhead(activity)
        data = {
            "letterhead": letterhead_lines(unit, head),
            "title": activity.title,
            "partner": str(activity.partner) if activity.partner else None,
            "day": day_line(activity),
            "time": time_line(activity),
            "place": activity.place or "-",
            "rows": [{"name": item.name, "origin": _origin(item)} for item in present],
            "blanks": blank_rows(activity, len(present)),
            "present": len(present) or None,
            "signed_at": f"{head.place if head else UNKNOWN}, {format_date(local_day(activity, activity.ends_at))}",
        }
        return render_pdf("activities.attendance_list", data, _name(activity))


def attendance_xlsx(activity: Activity) -> Printed:
    """The list as a spreadsheet; how people can be reached stays out of it."""
    present = attendance_of(activity)
    with official_language():
        columns = (
            SheetColumn(gettext("No."), 6),
            SheetColumn(gettext("Name"), 32),
            SheetColumn(gettext("Organisation or origin"), 34),
            SheetColumn(gettext("Position or class"), 24),
            SheetColumn(gettext("Time of arrival"), 26),
            SheetColumn(gettext("Note"), 30),
        )
        rows = [
            (place, item.name, item.organisation, item.position, format_moment(item.arrived_at), item.note)
            for place, item in enumerate(present, start=1)
        ]
        title = f"{gettext('Attendance list')}: {activity.title}"
        note = " · ".join(part for part in (day_line(activity), time_line(activity), activity.place) if part)
        return render_xlsx(title, columns, rows, _name(activity), note=note)


def attendance_of(activity: Activity) -> list[Attendance]:
    """Who is on the list, in the order of entering. Raises `Forbidden` for those who may not read attendance."""
    require(Attendance, "read", db.session())
    statement = select(Attendance).where(Attendance.activity_id == activity.id, Attendance.active)
    return list(db.session.scalars(statement.order_by(Attendance.id)))


def blank_rows(activity: Activity, present: int) -> int:
    """How many empty rows follow: none once the activity was held and people are on the list."""
    if present and activity.state != "planned":
        return 0
    fewest = setting("activities.attendance_rows")
    return min(max(max(activity.participants or 0, fewest) - present, 0), MOST_BLANKS)


def day_line(activity: Activity) -> str:
    """``Senin, 2 Maret 2026``, with the last day behind it when that is another."""
    days = dict.fromkeys(local_day(activity, moment) for moment in (activity.starts_at, activity.ends_at))
    return " – ".join(_day(day) for day in days)


def time_line(activity: Activity) -> str:
    """``08.00 – 10.30 WIB``."""
    (first, _zone), (last, zone) = _clock(activity.starts_at), _clock(activity.ends_at)
    return f"{first} – {last} {zone}"


def _day(day: date) -> str:
    return f"{get_day_names(locale='id')[day.weekday()]}, {format_date(day)}"


def _clock(moment: datetime) -> tuple[str, str]:
    time, zone = format_moment(moment).split()[-2:]
    return time, zone


def _letterhead(activity: Activity) -> tuple[Unit | None, Any]:
    """The letterhead of the responsible unit, else of the institution's topmost one."""
    unit = activity.unit
    if unit is None:
        top = select(Unit).where(Unit.parent_id.is_(None), Unit.active).order_by(Unit.id).limit(1)
        unit = db.session.scalar(top)
    return unit, letterhead_of(unit.id if unit is not None else None)


def _origin(item: Attendance) -> str:
    return "\n".join(part for part in (item.organisation, item.position) if part)


def _name(activity: Activity) -> str:
    return f"{gettext('Attendance list')} {activity.title}"
