"""The policies as `sync` lays them: once, for new tables too; and that the checks find a hole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine

from app.database.addresses import libpq_address
from app.database.base import models
from app.database.policies import OWNED, lay_policies
from app.testing.databases import TestServer
from app.testing.wall_rules import wall_problems
from tests.database.walls import SHARED_PARTNER, Ground, check_catalogue, check_reads, check_writes

pytestmark = pytest.mark.postgres


@pytest.fixture
def copy(postgres: TestServer) -> Iterator[Ground]:
    """A database of its own to change policies in."""
    addresses = postgres.copy("sinergi_policies")
    with psycopg.connect(libpq_address(addresses.owner)) as connection:
        ids = dict(connection.execute("SELECT code, id FROM institution").fetchall())
    yield Ground(addresses, ids["kendal"], ids["unair"])
    postgres.drop("sinergi_policies")


# Laying them ------------------------------------------------------------------------------------------------------


def lay(ground: Ground) -> list[str]:
    """Lay the policies as `sync` does."""
    engine = create_engine(ground.addresses.owner)
    with engine.begin() as connection:
        statements = lay_policies(connection)
    engine.dispose()
    return statements


def test_they_are_laid_once_and_for_new_tables_too(copy: Ground) -> None:
    assert lay(copy) == []
    with copy.owner() as connection:
        connection.execute('CREATE TABLE "new_Table" (id int, institution_id int)')
    assert len(lay(copy)) == 1 + len(OWNED)
    assert copy.all_tables()["new_Table"] == (True, True)
    assert lay(copy) == []


@pytest.mark.parametrize(
    "change",
    [
        "DROP POLICY institution_select ON partners_partner",
        "ALTER POLICY institution_update ON partners_partner RENAME TO other",
        "ALTER POLICY institution_select ON partners_partner USING (true)",
        "ALTER POLICY institution_update ON partners_partner WITH CHECK (true)",
        "ALTER POLICY institution_insert ON partners_partner TO CURRENT_USER",
        "CREATE POLICY backdoor ON partners_partner USING (true)",
        "ALTER TABLE partners_partner DISABLE ROW LEVEL SECURITY",
    ],
)
def test_sync_puts_right_what_somebody_changed(copy: Ground, change: str) -> None:
    with copy.owner() as connection:
        connection.execute(change)
    assert lay(copy)
    check_reads(copy, "partners_partner")
    check_writes(copy, "partners_partner")
    assert lay(copy) == []


# That these tests can fail ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ("ALTER TABLE {0} DISABLE ROW LEVEL SECURITY", check_reads),
        ("CREATE POLICY hole ON {0} FOR SELECT USING (true)", check_reads),
        ("DROP POLICY institution_select ON {0}", check_reads),
        ("ALTER TABLE {0} DISABLE ROW LEVEL SECURITY", check_writes),
        ("ALTER POLICY institution_update ON {0} WITH CHECK (true)", check_writes),
        ("ALTER POLICY institution_insert ON {0} WITH CHECK (true)", check_writes),
        ("CREATE POLICY hole ON {0} FOR DELETE USING (institution_id = 1)", check_writes),
        ("DROP POLICY institution_update ON {0}", check_writes),
    ],
)
def test_a_hole_in_the_wall_is_found(copy: Ground, change: str, check: Any) -> None:
    with copy.owner() as connection:
        connection.execute(SHARED_PARTNER)
    check(copy, "partners_partner")
    with copy.owner() as connection:
        connection.execute(change.format("partners_partner"))
    with pytest.raises(AssertionError, match="partners_partner"):
        check(copy, "partners_partner")


@pytest.mark.parametrize(
    "change",
    [
        "DROP POLICY institution_delete ON partners_partner",
        "DROP POLICY institution_select ON audit_entry",
        "CREATE POLICY hole ON rooms_room USING (true)",
        "CREATE TABLE unknown_to_all (id int, institution_id int)",
    ],
)
def test_the_look_at_the_catalogue_finds_what_is_missing_or_too_much(copy: Ground, change: str) -> None:
    check_catalogue(copy)
    with copy.owner() as connection:
        connection.execute(change)
    with pytest.raises(AssertionError):
        check_catalogue(copy)


@pytest.mark.parametrize(
    ("change", "hole"),
    [
        ("ALTER TABLE {0} DISABLE ROW LEVEL SECURITY", "row-level security is off"),
        ("ALTER POLICY institution_insert ON {0} WITH CHECK (true)", "an institution writes a row of another"),
        ("DROP POLICY institution_insert ON {0}", "an institution may not write rows of its own"),
    ],
)
def test_the_generic_test_of_every_addon_finds_a_hole(copy: Ground, change: str, hole: str) -> None:
    table = models["partners.Partner"].__table__

    def found() -> list[str]:
        engine = create_engine(copy.addresses.application)
        with engine.connect() as connection:
            problems = wall_problems(connection, table)
        engine.dispose()
        return problems

    assert found() == []
    with copy.owner() as connection:
        connection.execute(change.format("partners_partner"))
    assert f"partners_partner: {hole}" in found()
