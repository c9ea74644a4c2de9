"""Text search under row-level security.

ILIKE is not leakproof, so under a policy PostgreSQL reads every row of the institution before it compares, and a
trigram index lies idle. One function of the owner's searches with the index instead, inside the institutions of the
scope, and gives ids only; every other wall then stands around the rows with those ids. See docs/decisions/0007.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection, make_url, text

PREFIX = "search_"
"""The first letters of the index of a searched column; migrations leave such indexes alone."""

_FUNCTION = """
CREATE OR REPLACE FUNCTION search_ids(target text, columns text[], pattern text, most int) RETURNS int[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    condition text;
    found int[];
BEGIN
    IF EXISTS (
        SELECT FROM unnest(columns) AS name WHERE NOT EXISTS (
            SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
            WHERE i.indrelid = format('public.%I', target)::regclass AND a.attname = name
                AND starts_with(c.relname, 'search_')))
    THEN
        RETURN NULL;  -- no list is searched by it: the policies answer, row by row
    END IF;
    SELECT string_agg(format('%I ILIKE $1', name), ' OR ') INTO condition FROM unnest(columns) AS name;
    EXECUTE format(
        'SELECT array_agg(id) FROM (SELECT id FROM %I WHERE (%s) AND institution_id = ANY ($2) LIMIT $3) AS hits',
        target, condition)
    INTO found USING pattern, current_setting('app.read_institutions')::int[], most + 1;
    RETURN CASE WHEN cardinality(found) > most THEN NULL ELSE coalesce(found, '{}') END;
END $$
"""


def index_name(table: str, column: str) -> str:
    """What the index of a searched column is called; PostgreSQL's names end at 63 characters."""
    name = f"{PREFIX}{table}_{column}"
    return name if len(name) <= 63 else f"{name[:54]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def lay_text_search(connection: Connection, application_url: str, searched: Iterable[tuple[str, str]]) -> list[str]:
    """Make the function, and an index for every searched (table, column) that has none; the names of the new ones."""
    quote = connection.dialect.identifier_preparer.quote
    signature = "FUNCTION search_ids(text, text[], text, int)"
    connection.execute(text(_FUNCTION))
    connection.exec_driver_sql(f"REVOKE ALL ON {signature} FROM PUBLIC")
    connection.exec_driver_sql(f"GRANT EXECUTE ON {signature} TO {quote(make_url(application_url).username or '')}")
    present = set(connection.scalars(text("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")))
    wanted = {index_name(table, column): (table, column) for table, column in searched}
    new = sorted(wanted.keys() - present)
    for name in new:
        table, column = wanted[name]
        target = f"{quote(table)} USING gin ({quote(column)} gin_trgm_ops)"
        connection.exec_driver_sql(f"CREATE INDEX {quote(name)} ON {target}")
    return new
