"""Answers where the database is: at the given addresses, or in the embedded server, started when needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import make_url

from app.database.embedded import Addresses, EmbeddedServer
from app.errors import SinergiError

if TYPE_CHECKING:
    from config import Settings

__all__ = ["Addresses", "DatabaseUnreachable", "check_reachable", "database_addresses", "libpq_address"]

OLDEST_SERVER = 15
CONNECT_SECONDS = 5


class DatabaseUnreachable(SinergiError):
    """The configured database does not answer, or is not one we can use."""

    status = 503
    code = "database_unreachable"


@contextmanager
def database_addresses(settings: Settings) -> Iterator[Addresses]:
    """Yield the addresses while the block runs; an embedded server that nobody else uses ends with the block."""
    if settings.database_url and settings.owner_database_url:
        given = Addresses(owner=settings.owner_database_url, application=settings.database_url)
        check_reachable(given)
        yield given
        return
    server = EmbeddedServer(settings.data_dir / "postgresql")
    try:
        yield server.start()
    finally:
        server.stop()


def libpq_address(url: str) -> str:
    """The same address for psycopg and PostgreSQL's programs, which read SQLAlchemy's `+` for a blank differently."""
    address = make_url(url)
    parts: dict[str, Any] = {**address.translate_connect_args(username="user", database="dbname"), **address.query}
    return make_conninfo("", **parts)


def check_reachable(addresses: Addresses) -> None:
    """Refuse with one sentence, without passwords, a server that is away, too old, or the wrong role for the work."""
    for url in (addresses.owner, addresses.application):
        address = make_url(url)
        place = f"{address.host or address.query.get('host') or 'the local socket'}:{address.port or 5432}"
        try:
            with psycopg.connect(libpq_address(url), connect_timeout=CONNECT_SECONDS) as connection:
                version = connection.info.server_version // 10_000
                superuser = connection.info.parameter_status("is_superuser") == "on"
        except psycopg.Error as error:
            reason = _reason(str(error), address.password)
            raise DatabaseUnreachable(
                f"The database {address.database} at {place} cannot be reached as {address.username} ({reason})."
            ) from None
        if version < OLDEST_SERVER:
            raise DatabaseUnreachable(f"PostgreSQL at {place} is version {version}; {OLDEST_SERVER} is the oldest.")
        if superuser and url == addresses.application:
            raise DatabaseUnreachable(f"SINERGI_DATABASE_URL must not use the superuser {address.username}.")


def _reason(text: str, password: str | None) -> str:
    """The last telling line of psycopg's report."""
    lines = [line.strip(" .\t-") for line in text.splitlines() if line.strip() and not line.startswith("\t")]
    reason = lines[0].rpartition("failed: ")[2] if lines else "no reason was given"
    return reason.replace(password, "***") if password else reason
