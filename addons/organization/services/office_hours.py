"""The hours of one day as officials write them: ``07.30-12.00, 13.00-16.00``."""

import itertools
import re
from datetime import time

from app.addon import Invalid
from app.addon import lazy_gettext as _l

Hours = tuple[tuple[time, time], ...]
"""Parts of a day, in order and without overlap; each up to, not including, its end."""

_PART = re.compile(r"(\d{1,2})[.:](\d{2})\s*(?:-|–|—|s\.?d\.?)\s*(\d{1,2})[.:](\d{2})")


def parse_hours(words: str | None) -> Hours:
    """The parts of a day that ``words`` name; empty for a day off. Raises `Invalid` for what is no such list."""
    parts = [part.strip() for part in re.split(r"[,;]", words or "") if part.strip()]
    hours = tuple(sorted(_part(part) for part in parts))
    for before, after in itertools.pairwise(hours):
        if after[0] < before[1]:
            raise Invalid(_l("The hours overlap: %(hours)s.", hours=write_hours((before, after))))
    return hours


def write_hours(hours: Hours) -> str:
    """``07.30-12.00, 13.00-16.00``; empty for a day off."""
    return ", ".join(f"{begin:%H.%M}-{end:%H.%M}" for begin, end in hours)


def _part(words: str) -> tuple[time, time]:
    found = _PART.fullmatch(words)
    if found is None:
        raise Invalid(_l("“%(words)s” is no time of day from and until, such as 07.30-12.00.", words=words))
    try:
        begin, end = (time(int(found[group]), int(found[group + 1])) for group in (1, 3))
    except ValueError:
        raise Invalid(_l("“%(words)s” names a time that no clock shows.", words=words)) from None
    if end <= begin:
        raise Invalid(_l("“%(words)s” ends before it begins.", words=words))
    return begin, end
