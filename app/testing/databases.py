"""Databases for tests: a template that sync and the demo filled once, and quick copies of it."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from app.database.addresses import Addresses
from app.database.embedded import EmbeddedServer
from config import Settings, load_settings

TEMPLATE = "sinergi"
MEMORY = Path("/dev/shm")  # a file system in memory
ROOM = 2 * 2**30


def system_binaries() -> Path | None:
    """The folder of the newest system PostgreSQL, if there is one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _folder_in_memory() -> Path | None:
    """A folder of this process in memory, several times quicker than a busy disk; None where there is no room."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        return None
    for left in MEMORY.glob("sinergi-test-*"):  # by runs that were killed
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"sinergi-test-{os.getpid()}-", dir=MEMORY))


@dataclass
class TestServer:
    """A throw-away PostgreSQL with a filled template database."""

    __test__ = False

    server: EmbeddedServer
    settings: Settings
    addresses: Addresses
    place: Path
    _written: dict[str, str] = field(default_factory=dict)

    @classmethod
    def start(cls, folder: Path, *, system: bool = False) -> TestServer:
        """Start a server: the embedded PostgreSQL, or the system's. Its data goes to memory where there is room."""
        binaries = system_binaries() if system else None
        place = _folder_in_memory() or folder
        server = EmbeddedServer(place / "postgresql", binaries, durable=False)
        addresses = server.start()
        settings = load_settings({"SINERGI_DATA_DIR": str(folder), "SINERGI_DEMO": "on"})
        return cls(server, settings, addresses, place)

    def stop(self) -> None:
        """End the server; its databases are gone."""
        if "_server_connection" in vars(self):
            self._server_connection.close()
        self.server.stop()
        shutil.rmtree(self.place / "postgresql", ignore_errors=True)
        if self.place.parent == MEMORY:
            shutil.rmtree(self.place, ignore_errors=True)

    def fill(self, extra_folders: tuple[Path, ...] = ()) -> None:
        """Sync and load the demo into the template."""
        from app.cli.demo import load_demo_data
        from app.registry.sync import sync

        self.settings = replace(self.settings, addons_path=extra_folders)
        sync(self.settings, self.addresses)
        load_demo_data(self.settings, self.addresses)

    def copy(self, name: str) -> Addresses:
        """A fresh copy of the template called ``name``; an older one of that name goes away."""
        self.drop(name)
        self._execute(
            # Through the log, as PostgreSQL does by itself, every copy would be written twice.
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(TEMPLATE)
            ),
        )
        return self.named(name)

    def untouched(self, name: str) -> Addresses:
        """A copy of the template into which nothing was written yet: the last one again, when it was only read."""
        if self._written.get(name) != self._position():
            self.copy(name)
            self._written[name] = self._position()
        return self.named(name)

    def _position(self) -> str:
        """The server's count of transactions that wrote; it stands still while everybody only reads."""
        return str(self._execute("SELECT pg_snapshot_xmax(pg_current_snapshot())"))

    def empty(self, name: str) -> Addresses:
        """A new, empty database called ``name``."""
        self.drop(name)
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.named(name)

    def drop(self, name: str) -> None:
        """Remove the database ``name``; sessions that are just ending, and autovacuum, are waited for."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        for patience in (0.05, 0.1, 0.2, 0.5, 1, 2, 5):
            try:
                self._execute(statement)
                return
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
                time.sleep(patience)
        self._execute(statement)

    def named(self, name: str) -> Addresses:
        """The addresses of the database ``name``."""
        owner, application = (
            make_url(url).set(database=name).render_as_string(hide_password=False)
            for url in (self.addresses.owner, self.addresses.application)
        )
        return Addresses(owner=owner, application=application)

    def _execute(self, statement: Any) -> Any:
        answer = self._server_connection.execute(statement)
        return (answer.fetchone() or (None,))[0] if answer.description else None

    @cached_property
    def _server_connection(self) -> psycopg.Connection[Any]:
        # To any database but the template itself: a template must have no connections while it is copied.
        address = make_url(self.addresses.owner).set(drivername="postgresql", database="postgres")
        return psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)
