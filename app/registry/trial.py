"""Trying a set of addons in a process of its own, before running processes are told to load it.

The process is given the names and reads no database: it could not see the transaction that is still open, and would
wait on its locks.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import AddonError, SinergiError

if TYPE_CHECKING:
    from config import Settings

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
_NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"


def try_load(settings: Settings, names: Iterable[str]) -> None:
    """Load ``names`` and build the application in a child process. Raises `AddonError` with what the child said."""
    environment = {name: value for name, value in os.environ.items() if name != "SINERGI_OWNER_DATABASE_URL"}
    environment |= {
        "SINERGI_PROCESS": "web",
        "SINERGI_DATABASE_URL": _NOWHERE,
        "SINERGI_DATA_DIR": str(settings.data_dir),
        "SINERGI_ADDONS_PATH": os.pathsep.join(map(str, settings.addons_path)),
    }
    command = [sys.executable, "-m", "app.registry.trial", *sorted(names)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise AddonError(f"Loading the addons did not end within {SECONDS} s.") from None
    if done.returncode:
        raise AddonError(done.stderr.strip() or f"Loading the addons ended with code {done.returncode}.")


def _main(names: list[str]) -> None:
    from app.application import build
    from config import load_settings

    try:
        settings = load_settings(os.environ)
        build(settings, _NOWHERE, names)
    except SinergiError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    _main(sys.argv[1:])
