"""National holidays and joint leave (cuti bersama) of Indonesia, from the `holidays` package."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import holidays

FIRST_YEAR, LAST_YEAR = 1970, 2100
"""The years that are believed: outside them no list is made."""


@dataclass(frozen=True, slots=True)
class NationalHoliday:
    """A day off in all of Indonesia; ``kind`` is one of the kinds of `Holiday`."""

    day: date
    title: str
    kind: str


@lru_cache(maxsize=64)
def national_holidays(year: int) -> Mapping[date, NationalHoliday]:
    """The days off of ``year``. Joint leave is known only for years whose decree (SKB) the package knows."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return MappingProxyType({})
    found: dict[date, NationalHoliday] = {}
    for category, kind in ((holidays.GOVERNMENT, "joint_leave"), (holidays.PUBLIC, "public")):
        for day, title in holidays.country_holidays("ID", years=year, categories=category, language="id").items():
            found[day] = NationalHoliday(day, title, kind)
    return MappingProxyType(dict(sorted(found.items())))
