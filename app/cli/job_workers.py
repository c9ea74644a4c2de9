"""The workers as child processes: started beside the web server, started again when they die, ended in good order."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli import processes
from app.cli.web_server import ROOT, web_environment

if TYPE_CHECKING:
    from app.database.addresses import Addresses
    from config import Settings

SECONDS_TO_END = 25.0
"""A little more than a worker gives the job under way (`app.jobs.worker`)."""

LONGEST_PAUSE = 60.0
LONG_ENOUGH = 60.0
"""Who lived that long and died is started again at once."""

COMMAND = (sys.executable, str(ROOT / "run.py"), "worker")
AGENT_COMMAND = (sys.executable, str(ROOT / "run.py"), "addons", "agent")


@dataclass
class _Place:
    """One worker's place: who works there now, since when, and the pause before the next one."""

    note: Path
    child: subprocess.Popen[bytes] | None = None
    since: float = 0.0
    pause: float = 1.0
    not_before: float = 0.0


class JobWorkers:
    """As many workers as are configured, each in a process group of its own: Ctrl+C reaches only the supervisor."""

    name = "worker"

    def __init__(self, settings: Settings, addresses: Addresses, command: Sequence[str] = COMMAND) -> None:
        self._environment = web_environment(os.environ, settings, addresses) | {"SINERGI_PROCESS": "worker"}
        self._command = list(command)
        self._places = [_Place(note) for note in notes(settings)[: settings.job_workers]]

    def __enter__(self) -> JobWorkers:
        try:
            for place in self._places:
                self._start(place)
        except BaseException:  # asked to stop at this very moment
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        living = [place.child for place in self._places if place.child is not None]
        for child in living:
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + SECONDS_TO_END
        for child in living:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, deadline - time.monotonic()))
            processes.end_group(child.pid, patience=0.0)
            child.wait()
        for place in self._places:
            place.note.unlink(missing_ok=True)

    def keep_alive(self) -> None:
        """Start another one where a worker ended by itself; the pauses grow while they keep dying young."""
        for place in self._places:
            if place.child is not None and place.child.poll() is not None:
                self._bury(place)
            if place.child is None and time.monotonic() >= place.not_before:
                self._start(place)

    def _bury(self, place: _Place) -> None:
        child, place.child = place.child, None
        if child is not None and child.returncode == 0:  # it left because addons changed, or was asked to end
            place.pause, place.not_before = 1.0, time.monotonic()
            return
        lived = time.monotonic() - place.since
        place.pause = 1.0 if lived > LONG_ENOUGH else min(place.pause * 2, LONGEST_PAUSE)
        place.not_before = time.monotonic() + place.pause
        code = child.returncode if child else None
        click.echo(
            f"The {self.name} ended by itself (exit code {code}); another one starts in {place.pause:.0f} s.", err=True
        )

    def _start(self, place: _Place) -> None:
        place.since = time.monotonic()
        place.child = subprocess.Popen(
            self._command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, start_new_session=True
        )
        processes.remember(place.note, place.child.pid)


class AddonsAgent(JobWorkers):
    """The owner's agent beside the web server. In production it is a service of its own: what the web server starts
    must not know the owner's address there.
    """

    name = "agent of addons"

    def __init__(self, settings: Settings, addresses: Addresses, command: Sequence[str] = AGENT_COMMAND) -> None:
        super().__init__(settings, addresses, command)
        self._environment |= {"SINERGI_OWNER_DATABASE_URL": addresses.owner, "SINERGI_PROCESS": ""}
        self._places = [] if settings.production else [_Place(notes(settings)[-1])]


def notes(settings: Settings) -> list[Path]:
    """Where the processes of workers, and last the agent, are written down, for a later start to find what a killed
    supervisor left.
    """
    workers = [settings.data_dir / f"worker-{number}.process" for number in range(1, 17)]
    return [*workers, settings.data_dir / "agent.process"]
