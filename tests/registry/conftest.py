"""A database of its own, a folder of addons, and the real commands in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.database.addresses import Addresses, libpq_address
from app.testing.databases import TestServer

ROOT = Path(__file__).resolve().parents[2]


class Place:
    """An installation: database, data folder, folder of addons."""

    def __init__(self, addresses: Addresses, folder: Path, postgres: TestServer) -> None:
        self.addresses, self.data, self.addons = addresses, folder / "data", folder / "addons"
        self.addons.mkdir()
        folders = [*postgres.settings.addons_path, self.addons]
        self.environment = {
            **os.environ,
            "SINERGI_DATABASE_URL": addresses.application,
            "SINERGI_OWNER_DATABASE_URL": addresses.owner,
            "SINERGI_DATA_DIR": str(self.data),
            "SINERGI_ADDONS_PATH": os.pathsep.join(map(str, folders)),
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin a command."""
        return subprocess.Popen(
            [sys.executable, "run.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        """Do a command; its exit code and what it said."""
        child = self.start(*arguments)
        said, _ = child.communicate(timeout=120)
        return child.returncode, said

    def done(self, *arguments: str) -> str:
        """Do a command that succeeds."""
        code, said = self.run(*arguments)
        assert code == 0, said
        return said

    def plan(self, command: str, addon: str) -> dict[str, Any]:
        """What the command would do."""
        said: dict[str, Any] = json.loads(self.run("addons", "plan", command, addon, "--json")[1])
        return said

    def sql(self, statement: str, *values: Any) -> list[Any]:
        """Ask the database as the owner: the first column of every row."""
        with psycopg.connect(libpq_address(self.addresses.owner), autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return [row[0] for row in cursor] if cursor.description else []

    def state(self, addon: str) -> str | None:
        """The addon's state in the database."""
        return next(iter(self.sql("SELECT state FROM installed_addon WHERE name = %s", addon)), None)

    def tables(self) -> set[str]:
        """Every table."""
        return set(
            self.sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        )

    def version(self) -> int:
        """The registry version."""
        return int(self.sql("SELECT registry_version FROM registry_state")[0])


@pytest.fixture
def place(postgres: TestServer, tmp_path: Path) -> Iterator[Place]:
    addresses = postgres.copy("lifecycle")
    yield Place(addresses, tmp_path, postgres)
    postgres.drop("lifecycle")


@pytest.fixture
def settled(place: Place) -> Callable[[], tuple[Any, ...]]:
    """Everything that a refused command must leave as it was."""
    return lambda: (
        place.version(),
        place.tables(),
        place.sql("SELECT to_jsonb(a) FROM installed_addon a ORDER BY id"),
        place.sql("SELECT version_num FROM alembic_version ORDER BY 1"),
        place.sql("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'"),
    )
