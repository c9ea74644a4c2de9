"""The owner's agent: plans and carries out what was asked for on the page "Addons", one request after the other.

The web processes cannot change tables; they write a request, and this process, which knows the owner's address, starts
the same commands that a person would type.
"""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.types.json import Jsonb

from app.database.addresses import Addresses, libpq_address
from app.registry.manifest import NAME_PATTERN

if TYPE_CHECKING:
    from config import Settings

log = logging.getLogger("sinergi")

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = frozenset({"install", "upgrade", "retire", "purge"})
SECONDS_BETWEEN_LOOKS = 1.0
_LOCK = 7_361_002
"""Only one agent works on a database; others stand by."""

_STEP = re.compile(r"\[(\d+)/(\d+)\] (.+)")
_ALIVE = """
INSERT INTO running_process (kind, host, process, registry_version)
VALUES ('agent', %s, %s, (SELECT registry_version FROM registry_state))
ON CONFLICT (host, process) DO UPDATE SET kind = 'agent', seen_at = now(), registry_version = excluded.registry_version
"""
_GONE = "DELETE FROM running_process WHERE (host, process) = (%s, %s)"
_NEXT = """
SELECT id, command, addon, state, forced FROM addon_request WHERE state IN ('asked', 'confirmed') ORDER BY id LIMIT 1
"""
_LEFT = """
UPDATE addon_request SET state = 'refused', finished_at = now(),
    log = log || 'The agent ended before the command did; nothing was changed.'
WHERE state = 'running'
"""


class Agent:
    """Looks for requests until it is asked to end."""

    def __init__(self, settings: Settings, addresses: Addresses) -> None:
        self._address = libpq_address(addresses.owner)
        environment = {name: value for name, value in os.environ.items() if name != "SINERGI_PROCESS"}
        self._environment = environment | {
            "SINERGI_DATABASE_URL": addresses.application,
            "SINERGI_OWNER_DATABASE_URL": addresses.owner,
            "SINERGI_DATA_DIR": str(settings.data_dir),
            "SINERGI_ADDONS_PATH": os.pathsep.join(map(str, settings.addons_path)),
            "PYTHONUNBUFFERED": "1",
        }
        self._me = (socket.gethostname()[:200], os.getpid())
        self._asked_to_end = False
        self._served: list[int] = []

    def work(self, *, once: bool = False) -> list[int]:
        """Carry out requests; ``once``: those that wait now. Returns the numbers of those it planned or carried out."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        while not self._asked_to_end:
            try:
                with psycopg.connect(self._address, autocommit=True, connect_timeout=5) as connection:
                    self._work_on(connection, once=once)
                    connection.execute(_GONE, self._me)
            except psycopg.Error as error:
                log.warning("agent: %s", type(error).__name__)  # the database is away, or not prepared yet
                time.sleep(SECONDS_BETWEEN_LOOKS * 5)  # a database that restarts is not asked every second
            if once:
                break
        return self._served

    def _end(self, *_signal: object) -> None:
        self._asked_to_end = True

    def _work_on(self, connection: psycopg.Connection[Any], *, once: bool) -> None:
        is_alone = False
        while not self._asked_to_end:
            connection.execute(_ALIVE, self._me)
            if not is_alone:
                row = connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
                is_alone = bool(row and row[0])
                if is_alone:
                    connection.execute(_LEFT)
            request = connection.execute(_NEXT).fetchone() if is_alone else None
            if request is not None:
                self._serve(connection, *request)
                self._served.append(request[0])
            elif once:
                return
            else:
                time.sleep(SECONDS_BETWEEN_LOOKS)  # requests are rare; a page shows them as waiting meanwhile

    def _serve(
        self, connection: psycopg.Connection[Any], number: int, command: str, addon: str, state: str, forced: bool
    ) -> None:
        # The row was written by a web process: nothing in it becomes an option or another command.
        if command not in COMMANDS or not NAME_PATTERN.fullmatch(addon):
            _write(connection, number, state="refused", log="This is not a request.")
        elif state == "asked":
            self._plan(connection, number, command, addon)
        else:
            self._run(connection, number, command, addon, forced=forced)

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(ROOT / "run.py"), "addons", *arguments]

    def _plan(self, connection: psycopg.Connection[Any], number: int, command: str, addon: str) -> None:
        done = subprocess.run(
            self._command("plan", command, addon, "--json"),
            env=self._environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            plan = json.loads(done.stdout)
        except ValueError:
            _write(connection, number, state="refused", log=_told(done.stdout + done.stderr))
            return
        connection.execute(
            "UPDATE addon_request SET state = 'planned', plan = %s WHERE id = %s AND state = 'asked'",
            (Jsonb(plan), number),
        )

    def _run(self, connection: psycopg.Connection[Any], number: int, command: str, addon: str, *, forced: bool) -> None:
        options = ["--force"] if forced and command == "retire" else []
        options += ["--yes", addon] if command == "purge" else []
        connection.execute("UPDATE addon_request SET state = 'running' WHERE id = %s", (number,))
        steps: list[dict[str, Any]] = []
        told = ""
        with subprocess.Popen(
            self._command(command, addon, *options),
            env=self._environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as child:
            for line in child.stdout or ():
                if found := _STEP.fullmatch(line.strip()):
                    steps.append({"number": int(found[1]), "of": int(found[2]), "title": found[3]})
                else:
                    told += line
                connection.execute(
                    "UPDATE addon_request SET steps = %s, log = %s WHERE id = %s",
                    (Jsonb(steps), told[-20_000:], number),
                )
                connection.execute(_ALIVE, self._me)
        if child.returncode < 0:
            told += "The command was ended from outside; nothing was changed."
        _write(connection, number, state="refused" if child.returncode else "done", log=_told(told))


def _told(text: str) -> str:
    """What a command said, without click's own word before it."""
    return text.replace("Error: ", "", 1).strip()[-20_000:]


def _write(connection: psycopg.Connection[Any], number: int, *, state: str, log: str) -> None:
    connection.execute(
        "UPDATE addon_request SET state = %s, log = %s, finished_at = now() WHERE id = %s", (state, log, number)
    )
