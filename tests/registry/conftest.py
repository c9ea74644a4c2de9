"""A database of its own, a folder of addons, and the real commands in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.database.addresses import Addresses, libpq_address
from app.testing.databases import TestServer

ROOT = Path(__file__).resolve().parents[2]


class Commands:
    """A process that has imported what is slow and does each command in a fork."""

    def __init__(self) -> None:
        program = str(Path(__file__).with_name("command_server.py"))
        self.process = subprocess.Popen(
            [sys.executable, "-P", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """One question, one answer."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def end(self) -> None:
        """End it."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=10)


@dataclass
class Running:
    """A command that was begun."""

    commands: Commands
    process: int
    output: Path

    def wait(self) -> tuple[int, str]:
        """Its exit code and what it said."""
        code = self.commands.ask({"wait": self.process})["code"]
        return code, self.said()

    def said(self) -> str:
        """What it said so far."""
        return self.output.read_text() if self.output.exists() else ""

    def wait_for(self, sentence: str) -> None:
        """Return when it has said ``sentence``."""
        limit = time.monotonic() + 60
        while sentence not in self.said():
            assert time.monotonic() < limit, self.said()
            time.sleep(0.02)  # bounded by the limit above


class Place:
    """An installation: database, data folder, folder of addons."""

    def __init__(self, addresses: Addresses, folder: Path, postgres: TestServer, commands: Commands) -> None:
        self.addresses, self.data, self.addons = addresses, folder / "data", folder / "addons"
        self.folder, self.commands = folder, commands
        self.addons.mkdir(exist_ok=True)
        folders = dict.fromkeys([*postgres.settings.addons_path, self.addons])
        self.environment = {
            **os.environ,
            "SINERGI_DATABASE_URL": addresses.application,
            "SINERGI_OWNER_DATABASE_URL": addresses.owner,
            "SINERGI_DATA_DIR": str(self.data),
            "SINERGI_ADDONS_PATH": os.pathsep.join(map(str, folders)),
        }

    def start(self, *arguments: str) -> Running:
        """Begin a command."""
        output = self.folder / f"said-{time.monotonic_ns()}.txt"
        wish = {"arguments": arguments, "environment": self.environment, "output": str(output)}
        return Running(self.commands, int(self.commands.ask(wish)["process"]), output)

    def run(self, *arguments: str) -> tuple[int, str]:
        """Do a command; its exit code and what it said."""
        return self.start(*arguments).wait()

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

    def settled(self) -> tuple[Any, ...]:
        """Everything that a refused command must leave as it was."""
        return (
            self.version(),
            self.tables(),
            self.sql("SELECT to_jsonb(a) FROM installed_addon a ORDER BY id"),
            self.sql("SELECT version_num FROM alembic_version ORDER BY 1"),
            self.sql("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'"),
        )


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    server = Commands()
    yield server
    server.end()


@pytest.fixture
def place(postgres: TestServer, commands: Commands, tmp_path: Path) -> Iterator[Place]:
    addresses = postgres.copy("lifecycle")
    yield Place(addresses, tmp_path, postgres, commands)
    postgres.drop("lifecycle")


@pytest.fixture
def settled(place: Place) -> Callable[[], tuple[Any, ...]]:
    return place.settled
