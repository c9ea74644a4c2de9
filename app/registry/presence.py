"""How running processes learn that the set of addons changed, and leave one at a time for ones that have loaded it.

Each process tells the database every few seconds that it lives and which registry version it has loaded; requests bring
the present version along with their user, at no extra statement. Who is outdated leaves after the response at hand.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg

from app.database.addresses import libpq_address
from app.registry.enablement import registry

log = logging.getLogger("sinergi")

SECONDS_BETWEEN_BEATS = 5.0
SECONDS_ALIVE = 30
"""Who has not been heard of for so long counts as gone."""

SECONDS_TO_REPLACE = 30.0
"""After that long a place that somebody left is given away again: the one who left may have been killed."""

_BEAT = """
INSERT INTO running_process (kind, host, process, registry_version, problem) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (host, process) DO UPDATE SET kind = excluded.kind, seen_at = now(), problem = excluded.problem,
    registry_version = excluded.registry_version
RETURNING (SELECT registry_version FROM registry_state)
"""
_FORGET = "DELETE FROM running_process WHERE (host, process) = (%s, %s) OR seen_at < now() - interval '1 day'"


class Presence:
    """The heartbeat of this process, and its way out."""

    def __init__(self, url: str, kind: str, slot: Path, leave: Callable[[], None]) -> None:
        self._address, self._kind, self._slot, self._leave = libpq_address(url), kind, slot, leave
        self._ended = threading.Event()
        self._leaving = threading.Lock()
        self._thread = threading.Thread(target=self._beat_on, name="presence", daemon=True)
        self._me = (socket.gethostname()[:200], os.getpid())

    def start(self) -> None:
        """Give back the slot of whom this process replaces, and begin to beat."""
        give_slot(self._slot)
        self._thread.start()

    def end(self) -> None:
        """Say good-bye."""
        self._ended.set()
        self._thread.join(timeout=2)

    def notice(self, version: int | None) -> None:
        """Leave when ``version`` is not what this process has loaded, unless another one is just leaving."""
        if version is None or version == registry().version or self._ended.is_set():
            return
        with self._leaving:
            if not self._ended.is_set() and take_slot(self._slot):
                self._ended.set()
                self._leave()

    def _beat_on(self) -> None:
        while not self._ended.is_set():
            try:
                with psycopg.connect(self._address, connect_timeout=5, autocommit=True) as connection:
                    connection.execute(_FORGET, self._me)
                    self._beats(connection)
                    connection.execute(_FORGET, self._me)
            except psycopg.Error as error:
                log.warning("heartbeat: %s", type(error).__name__)
                self._ended.wait(SECONDS_BETWEEN_BEATS)

    def _beats(self, connection: psycopg.Connection[tuple[int]]) -> None:
        while not self._ended.is_set():
            values = (self._kind, *self._me, registry().version, registry().problem[:500])
            row = connection.execute(_BEAT, values).fetchone()
            self.notice(row[0] if row else None)
            self._ended.wait(SECONDS_BETWEEN_BEATS)


_presence: list[Presence] = []


def begin(presence: Presence) -> None:
    """Make ``presence`` that of this process."""
    _presence[:] = [presence]
    presence.start()


def end() -> None:
    """Say good-bye for this process, if it ever began."""
    for presence in _presence:
        presence.end()


def notice(version: int | None) -> None:
    """A request saw the registry version ``version``."""
    for presence in _presence:
        presence.notice(version)


def take_slot(path: Path) -> bool:
    """Become the one who leaves; False while another one's place is not filled again."""
    with suppress(FileNotFoundError):
        # Taken in the future: the machine's clock was put back since, and waiting for it could take days.
        if abs(time.time() - path.stat().st_mtime) > SECONDS_TO_REPLACE:
            path.unlink()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def give_slot(path: Path) -> None:
    """The place is filled again."""
    path.unlink(missing_ok=True)
