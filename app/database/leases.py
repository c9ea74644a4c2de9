"""Counts who uses a shared server, by file locks that the system releases itself when a process is killed."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LockTimeout(Exception):
    """Somebody else held the lock for longer than we wanted to wait."""


def open_lock_file(path: Path) -> int:
    """Open (and create) a lock file that children do not inherit."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def exclusive(path: Path, timeout: float) -> Iterator[None]:
    """Hold the file alone while the block runs; raise LockTimeout after `timeout` seconds of waiting."""
    descriptor = open_lock_file(path)
    try:
        deadline = time.monotonic() + timeout
        while not _try(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise LockTimeout(str(path))
            time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)


class Lease:
    """One user's share of a server; whoever gives back the last one learns that nobody is left."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object counts as a user at the moment."""
        return self._descriptor is not None

    def take(self) -> None:
        """Count as a user; taking twice counts once. Call while nobody can be in `give_back_last`."""
        if self._descriptor is not None:
            return
        descriptor = open_lock_file(self._path)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        self._descriptor = descriptor

    def give_back(self) -> bool:
        """Stop counting as a user; True when nobody else is one."""
        if self._descriptor is None:
            return False
        descriptor, self._descriptor = self._descriptor, None
        try:
            alone = _try(descriptor, fcntl.LOCK_EX)
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # a forked child may still hold the same open file
            return alone
        finally:
            os.close(descriptor)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
