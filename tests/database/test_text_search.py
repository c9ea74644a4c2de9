"""Searching under row-level security, and the plans of a list over 200,000 rows, as the application role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import create_engine, event, text

from app.database.addresses import Addresses, libpq_address
from app.database.text_search import index_name, lay_text_search
from tests.database.walls import SHARED, tell

pytestmark = pytest.mark.postgres

ROWS = 200_000
SEARCH = "SELECT search_ids('partners_partner', %s, %s, %s)"
MANY = """
INSERT INTO partners_partner (institution_id, name, city, email)
SELECT CASE WHEN n %% 2 = 0 THEN %s ELSE %s END, 'Mitra ' || md5(n::text) || ' ' || n, 'Kota ' || n %% 500,
    'm' || n || '@example.test' FROM generate_series(1, %s) AS n
"""


@pytest.fixture
def institutions(addresses: Addresses) -> dict[str, int]:
    """The institutions of the test's database."""
    with psycopg.connect(libpq_address(addresses.owner)) as connection:
        return dict(connection.execute("SELECT code, id FROM institution").fetchall())


@contextmanager
def role_of(addresses: Addresses, institution: int | None) -> Iterator[psycopg.Connection[Any]]:
    """The application role, without the session, in an institution or in none."""
    with psycopg.connect(libpq_address(addresses.application)) as connection:
        if institution is not None:
            tell(connection, (SHARED, institution), institution)
        yield connection
        connection.rollback()


def hits(connection: psycopg.Connection[Any], pattern: str, *columns: str, most: int = 10) -> list[int] | None:
    """What the function finds among partners."""
    row = connection.execute(SEARCH, [list(columns or ("name",)), pattern, most]).fetchone()
    return row[0] if row else None


def test_the_function_finds_only_what_the_institution_may_read(
    addresses: Addresses, institutions: dict[str, int]
) -> None:
    found = {}
    for code in ("kendal", "unair"):
        with role_of(addresses, institutions[code]) as connection:
            found[code] = hits(connection, "%Surabaya%")
            assert hits(connection, "%no such partner%") == []
    assert found["unair"]
    assert found["kendal"] == []


def test_without_an_institution_the_function_refuses(addresses: Addresses) -> None:
    with role_of(addresses, None) as connection, pytest.raises(errors.UndefinedObject):
        hits(connection, "%a%")


def test_the_function_says_nothing_about_columns_that_no_list_is_searched_by(
    addresses: Addresses, institutions: dict[str, int]
) -> None:
    with role_of(addresses, institutions["kendal"]) as connection:
        for table, column in (("ab_user", "password"), ("audit_entry", "operation"), ("partners_partner", "note")):
            statement = "SELECT search_ids(%s, ARRAY[%s], '%%', 1000)"
            assert connection.execute(statement, [table, column]).fetchone() == (None,), table
        with pytest.raises(errors.UndefinedTable):
            connection.execute("SELECT search_ids('x; DROP TABLE y', ARRAY['name'], '%%', 1)")


def test_more_hits_than_wanted_are_not_listed(addresses: Addresses, institutions: dict[str, int]) -> None:
    with role_of(addresses, institutions["unair"]) as connection:
        assert hits(connection, "%", most=0) is None
        assert hits(connection, "%", "name", "city", "email", most=1000)


def test_nobody_else_may_call_the_function(addresses: Addresses) -> None:
    signature = "search_ids(text, text[], text, int)"
    with psycopg.connect(libpq_address(addresses.owner)) as connection:
        public = "SELECT count(*) FROM pg_proc, aclexplode(proacl) WHERE proname = 'search_ids' AND grantee = 0"
        assert connection.execute(public).fetchone() == (0,)
    with role_of(addresses, None) as connection:
        row = connection.execute("SELECT has_function_privilege(%s, 'EXECUTE')", [signature]).fetchone()
        assert row == (True,)


def test_indexes_are_laid_once(addresses: Addresses) -> None:
    engine = create_engine(addresses.owner)
    with engine.begin() as connection:
        searched = [("partners_partner", "name"), ("partners_partner", "website")]
        assert lay_text_search(connection, addresses.application, searched) == ["search_partners_partner_website"]
        assert lay_text_search(connection, addresses.application, searched) == []
        connection.execute(text("DROP INDEX search_partners_partner_website"))
    engine.dispose()
    assert len({index_name("t" * 60, "a"), index_name("t" * 60, "b")}) == 2
    assert len(index_name("t" * 60, "a")) == 63


def test_a_page_a_count_and_a_search_over_many_rows_use_indexes(
    addresses: Addresses, institutions: dict[str, int], acting: Any
) -> None:
    from app.database.base import models
    from app.database.session import db
    from app.views import listing
    from app.views.text_search import search

    kendal, columns = institutions["kendal"], ("name", "city", "email")
    with psycopg.connect(libpq_address(addresses.owner), autocommit=True) as owner:
        owner.execute("ALTER TABLE partners_partner DISABLE TRIGGER audit")
        owner.execute("DROP INDEX " + ", ".join(index_name("partners_partner", name) for name in columns))
        owner.execute(MANY, [kendal, institutions["unair"], ROWS])
        owner.execute("ALTER TABLE partners_partner ENABLE TRIGGER audit")
    engine = create_engine(addresses.owner)  # filled first and indexed then, it takes a quarter of the time
    with engine.begin() as connection:
        lay_text_search(connection, addresses.application, [("partners_partner", name) for name in columns])
    engine.dispose()
    with psycopg.connect(libpq_address(addresses.owner), autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE partners_partner")
    partner, seen = models["partners.Partner"], []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "partners_partner" in statement and "search_ids" not in statement:
            seen.append((statement, dict(parameters)))

    with acting("kendal.admin", "kendal"):
        event.listen(db.engine, "before_cursor_execute", note)
        base = listing.order(listing.base_statement(partner), partner, ("name",), "name")
        page = listing.fetch(base, partner, [], 0, 25)
        found = listing.fetch(search(base, partner, columns, "mitra 777"), partner, [], 0, 25)
        single = listing.fetch(search(base, partner, columns, "77778"), partner, [], 0, 25)
        event.remove(db.engine, "before_cursor_execute", note)
        assert (len(page.records), page.is_capped) == (25, True)
        assert {record.institution_id for record in (*page.records, *found.records)} == {kendal}
        assert "77778" in single.records[0].name
        assert single.count < 20 < found.count < listing.COUNT_CAP
    with role_of(addresses, kendal) as connection:
        plans = ["\n".join(row[0] for row in connection.execute("EXPLAIN " + sql, values)) for sql, values in seen]
    assert len(plans) == 6
    count, rows, *searches = plans
    assert "Limit" in count
    assert "uq_partners_partner_name_active" in rows
    assert "Sort Key: partners_partner_2.name, partners_partner_2.id" not in rows or "Incremental Sort" in rows
    for plan in (rows, *searches):
        assert "Seq Scan on partners_partner" not in plan, plan
