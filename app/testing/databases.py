"""Databases for tests: a template that sync and the demo filled once, and quick copies of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from app.database.addresses import Addresses
from app.database.embedded import EmbeddedServer
from config import Settings, load_settings

TEMPLATE = "sinergi"


def system_binaries() -> Path | None:
    """The folder of the newest system PostgreSQL, if there is one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@dataclass
class TestServer:
    """A throw-away PostgreSQL with a filled template database."""

    __test__ = False

    server: EmbeddedServer
    settings: Settings
    addresses: Addresses

    @classmethod
    def start(cls, folder: Path, *, system: bool = False) -> TestServer:
        """Start a server in ``folder`` and fill its template: the embedded PostgreSQL, or the system's."""
        binaries = system_binaries() if system else None
        server = EmbeddedServer(folder / "postgresql", binaries, durable=False)
        addresses = server.start()
        settings = load_settings({"SINERGI_DATA_DIR": str(folder), "SINERGI_DEMO": "on"})
        return cls(server, settings, addresses)

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
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE)),
        )
        return self.named(name)

    def empty(self, name: str) -> Addresses:
        """A new, empty database called ``name``."""
        self.drop(name)
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.named(name)

    def drop(self, name: str) -> None:
        """Remove the database ``name``, whoever is connected."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def named(self, name: str) -> Addresses:
        """The addresses of the database ``name``."""
        owner, application = (
            make_url(url).set(database=name).render_as_string(hide_password=False)
            for url in (self.addresses.owner, self.addresses.application)
        )
        return Addresses(owner=owner, application=application)

    def _execute(self, statement: Any) -> None:
        # Any database but the template itself: a template must have no connections while it is copied.
        address = make_url(self.addresses.owner).set(drivername="postgresql", database="postgres")
        with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(statement)
