"""What PostgreSQL must refuse the application role on a table of institutions, with no guard of the session around."""

from __future__ import annotations

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.exc import DBAPIError

from app.database.scope import SHARED_INSTITUTION_ID

ANOTHER = str(SHARED_INSTITUTION_ID + 1)
UNTOLD = {"42704", "22P02"}
"""The SQLSTATEs of a setting that was never made, and of an empty one."""
DENIED = {"42501"}


def wall_problems(connection: Connection, table: Table) -> list[str]:
    """One sentence per hole in the row-level security of ``table``; ``connection`` is the application role's."""
    problems = []
    if not connection.scalar(select(func.row_security_active(table.name))):
        problems.append(f"{table.name}: row-level security is off")
    if _refusal(connection, table, "") not in UNTOLD:
        problems.append(f"{table.name}: a row is written where no institution was told")
    if _refusal(connection, table, ANOTHER) not in DENIED:
        problems.append(f"{table.name}: an institution writes a row of another")
    if _refusal(connection, table, str(SHARED_INSTITUTION_ID)) in UNTOLD | DENIED:
        problems.append(f"{table.name}: an institution may not write rows of its own")
    return problems


def _refusal(connection: Connection, table: Table, told: str) -> str:
    """The SQLSTATE by which a row of the shared institution is refused while ``told`` is the one to write."""
    nested = connection.begin_nested()
    try:
        readable = f"{{{SHARED_INSTITUTION_ID}}}"  # what is written is returned, and must be readable
        connection.execute(select(func.set_config("app.read_institutions", readable, True)))
        connection.execute(select(func.set_config("app.write_institution", told, True)))
        connection.execute(table.insert().values(institution_id=SHARED_INSTITUTION_ID))
    except DBAPIError as error:
        return str(getattr(error.orig, "sqlstate", ""))
    finally:
        nested.rollback()
    return ""
