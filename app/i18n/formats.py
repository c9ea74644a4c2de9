"""How moments, dates and durations are written for people: in the institution's zone and the reader's language."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.numbers import format_currency, format_decimal
from flask_babel import get_locale

from app import clock
from app.database.scope import current_scope
from app.database.session import db
from app.i18n import ngettext

ZONE_LABELS = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}


def institution_zone() -> str:
    """The IANA zone of the active institution; Jakarta's before one is active."""
    scope = current_scope(db.session())
    return scope.timezone if scope else "Asia/Jakarta"


def today_here() -> date:
    """Today's date in the active institution's zone."""
    return clock.today(institution_zone())


def local(moment: datetime) -> datetime:
    """``moment`` in the institution's zone."""
    return moment.astimezone(ZoneInfo(institution_zone()))


def format_date(day: date | None) -> str:
    """``3 Maret 2025``; an empty string for None."""
    return babel_date(day, "d MMMM yyyy", locale=get_locale()) if day else ""


def format_day(day: date) -> str:
    """``Senin, 3 Maret 2025``."""
    return babel_date(day, "EEEE, d MMMM yyyy", locale=get_locale())


def format_times(first: datetime, last: datetime) -> str:
    """The hours from ``first`` to ``last``: ``08.00–10.30 WIB``."""
    pattern = "HH.mm" if str(get_locale()) == "id" else "HH:mm"
    ends = [babel_time(local(moment), pattern, locale=get_locale()) for moment in (first, last)]
    return f"{ends[0]}–{ends[1]} {zone_label(first)}"


def format_moment(moment: datetime | None) -> str:
    """``3 Maret 2025 21.05 WIB``; an empty string for None."""
    if moment is None:
        return ""
    here = local(moment)
    pattern = "HH.mm" if str(get_locale()) == "id" else "HH:mm"
    return f"{format_date(here.date())} {babel_time(here, pattern, locale=get_locale())} {zone_label(moment)}"


def format_moment_after(moment: datetime | None, before: datetime) -> str:
    """``moment`` as it is said after ``before``: ``21.05 WIB`` on the same day, else with its date."""
    if moment is None or local(moment).date() != local(before).date():
        return format_moment(moment)
    pattern = "HH.mm" if str(get_locale()) == "id" else "HH:mm"
    return f"{babel_time(local(moment), pattern, locale=get_locale())} {zone_label(moment)}"


def zone_label(moment: datetime) -> str:
    """``WIB``, ``WITA`` or ``WIT``; elsewhere what the zone calls itself at ``moment``."""
    return ZONE_LABELS.get(institution_zone(), local(moment).tzname() or "")


def format_duration(seconds: float | None, *, in_days: bool = True) -> str:
    """Seconds as a person would say them: ``45 seconds``, ``12 minutes``, ``2 hours 5 minutes``, ``3 days 4 hours``.

    Office time is not counted ``in_days``: thirty office hours are four days of work, not one and a quarter.
    """
    if seconds is None:
        return ""
    whole = int(seconds)
    days = whole // 86400 if in_days else 0
    hours, minutes = whole // 3600 - 24 * days, whole // 60 % 60
    if whole < 60:
        return ngettext("%(num)d second", "%(num)d seconds", whole)
    parts = [
        ngettext("%(num)d day", "%(num)d days", days) if days else "",
        ngettext("%(num)d hour", "%(num)d hours", hours) if hours else "",
        ngettext("%(num)d minute", "%(num)d minutes", minutes) if minutes and not days else "",
    ]
    return " ".join(part for part in parts if part)


def format_number(value: int | float | Decimal | None) -> str:
    """``1.234,5`` in Indonesian."""
    return "" if value is None else format_decimal(value, locale=get_locale())


def format_money(value: int | float | Decimal | None) -> str:
    """``Rp1.500.000,00``."""
    return "" if value is None else format_currency(value, "IDR", locale="id")


def format_nip(number: str | None) -> str | None:
    """An 18-digit NIP in its groups 8 6 1 3; anything else as it was entered."""
    if not number:
        return None
    digits = re.sub(r"[\s.]", "", number)
    if not (digits.isascii() and digits.isdigit() and len(digits) == 18):
        return number
    return f"{digits[:8]} {digits[8:14]} {digits[14]} {digits[15:]}"
