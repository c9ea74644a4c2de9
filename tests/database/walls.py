"""What the tests of row-level security share: connections, statements, and the checks of one table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors, sql

from app.database.addresses import Addresses, libpq_address
from app.database.policies import OTHERWISE, policies_of

SHARED = 1
MOSTLY_READ = {"audit_entry", "external_id"}
"""What the application role cannot change anyhow, by its grants."""
READ_BY_ALL = {table for table, (commands, _why) in OTHERWISE.items() if commands["SELECT"] == "true"}
REFUSALS = (errors.UndefinedObject, errors.InvalidTextRepresentation)
"""What a setting that was never made, or that ended with its transaction, brings."""

_TABLES = """
SELECT c.relname, c.relrowsecurity, EXISTS (
    SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'institution_id' AND NOT a.attisdropped)
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'f', 'v', 'm') ORDER BY 1
"""


@dataclass
class Ground:
    """A filled database and the ids of its two institutions."""

    addresses: Addresses
    kendal: int
    unair: int

    @contextmanager
    def application(self) -> Iterator[psycopg.Connection[Any]]:
        """A fresh connection of the application role; what it does is rolled back."""
        with psycopg.connect(libpq_address(self.addresses.application)) as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def owner(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection of the owner."""
        with psycopg.connect(libpq_address(self.addresses.owner)) as connection:
            yield connection

    def all_tables(self) -> dict[str, tuple[bool, bool]]:
        """Every table and view: whether policies are on, whether it has an ``institution_id``."""
        with self.owner() as connection:
            return {name: (on, owned) for name, on, owned in connection.execute(_TABLES)}

    def owned_tables(self) -> list[str]:
        """The tables with an ``institution_id``."""
        return [name for name, (_on, owned) in self.all_tables().items() if owned]


def tell(
    connection: psycopg.Connection[Any], read: tuple[int, ...], write: int | None, user: int | None = None
) -> None:
    """Name the scope as the session does, for this transaction."""
    connection.execute(
        "SELECT set_config('app.read_institutions', %s, true), set_config('app.write_institution', %s, true), "
        "set_config('app.user_id', %s, true)",
        ["{" + ",".join(map(str, read)) + "}", str(write or ""), str(user or "")],
    )


def owners_seen(connection: psycopg.Connection[Any], table: str) -> set[int]:
    """The institutions whose rows a SELECT over the whole table shows."""
    statement = sql.SQL("SELECT DISTINCT institution_id FROM {}").format(sql.Identifier(table))
    return {row[0] for row in connection.execute(statement)}


def attempt(connection: psycopg.Connection[Any], statement: str, table: str, *values: Any) -> int | str:
    """The number of rows that ``statement`` reached, or the class of its refusal; undone either way."""
    try:
        with connection.transaction(force_rollback=True):
            return connection.execute(sql.SQL(statement).format(sql.Identifier(table)), values).rowcount
    except errors.IntegrityError:
        return "reached"  # a constraint answered: the policies had let the row through
    except errors.InsufficientPrivilege as error:
        return DENIED if "row-level security" in str(error) else NO_GRANT
    except REFUSALS:
        return UNTOLD


SHARED_PARTNER = "INSERT INTO partners_partner (name, institution_id) VALUES ('Bersama Contoh', 1)"
DENIED, NO_GRANT, UNTOLD = "refused by a policy", "no grant", "the institution was not told"
COPY = "INSERT INTO {0} SELECT (jsonb_populate_record(NULL::{0}, %s::jsonb)).*"


def a_row(ground: Ground, table: str, institution: int) -> tuple[int, str]:
    """Id and JSON of one row of the institution, read by the owner."""
    statement = sql.SQL("SELECT id, to_jsonb(t)::text FROM {} t WHERE institution_id = %s LIMIT 1")
    with ground.owner() as connection:
        row = connection.execute(statement.format(sql.Identifier(table)), [institution]).fetchone()
    assert row is not None, f"{table} has no row to test with"
    return row[0], row[1]


def check_catalogue(ground: Ground) -> None:
    """Every table has the policies that are declared for it, and no others."""
    wanted = {
        (policy.table, policy.command, "PERMISSIVE", "{public}")
        for table, (_on, owned) in ground.all_tables().items()
        for policy in policies_of(table, owned=owned)
    }
    with ground.owner() as connection:
        statement = "SELECT tablename, cmd, permissive, roles::text FROM pg_policies WHERE schemaname = 'public'"
        found = connection.execute(statement).fetchall()
    assert sorted(found) == sorted(wanted)


def check_reads(ground: Ground, table: str) -> None:
    """Kendal sees its own and the shared rows, whatever it asks."""
    with ground.application() as connection:
        tell(connection, (SHARED, ground.kendal), ground.kendal)
        seen = owners_seen(connection, table)
        assert ground.kendal in seen, table
        assert (seen <= {SHARED, ground.kendal}) is (table not in READ_BY_ALL), (table, seen)


def check_writes(ground: Ground, table: str) -> None:
    """Kendal changes and deletes its own rows, and neither Unair's nor the shared ones."""
    own, foreign = a_row(ground, table, ground.kendal), a_row(ground, table, ground.unair)
    change = "UPDATE {} SET institution_id = institution_id WHERE institution_id = %s"
    move = "UPDATE {} SET institution_id = %s WHERE id = %s"
    with ground.application() as connection:
        tell(connection, (SHARED, ground.kendal), ground.kendal)
        for institution in (ground.unair, SHARED):
            assert attempt(connection, change, table, institution) == 0, table
            assert attempt(connection, "DELETE FROM {} WHERE institution_id = %s", table, institution) == 0, table
            assert attempt(connection, move, table, institution, own[0]) == DENIED, table
        assert attempt(connection, move, table, ground.kendal, foreign[0]) == 0, table
        assert attempt(connection, COPY, table, foreign[1]) == DENIED, table
        shared = foreign[1].replace(f'"institution_id": {ground.unair}', f'"institution_id": {SHARED}')
        assert attempt(connection, COPY, table, shared) == DENIED, table
        # The same statements reach the own rows, so the refusals above mean something.
        assert attempt(connection, change, table, ground.kendal) not in {0, DENIED}, table
        assert attempt(connection, "DELETE FROM {} WHERE id = %s", table, own[0]) in {1, "reached"}, table
        assert attempt(connection, COPY, table, own[1]) == "reached", table
