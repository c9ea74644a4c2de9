"""Office hours: on which weekdays an institution works, from when until when."""

from datetime import date
from typing import Any

from sqlalchemy import String, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.schema import SchemaItem

from app.addon import Record, check, column
from app.addon import lazy_gettext as _l

KINDS = {"regular": _l("Regular"), "special": _l("Special (such as Ramadan)")}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The columns of the days, in the order of `date.weekday`."""

SOLE_SCHEDULE = "ex_organization_work_schedule_sole"
HOURS_HELP = _l("For example 07.30-12.00, 13.00-16.00. Leave it empty for a day off.")


def sole_schedule(_cls: Any) -> SchemaItem:
    """On one day one regular schedule holds, and one special schedule at most."""
    return ExcludeConstraint(
        (text("institution_id"), "="),
        (text("kind"), "="),
        (text("daterange(date_from, date_to, '[]')"), "&&"),
        where=text("active"),
        name=SOLE_SCHEDULE,
        using="gist",
    )


class WorkSchedule(Record):
    """The office hours of a week, in the institution's zone; both dates are inclusive. On its days a special schedule
    stands in for the regular one.
    """

    __title__ = _l("Office hours")
    __plural__ = _l("Office hours")
    __display__ = "title"
    __constraints__ = (
        check("kind", "kind IN ('regular', 'special')"),
        check("dates", "date_to >= date_from"),
        check("special_ends", "kind = 'regular' OR date_to IS NOT NULL"),
        sole_schedule,
    )

    title: Mapped[str] = column(String(200), label=_l("Title"))
    kind: Mapped[str] = column(String(20), label=_l("Kind"), choices=KINDS, default="regular", server_default="regular")
    date_from: Mapped[date] = column(label=_l("From"))
    date_to: Mapped[date | None] = column(label=_l("Until"), help=_l("The last day, included."))
    monday: Mapped[str | None] = column(String(100), label=_l("Monday"), help=HOURS_HELP)
    tuesday: Mapped[str | None] = column(String(100), label=_l("Tuesday"))
    wednesday: Mapped[str | None] = column(String(100), label=_l("Wednesday"))
    thursday: Mapped[str | None] = column(String(100), label=_l("Thursday"))
    friday: Mapped[str | None] = column(String(100), label=_l("Friday"))
    saturday: Mapped[str | None] = column(String(100), label=_l("Saturday"))
    sunday: Mapped[str | None] = column(String(100), label=_l("Sunday"))
