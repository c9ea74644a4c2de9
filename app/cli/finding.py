"""One line of `doctor`."""

from __future__ import annotations

from dataclasses import dataclass

OK, WARN, FAIL = "ok", "warn", "fail"
SHOWN = 5
"""How many names a line gives before it only counts."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; ``remedy`` tells what to do."""

    check: str
    level: str
    message: str
    remedy: str = ""


def some(names: list[str]) -> str:
    """The first few of ``names``, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"
