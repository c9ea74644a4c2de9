"""PostgreSQL's own programs for dumping and restoring."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from app.database.addresses import libpq_address
from app.database.postgres_programs import EmbeddedError, wheel_programs
from app.errors import SinergiError

_ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


class BackupError(SinergiError):
    """A backup that cannot be made, read or restored; nothing was changed."""

    status = 409
    code = "backup"


def run_program(name: str, arguments: Sequence[str], owner_url: str) -> None:
    """Run ``pg_dump`` or ``pg_restore`` as the owner. The password goes by the environment, where no list of processes
    shows it. Raises `BackupError` with the program's own last sentence.
    """
    parts = conninfo_to_dict(libpq_address(owner_url))
    environment = {
        **os.environ,
        **{_ENVIRONMENT[key]: str(value) for key, value in parts.items() if key in _ENVIRONMENT and value is not None},
    }
    program = _program(name, owner_url)
    done = subprocess.run(
        [program, *arguments], env=environment, capture_output=True, text=True, check=False
    )  # our own arguments
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"{name} failed."]
        raise BackupError(f"{name}: {lines[-1]}")


def _program(name: str, owner_url: str) -> str:
    """The oldest program that is as new as the server: an older one cannot read it, a newer one may write what the
    server does not know.
    """
    with psycopg.connect(libpq_address(owner_url)) as connection:
        server = connection.info.server_version // 10000
    found = {version: path for path in _candidates(name) if (version := _version(path)) >= server}
    if not found:
        raise BackupError(f"{name} {server} or newer was not found. Install PostgreSQL's client programs.")
    return str(found[min(found)])


def _candidates(name: str) -> Iterator[Path]:
    with suppress(EmbeddedError):
        yield wheel_programs() / name
    if installed := shutil.which(name):
        yield Path(installed)
    yield from Path("/usr/lib/postgresql").glob(f"*/bin/{name}")


def _version(program: Path) -> int:
    """The major version that ``program`` says it has; 0 when it does not run."""
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=True
        ).stdout  # our own arguments
    except (OSError, subprocess.CalledProcessError):
        return 0
    digits = re.search(r"(\d+)", said)
    return int(digits[1]) if digits else 0
