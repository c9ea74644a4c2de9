"""Reading dates, moments and amounts as people type them: Indonesian or English words, or numbers day first."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel.dates import get_day_names, get_month_names

_DAY = re.compile(r"(\d{1,2})\s*[-/.\s]\s*([^\W\d_]{3,12}|\d{1,2})\.?\s*[-/.\s]\s*(\d{4})")
_CLOCK = re.compile(r"(\d{1,2})[.:](\d{2})(?:[.:]\d{2})?\s*(?:WIB|WITA|WIT)?", re.IGNORECASE)
_GROUPED = re.compile(r"-?\d{1,3}(\.\d{3})+")


_AWAY = {"hari ini": 0, "today": 0, "besok": 1, "esok": 1, "tomorrow": 1, "lusa": 2, "day after tomorrow": 2}
_ALSO = {"jum'at": 4, "jum’at": 4, "ahad": 6}
"""Days of the week as people also write them; Monday is 0."""


def read_day(text: str, today: date | None = None) -> date:
    """``2025-03-03``, ``3 Maret 2025``, ``3 Mar 2025``, ``3/3/2025`` or ``3-3-2025`` as a date. With ``today`` also
    ``besok``, ``lusa`` or the name of a weekday, which means the next such day after today. Raises ValueError.
    """
    text = text.strip()
    if today is not None and (away := _days_away(text, today)) is not None:
        return today + timedelta(days=away)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return date.fromisoformat(text)
    match = _DAY.fullmatch(text)
    if match is None:
        raise ValueError("not a date")
    return date(int(match[3]), _month(match[2]), int(match[1]))


def read_moment(text: str, today: date | None = None) -> datetime:
    """ISO 8601, or a day as `read_day` reads it with an hour behind it (``3 Maret 2025 09.30``, ``besok 09.30``); naive
    unless an offset was told. Raises ValueError.
    """
    text = text.strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        day, _space, hour = re.sub(r",|\bpukul\b", " ", text).strip().rpartition(" ")
        if hour.upper() in {"WIB", "WITA", "WIT"}:
            day, _space, hour = day.strip().rpartition(" ")
        match = _CLOCK.fullmatch(hour)
        if match is None:
            raise
        return datetime.combine(read_day(day, today), time(int(match[1]), int(match[2])))


def read_money(text: str) -> Decimal:
    """``Rp1.500.000,00``, ``1.500.000`` or a program's ``1500000.00`` as an amount. Raises ValueError."""
    text = re.sub(r"(?i)^rp\.?|\s", "", text.strip())
    if "," in text or _GROUPED.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError("not an amount") from None
    if not amount.is_finite():
        raise ValueError("not an amount")
    return amount


def _days_away(text: str, today: date) -> int | None:
    words = " ".join(text.casefold().split())
    if words in _AWAY:
        return _AWAY[words]
    weekday = _weekdays().get(words)
    return None if weekday is None else (weekday - today.weekday() - 1) % 7 + 1


@lru_cache(maxsize=1)
def _weekdays() -> dict[str, int]:
    names = {
        name.casefold(): number
        for locale in ("id", "en")
        for number, name in get_day_names("wide", locale=locale).items()
    }
    return names | _ALSO


def _month(word: str) -> int:
    if word.isdigit():
        return int(word)
    for name, number in _month_names():
        if name.startswith(word.casefold()):
            return number
    raise ValueError("not a month")


@lru_cache(maxsize=1)
def _month_names() -> list[tuple[str, int]]:
    names = [
        (name.casefold(), number)
        for locale in ("id", "en")
        for number, name in get_month_names("wide", locale=locale).items()
    ]
    return [*names, ("agt", 8), ("nopember", 11), ("pebruari", 2)]
