"""Install, upgrade, retire and purge: one command, one transaction, as the owner, one at a time.

Whatever fails leaves the database as it was, and the version that runs goes on answering. Running processes learn of
the change when the transaction commits, and by then the code has been loaded in a process of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.database.addresses import Addresses, DatabaseUnreachable
from app.database.migration import take_lock, try_lock
from app.errors import AddonError, SinergiError
from app.registry import removing, setting_up
from app.registry.discovery import survey
from app.registry.installation import Installation, read_installation
from app.registry.manifest import Manifest
from app.registry.places import place_of

if TYPE_CHECKING:
    from config import Settings

BUSY = frozenset({"55P03", "40P01"})
"""PostgreSQL's codes for a lock that was not to be had in time, and for a deadlock."""

LONGEST_WAIT_FOR_A_TABLE = "800ms"
"""Below PostgreSQL's deadlock_timeout: rather this command begins again than a request fails."""

ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done: ``forced`` in spite of what needs the addon, ``typed`` its name once more, for a purge;
    ``export`` is the file that a purge writes, ``source`` the one that an install reads back.
    """

    command: str
    addon: str
    forced: bool = False
    typed: str = ""
    export: Path | None = None
    source: Path | None = None


@dataclass(slots=True)
class Work:
    """One attempt at a wish, inside its transaction."""

    settings: Settings
    addresses: Addresses
    connection: Connection
    wish: Wish
    say: Callable[[str], None]
    found: dict[str, Manifest]
    problems: list[str]
    installation: Installation
    total: int
    done: int = 0
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One step: announced, and named by what goes wrong in it."""
        self.done += 1
        self.say(f"[{self.done}/{self.total}] {title}")
        try:
            yield
        except DBAPIError as error:
            if _code(error) in BUSY:
                raise
            raise self._failed(title, error, str(error.orig).strip().splitlines()[0]) from error
        except SinergiError as error:
            raise self._failed(title, error, str(error)) from error
        except Exception as error:
            raise self._failed(title, error, f"{type(error).__name__}: {error}") from error

    def _failed(self, title: str, error: Exception, reason: str) -> AddonError:
        places = (place_of(error, manifest.folder) for manifest in self.found.values())
        place = next((item for item in places if item and item not in reason), "")
        return AddonError(f"Step {self.done} of {self.total}, {title[0].lower()}{title[1:]}: {reason}{place}")

    def refuse(self, refusals: list[str]) -> None:
        """Stop when there is anything against it; every reason is told at once."""
        if refusals:
            raise AddonError("\n".join(refusals), code="refused")


COMMANDS: dict[str, tuple[int, Callable[[Work], None]]] = {
    "install": (setting_up.STEPS, setting_up.install),
    "upgrade": (setting_up.STEPS, setting_up.upgrade),
    "retire": (removing.RETIRE_STEPS, removing.retire),
    "purge": (removing.PURGE_STEPS, removing.purge),
}


def carry_out(settings: Settings, addresses: Addresses, wish: Wish, say: Callable[[str], None] = print) -> None:
    """Do what ``wish`` says, or nothing. Raises `AddonError` with every reason, one sentence a line."""
    engine = create_engine(addresses.owner, connect_args={"connect_timeout": 5})
    try:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                _attempt(settings, addresses, engine.begin, wish, say)
                return
            except DBAPIError as error:
                if _code(error) not in BUSY or attempt == ATTEMPTS:
                    raise
                say("A table is in use; nothing was changed yet, beginning again …")
                time.sleep(0.2 * attempt)  # lets the requests through that hold the table
    except OperationalError as error:
        raise DatabaseUnreachable(f"PostgreSQL cannot be reached: {str(error.orig).strip().splitlines()[0]}") from None
    finally:
        engine.dispose()


def _attempt(
    settings: Settings, addresses: Addresses, begin: Callable[[], object], wish: Wish, say: Callable[[str], None]
) -> None:
    connection: Connection
    with begin() as connection:  # type: ignore[attr-defined]  # SQLAlchemy's context manager
        total, function = COMMANDS[wish.command]
        work = begin_work(settings, addresses, connection, wish, say, total)
        function(work)
    for action in work.after_commit:
        action()


def be_alone(connection: Connection, say: Callable[[str], None]) -> None:
    """Be the only command that changes addons until the transaction ends."""
    if not try_lock(connection):
        say("Another command is changing addons; waiting until it has ended …")
        take_lock(connection)


def begin_work(
    settings: Settings,
    addresses: Addresses,
    connection: Connection,
    wish: Wish,
    say: Callable[[str], None],
    total: int = 1,
) -> Work:
    """Be the only one who changes addons, and look at what there is."""
    be_alone(connection, say)
    connection.execute(text(f"SET LOCAL lock_timeout = '{LONGEST_WAIT_FOR_A_TABLE}'"))
    installation = read_installation(connection)
    if installation is None:
        raise AddonError("The database is empty: run `python run.py sync` first.")
    found, problems = survey(settings.addons_path)
    return Work(settings, addresses, connection, wish, say, found, problems, installation, total)


def _code(error: BaseException) -> str:
    return str(getattr(getattr(error, "orig", None), "sqlstate", "") or "")
