"""The application's database role: it works with rows and owns nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import make_url

from app.database.addresses import Addresses, libpq_address
from app.database.provision import READ_ONLY_TABLES

pytestmark = pytest.mark.postgres

READ_ONLY_STATEMENTS = {
    "audit_entry": "UPDATE audit_entry SET operation = 'insert'",
    "installed_addon": "UPDATE installed_addon SET version = '9'",
    "institution": "UPDATE institution SET active = false",
    "external_id": "UPDATE external_id SET model = 'mine'",
}


@pytest.fixture
def application_role(addresses: Addresses) -> Iterator[psycopg.Connection]:
    """A connection as the web application has it, to which every institution was named: only grants refuse here."""
    with psycopg.connect(libpq_address(addresses.application), autocommit=True) as connection:
        every = "SELECT set_config('app.read_institutions', array_agg(id)::text, false) FROM institution"
        connection.execute(every)
        yield connection


@pytest.fixture
def owner(addresses: Addresses) -> Iterator[psycopg.Connection]:
    """A connection of the owner's."""
    with psycopg.connect(libpq_address(addresses.owner), autocommit=True) as connection:
        yield connection


def test_the_tests_themselves_run_as_the_application_role(app: object, addresses: Addresses) -> None:
    from flask import Flask

    from app.database.session import db

    assert isinstance(app, Flask)
    with app.app_context():
        assert db.engine.url.username == make_url(addresses.application).username
        assert db.engine.url.username != make_url(addresses.owner).username


def test_it_has_no_power_over_the_server(application_role: psycopg.Connection) -> None:
    row = application_role.execute(
        "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles "
        "WHERE rolname = current_user"
    ).fetchone()
    assert row == (False, False, False, False, False)
    groups = application_role.execute(
        "SELECT rolname FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER') AND rolname <> current_user"
    ).fetchall()
    assert groups == []


def test_it_owns_nothing(application_role: psycopg.Connection, owner: psycopg.Connection) -> None:
    count = "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
    assert application_role.execute(count).fetchone() == (0,)
    assert (owner.execute(count).fetchone() or (0,))[0] > 50
    functions = "SELECT count(*) FROM pg_proc WHERE proowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
    assert application_role.execute(functions).fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE VIEW mine AS SELECT 1",
        "CREATE EXTENSION hstore",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "ALTER TABLE partners_partner ADD COLUMN mine int",
        "ALTER TABLE partners_partner DISABLE TRIGGER audit",
        "ALTER TABLE rooms_booking DROP CONSTRAINT booking_room_is_free",
        "DROP TRIGGER audit ON partners_partner",
        "DROP TABLE partners_contact",
        "DROP FUNCTION audit_row() CASCADE",
        "DROP INDEX uq_partners_partner_name_active",
        "TRUNCATE partners_contact",
        "TRUNCATE audit_entry",
        "SET session_replication_role = replica",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
def test_it_cannot_change_the_schema(application_role: psycopg.Connection, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        application_role.execute(statement)


@pytest.mark.parametrize("grantee", ["CURRENT_USER", "PUBLIC"])
def test_it_grants_nothing_to_anybody(application_role: psycopg.Connection, grantee: str) -> None:
    # PostgreSQL answers this with a warning when the role has some right on the table, and grants nothing.
    with suppress(errors.InsufficientPrivilege):
        application_role.execute(f"GRANT ALL ON audit_entry TO {grantee}")
    row = application_role.execute("SELECT has_table_privilege('audit_entry', 'INSERT')").fetchone()
    assert row == (False,)


@pytest.mark.parametrize("table", READ_ONLY_TABLES)
def test_it_reads_and_does_not_change_what_only_the_owner_writes(
    application_role: psycopg.Connection, owner: psycopg.Connection, table: str
) -> None:
    assert (application_role.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,))[0] > 0
    for statement in (READ_ONLY_STATEMENTS[table], f"DELETE FROM {table}"):
        with pytest.raises(errors.InsufficientPrivilege):
            application_role.execute(statement)
    with owner.transaction(force_rollback=True):
        owner.execute(READ_ONLY_STATEMENTS[table])


@pytest.mark.parametrize("table", ["audit_entry", "installed_addon", "institution"])
def test_it_adds_no_rows_to_what_only_the_owner_writes(application_role: psycopg.Connection, table: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        application_role.execute(f"INSERT INTO {table} DEFAULT VALUES")


def test_it_cannot_call_the_function_that_writes_the_trail(application_role: psycopg.Connection) -> None:
    row = application_role.execute("SELECT has_function_privilege('audit_row()', 'EXECUTE')").fetchone()
    assert row == (False,)


def test_it_works_with_the_rows_of_every_other_table(application_role: psycopg.Connection) -> None:
    tables = application_role.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    ).fetchall()
    assert len(tables) > 40
    for (table,) in tables:
        rights = application_role.execute(
            "SELECT has_table_privilege(%(t)s, 'SELECT'), has_table_privilege(%(t)s, 'UPDATE'), "
            "has_table_privilege(%(t)s, 'TRUNCATE'), has_table_privilege(%(t)s, 'TRIGGER'), "
            "has_table_privilege(%(t)s, 'REFERENCES')",
            {"t": table},
        ).fetchone()
        assert rights == (True, table not in READ_ONLY_TABLES, False, False, False), table


def test_it_cannot_move_the_migrations(application_role: psycopg.Connection) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        application_role.execute("DELETE FROM alembic_version")
