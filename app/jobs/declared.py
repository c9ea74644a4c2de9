"""Declaring jobs: what an addon wants done later, again after a failure, or by the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from croniter import croniter

from app.errors import AddonError
from app.registry.extensions import addon_of

Function = Callable[..., None]
"""``function(session, **arguments)``; it raises to say that it failed."""

Runs = Literal["institutions", "platform", "both"]
"""Where the clock starts a job: in every institution that enabled its addon, once for the platform, or both."""

LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a job is tried, and after how many seconds again: ``wait``, then each time ``factor`` times longer."""

    attempts: int = 3
    wait: float = 60
    factor: float = 5

    def seconds_after(self, attempt: int) -> float | None:
        """The wait after the failed ``attempt`` (counted from 1), or None when it was the last."""
        if attempt >= self.attempts:
            return None
        return min(self.wait * self.factor ** (attempt - 1), LONGEST_WAIT.total_seconds())


@dataclass(frozen=True, slots=True)
class Job:
    """A declared job. ``reason`` says why it may work as the system, with rights lifted inside its institution; one
    that works ``as_person`` has the rights of whoever asked for it.
    """

    name: str
    title: Any
    reason: str
    function: Function
    addon: str | None
    retry: Retry
    every: str
    runs: Runs
    as_person: bool

    def last_due(self, moment: datetime) -> datetime | None:
        """When the clock wanted it last, at or before ``moment``, in the zone of ``moment``."""
        if not self.every:
            return None
        due: datetime = croniter(self.every, moment + timedelta(seconds=1)).get_prev(datetime)
        return due


jobs: dict[str, Job] = {}
"""Every declared job by its name."""


def job(
    name: str,
    *,
    title: Any,
    reason: str = "",
    retry: Retry = Retry(),
    every: str = "",
    runs: Runs = "institutions",
    as_person: bool = False,
) -> Callable[[Function], Function]:
    """Declare ``function(session, **arguments)`` as the job ``name`` (``"addon.what"``).

    ``every`` is a cron line ("0 7 * * 1-5" is seven o'clock on working days) read in each institution's own time zone.
    ``as_person``: it has the rights of whoever asked for it, who follows and cancels it on a page of their own; every
    other job gives the ``reason`` why it works as the system.

    Raises `AddonError` for a name that is taken or not the addon's own, and for a cron line that cannot be read.
    """

    def register(function: Function) -> Function:
        addon = addon_of(function.__module__)
        if not name.startswith(f"{addon or 'kernel'}."):
            raise AddonError(f"{function.__module__}: the job {name!r} must be called {addon or 'kernel'}.something.")
        if name in jobs:
            raise AddonError(f"The job {name} is declared twice.")
        if every and not croniter.is_valid(every):
            raise AddonError(f"The job {name}: {every!r} is not a line of cron.")
        if addon is not None and runs != "institutions":
            raise AddonError(f"The job {name}: only the kernel works for the whole platform.")
        if as_person and (every or reason):
            raise AddonError(f"The job {name} works as a person: the clock cannot ask for it, and it needs no reason.")
        if not (reason or as_person):
            raise AddonError(f"The job {name} gives no reason for working as the system.")
        jobs[name] = Job(name, title, reason, function, addon, retry, every, runs, as_person)
        return function

    return register
