"""Trying a set of addons in a process of its own, before running processes are told to load it.

The process is given the names and reads no database: it could not see the transaction that is still open, and would
wait on its locks.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from app.errors import AddonError, SinergiError
from app.registry.manifest import Manifest

if TYPE_CHECKING:
    from config import Settings

_NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"


def try_load(settings: Settings, names: Iterable[str], found: Mapping[str, Manifest]) -> None:
    """Load ``names`` and build the application in a child process. Raises `AddonError` with what the child said.

    Call it before this process has loaded any addon: the child begins as its copy.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        said = _said(settings, list(names), found)
        os.write(writing, said.encode()[:60_000])
        os._exit(1 if said else 0)  # nothing of the parent's is closed: its connection goes on
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode(errors="replace")
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if said or code:
        raise AddonError(said or f"Loading the addons ended with code {code}.")


def _said(settings: Settings, names: list[str], found: Mapping[str, Manifest]) -> str:
    from app.application import build
    from app.registry.loader import load

    try:
        load(names, found=found)
        build(settings, _NOWHERE, names)
    except SinergiError as error:
        return str(error)
    except BaseException as error:  # whatever it is, it must not become a second parent
        return f"{type(error).__name__}: {error}"
    return ""
