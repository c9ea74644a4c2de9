"""Runs PostgreSQL beside Sinergi on a machine without a database server: same roles, same rules as production."""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from app.database import embedded_roles as roles
from app.database import postgres_programs as programs
from app.database.cluster import Cluster, is_alive, last_line
from app.database.leases import Lease, LockTimeout, exclusive
from app.database.postgres_programs import EmbeddedError

__all__ = ["Addresses", "EmbeddedError", "EmbeddedServer"]

WAIT_FOR_ANOTHER_START = 90.0
WAIT_AFTER_KILL = 12.0
WAIT_FOR_RECOVERY = 60.0
# What a killed server's leftovers answer for a few seconds, until its last child has gone.
_PASSING = re.compile(
    r"already exists|shared memory block|is still in use|Is another (server|postmaster)|in use", re.IGNORECASE
)


@dataclass(frozen=True)
class Addresses:
    """Where the database is: for the owner (migrates, loads) and for the application (serves)."""

    owner: str
    application: str


class EmbeddedServer:
    """One PostgreSQL of our own in `folder`; every process that started it counts, the last to stop it ends it."""

    def __init__(self, folder: Path, bin_dir: Path | None = None, durable: bool | None = None) -> None:
        self.folder = Path(os.path.abspath(folder))
        self.cluster = self.folder / "cluster"
        self._bin_dir = bin_dir
        self._durable = os.environ.get("SINERGI_EMBEDDED_FAST") != "1" if durable is None else durable
        self._lease = Lease(self.folder / "users.lock")
        self._server: Cluster | None = None

    def start(self) -> Addresses:
        """Create, start or adopt the server, and return how to reach it."""
        self._make_folder()
        with self._alone():
            self._lease.take()
            try:
                return self._start()
            except BaseException as error:
                self._give_back()
                if isinstance(error, psycopg.Error | OSError):
                    reason = str(error).strip().splitlines()[0]
                    raise EmbeddedError(f"The embedded database in {self.folder} cannot start: {reason}") from error
                raise

    def stop(self) -> None:
        """Give up our share; the server ends with the last share, whoever started it."""
        if not self._lease.held:
            return
        if not self.folder.exists():  # removed under us: the server notices it by itself
            self._lease.give_back()
            return
        with self._alone():
            self._give_back()

    def is_running(self) -> bool:
        """Whether the server of this folder is alive, whoever started it."""
        return is_alive(self.cluster)

    def _start(self) -> Addresses:
        self._server = server = Cluster(self.cluster, self._bin_dir or programs.wheel_programs(), self._durable)
        passwords = self._passwords()
        if not self.cluster.exists():
            server.initialise(passwords[roles.ADMINISTRATOR])
        server.check_version()
        server.make_ours()
        place = self._launch(server, passwords)
        roles.prepare(place, passwords)
        return Addresses(_url(place, roles.OWNER, passwords), _url(place, roles.APPLICATION, passwords))

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.folder / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            os.listdir(self.folder)
        except OSError as error:
            reason = error.strerror or error
            raise EmbeddedError(f"The data folder {self.folder} cannot be read and written ({reason}).") from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time starts or stops."""
        try:
            with exclusive(self.folder / "start.lock", WAIT_FOR_ANOTHER_START):
                yield
        except LockTimeout:
            raise EmbeddedError(
                f"Another process has been starting the database in {self.folder} for too long."
            ) from None

    def _passwords(self) -> dict[str, str]:
        """Read the roles' passwords, or make them before the cluster exists."""
        path = self.folder / "passwords.json"
        if path.exists():
            try:
                stored: dict[str, str] = json.loads(path.read_text())
            except (OSError, ValueError) as error:
                raise EmbeddedError(f"The password file {path} cannot be read ({error}).") from error
            return stored
        if self.cluster.exists():
            raise EmbeddedError(f"The password file {path} of the embedded database is missing; put it back.")
        made = {role: secrets.token_urlsafe(24) for role in (roles.ADMINISTRATOR, roles.OWNER, roles.APPLICATION)}
        unfinished = path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(made, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        return made

    def _launch(self, server: Cluster, passwords: dict[str, str]) -> dict[str, str | int]:
        """Return the place of a server that answers: the one found alive, else a new one."""
        begun = time.monotonic()
        while True:
            place, patience, reason = server.place(), WAIT_FOR_RECOVERY, "the server is there but does not answer"
            if place and self._answers(place, passwords):
                return place
            if place is None:
                code, reason = server.start()
                if code == 0:
                    continue
                patience = WAIT_AFTER_KILL if _PASSING.search(reason) else 0.0
            if time.monotonic() - begun > patience:
                raise EmbeddedError(f"The embedded database in {self.folder} cannot start: {last_line(reason)}")
            time.sleep(0.2)

    def _answers(self, place: dict[str, str | int], passwords: dict[str, str]) -> bool:
        try:
            return roles.answers(place, passwords)
        except psycopg.errors.InvalidPassword:
            path = self.folder / "passwords.json"
            raise EmbeddedError(f"The password file {path} does not belong to the database beside it.") from None

    def _give_back(self) -> None:
        """End the server when ours was the last share."""
        if self._lease.give_back() and self._server and self.is_running():
            self._server.stop()


def _url(server: dict[str, str | int], role: str, passwords: dict[str, str]) -> str:
    place = f"host={quote(str(server['host']), safe='')}&port={server['port']}"
    return f"postgresql+psycopg://{role}:{quote(passwords[role], safe='')}@/{roles.DATABASE}?{place}"
