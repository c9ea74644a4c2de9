"""The one source of business time: everything that stores or compares a moment asks here, and tests can freeze it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_frozen: datetime | None = None


def now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return _frozen if _frozen is not None else datetime.now(UTC)


def today(zone: str) -> date:
    """The calendar date it is now in ``zone`` (an IANA name such as ``Asia/Jakarta``)."""
    return now().astimezone(ZoneInfo(zone)).date()


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold the clock at ``moment`` (timezone-aware) for the duration of a test."""
    global _frozen  # noqa: PLW0603  # one clock for all threads of a test is the purpose
    if moment.tzinfo is None:
        raise ValueError("a frozen moment needs a time zone")
    previous, _frozen = _frozen, moment.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = previous
