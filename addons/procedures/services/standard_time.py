"""Standard times as people write and read them: ``30 menit``, ``2 jam``, ``1 hari kerja``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from addons.organization.services.working_calendar import CALENDAR_DAYS, OFFICE_HOURS, WORKING_DAYS
from app.addon import gettext as _
from app.addon import ngettext

DAY = 24 * 60
"""Minutes of a day in the modes that count whole days."""
OFFICE_DAY = 8 * 60
"""About how many office minutes a day has, to compare hours with days."""
_HOURS = ("jam", "hour", "hours")
_WORKING = ("hari", "hari kerja", "working day", "working days", "day", "days")
_CALENDAR = ("hari kalender", "calendar day", "calendar days")
_UNITS = {
    **dict.fromkeys(("", "menit", "mnt", "minute", "minutes"), (1, "")),
    **dict.fromkeys(_HOURS, (60, "")),
    **dict.fromkeys(_WORKING, (DAY, WORKING_DAYS)),
    **dict.fromkeys(_CALENDAR, (DAY, CALENDAR_DAYS)),
}


def read_standard_time(text: str, mode: str) -> tuple[Any, str]:
    """The minutes and the way of counting that ``text`` says; what cannot be read stays as it was typed. A day without
    more words is a working day, unless ``mode`` counts calendar days.
    """
    found = re.fullmatch(r"(\d{1,7})\s*([a-z ]*)", " ".join(text.casefold().split()), re.ASCII)
    if found is None or found[2] not in _UNITS:
        return text, mode
    minutes, counted = _UNITS[found[2]]
    if found[2] in ("hari", "day", "days") and mode == CALENDAR_DAYS:
        counted = CALENDAR_DAYS
    return int(found[1]) * minutes, counted or mode


def standard_time_words(minutes: int | None, mode: str | None) -> str:
    """``30 minutes``, ``1 working day``; empty when there is none."""
    if not minutes:
        return ""
    if mode == WORKING_DAYS and minutes % DAY == 0:
        return ngettext("%(num)d working day", "%(num)d working days", minutes // DAY)
    if mode == CALENDAR_DAYS and minutes % DAY == 0:
        return ngettext("%(num)d calendar day", "%(num)d calendar days", minutes // DAY)
    return ngettext("%(num)d minute", "%(num)d minutes", minutes)


def standard_time_sum(times: Iterable[tuple[int | None, str | None]]) -> str:
    """Standard times together: days are not added to hours, ``1 working day + 45 minutes``."""
    sums: dict[str, int] = {}
    for minutes, mode in times:
        whole = mode in (WORKING_DAYS, CALENDAR_DAYS) and (minutes or 0) % DAY == 0
        kind = str(mode) if whole else OFFICE_HOURS
        sums[kind] = sums.get(kind, 0) + (minutes or 0)
    order = (WORKING_DAYS, CALENDAR_DAYS, OFFICE_HOURS)
    told = [standard_time_words(sums.get(kind), kind) for kind in order]
    return " + ".join(part for part in told if part) or _("none")


def time_of(step: Mapping[str, Any]) -> tuple[int | None, str]:
    """Minutes and way of counting of a step in a document."""
    return step.get("standard_minutes"), step.get("clock_mode") or OFFICE_HOURS


def office_minutes(minutes: int | None, mode: str | None) -> float:
    """The time as office minutes, to tell which of two is longer."""
    if mode in (WORKING_DAYS, CALENDAR_DAYS):
        return (minutes or 0) / DAY * OFFICE_DAY
    return minutes or 0
