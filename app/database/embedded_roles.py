"""Gives the embedded database the same two roles as production: one that owns, one that only works."""

from __future__ import annotations

import psycopg
from psycopg import sql

ADMINISTRATOR = "sinergi_admin"
OWNER = "sinergi_owner"
APPLICATION = "sinergi_app"
DATABASE = "sinergi"
# Written as the last step, so that a preparation cut short is done again; raise the number to prepare anew.
_PREPARED = "sinergi prepared 1"
_ATTRIBUTES = {
    OWNER: "LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS NOREPLICATION",
    APPLICATION: "LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS NOREPLICATION",
}


def prepare(server: dict[str, str | int], passwords: dict[str, str]) -> None:
    """Create roles and database where they are missing; repeating it changes nothing."""
    with _connect(server, passwords, "postgres") as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone()
        if row is not None and row[0] == _PREPARED:
            return
        _create_roles(connection, passwords)
        if row is None:
            connection.execute(_statement("CREATE DATABASE {} OWNER {}", DATABASE, OWNER))
    with _connect(server, passwords, DATABASE) as connection:
        _close_to_the_public(connection)


def _connect(server: dict[str, str | int], passwords: dict[str, str], database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(server["host"]),
        port=int(server["port"]),
        user=ADMINISTRATOR,
        password=passwords[ADMINISTRATOR],
        dbname=database,
        connect_timeout=5,
        autocommit=True,
    )


def answers(server: dict[str, str | int], passwords: dict[str, str]) -> bool:
    """Whether a server of ours accepts the administrator; a wrong password is an error, silence is False."""
    try:
        _connect(server, passwords, "postgres").close()
    except psycopg.errors.InvalidPassword:
        raise
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise psycopg.errors.InvalidPassword(str(error)) from error
        return False
    return True


def _create_roles(connection: psycopg.Connection, passwords: dict[str, str]) -> None:
    present = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
    for role, attributes in _ATTRIBUTES.items():
        verb = "ALTER" if role in present else "CREATE"
        connection.execute(
            sql.SQL("{} ROLE {} {} PASSWORD {}").format(
                sql.SQL(verb),
                sql.Identifier(role),
                sql.SQL(attributes),
                sql.Literal(passwords[role]),
            )
        )


def _close_to_the_public(connection: psycopg.Connection) -> None:
    """Leave the application role CONNECT and USAGE; what it may do with a table is granted table by table."""
    connection.execute(_statement("REVOKE ALL ON DATABASE {} FROM PUBLIC", DATABASE))
    connection.execute(_statement("GRANT CONNECT ON DATABASE {} TO {}", DATABASE, APPLICATION))
    connection.execute(_statement("ALTER SCHEMA public OWNER TO {}", OWNER))
    connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    connection.execute(_statement("GRANT USAGE ON SCHEMA public TO {}", APPLICATION))
    connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(DATABASE), sql.Literal(_PREPARED)))


def _statement(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))
