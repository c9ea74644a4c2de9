"""The working calendar of a year: office hours in force, and every day off with its source."""

from flask import request

from addons.organization.models.holiday import Holiday
from addons.organization.models.work_schedule import WEEKDAYS, WorkSchedule
from addons.organization.services.national_holiday import FIRST_YEAR, LAST_YEAR
from addons.organization.services.working_calendar import days_of_year, schedules_of_year
from app.addon import BadRequest, MenuLink, PageView, add_menu_link, db, format_day, route, today_here
from app.addon import lazy_gettext as _l


class WorkingCalendarPage(PageView):
    """``/organization/working_calendar/?year=2026``."""

    path = "working_calendar"

    @route("/")
    def index(self) -> str:
        """The calendar of a year; the present one unless another is asked for."""
        self.enter(Holiday)
        self.enter(WorkSchedule)
        year = _year(request.args.get("year"))
        labels = [getattr(WorkSchedule, name).info["label"] for name in WEEKDAYS]
        return self.render(
            "organization/working_calendar.html",
            year=year,
            years=range(FIRST_YEAR, LAST_YEAR + 1),
            schedules=schedules_of_year(db.session, year),
            weekdays=list(zip(WEEKDAYS, labels, strict=True)),
            days=days_of_year(db.session, year),
            format_day=format_day,
        )


def _year(words: str | None) -> int:
    if not words:
        return today_here().year
    if not words.isascii() or not words.isdecimal() or not FIRST_YEAR <= int(words[:5]) <= LAST_YEAR:
        raise BadRequest(_l("This is no year between %(first)s and %(last)s.", first=FIRST_YEAR, last=LAST_YEAR))
    return int(words)


add_menu_link(
    MenuLink(
        _l("Working calendar"),
        "organization_working_calendar_page.index",
        "calendar-event",
        "organization",
        55,
        "organization.Holiday",
    )
)
