"""Everything a database holds, to be compared with what it holds later."""

from __future__ import annotations

import psycopg

from app.database.addresses import Addresses, libpq_address


def dump(addresses: Addresses, institution: str | None = None) -> dict[str, list[str]]:
    """Every row of every table (of one institution), as text; the trail and the counter of changes are left out."""
    found = {}
    with psycopg.connect(libpq_address(addresses.owner)) as connection:
        tables = connection.execute(
            "SELECT c.table_name, bool_or(c.column_name = 'institution_id') FROM information_schema.columns c "
            "JOIN pg_tables t ON t.tablename = c.table_name AND t.schemaname = 'public' "
            "WHERE c.table_schema = 'public' AND c.table_name NOT IN ('registry_state', 'audit_entry') GROUP BY 1"
        ).fetchall()
        for table, owned in tables:
            where = (
                f"WHERE institution_id = (SELECT id FROM institution WHERE code = '{institution}')"
                if institution
                else ""
            )
            if institution is None or owned:
                rows = connection.execute(f"SELECT t::text FROM {table} t {where}").fetchall()
                found[table] = sorted(row for (row,) in rows)
    return found
