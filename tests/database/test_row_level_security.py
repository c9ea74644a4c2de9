"""The second wall: what PostgreSQL lets the application role do, with psycopg and without the guards of the session.

Generated over every table of the catalogue. The data are the world of the security tests: Kendal, Unair and what all
share.
"""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import select

from app.database.addresses import libpq_address
from app.database.policies import OTHERWISE, WITHOUT_POLICIES, policies_of
from app.testing.plugin import DATABASE
from tests.database.walls import (
    DENIED,
    MOSTLY_READ,
    NO_GRANT,
    READ_BY_ALL,
    SHARED,
    UNTOLD,
    Ground,
    attempt,
    check_catalogue,
    check_reads,
    check_writes,
    owners_seen,
    tell,
)
from tests.security.world import World

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def ground(world: World) -> Ground:
    """Rows of Kendal and of Unair in every owned table."""
    from app.access.acting import acting_as_system
    from app.database.base import InstitutionOwned, models
    from app.database.session import db
    from tests.security.maker import Maker
    from tests.security.world import KENDAL_MARK, UNAIR_MARK

    for institution, mark in (("kendal", KENDAL_MARK), ("unair", UNAIR_MARK)):
        with world.app.app_context(), acting_as_system(institution, "rows for a test") as scope:
            session = db.session()
            maker = Maker(session, mark, 1)
            maker.count = 5000
            maker.made = {key: session.get(models[key], pk) for key, pk in world.ids[institution].items()}
            maker.made["kernel.InstitutionAppearance"] = session.scalar(select(models["kernel.InstitutionAppearance"]))
            for key, model in models.items():
                if issubclass(model, InstitutionOwned) and key != "kernel.AuditEntry":
                    maker.one(key)
            for key in ("kernel.Invitation", "kernel.InstitutionRole"):
                maker.new(key, institution_id=scope.institution_id)
            session.commit()
    addresses = world.postgres.named(DATABASE)
    with psycopg.connect(libpq_address(addresses.owner)) as connection:
        ids = dict(connection.execute("SELECT code, id FROM institution").fetchall())
    return Ground(addresses, ids["kendal"], ids["unair"])


# What is where ----------------------------------------------------------------------------------------------------


def test_every_table_has_policies_or_stands_in_the_list_of_those_without(ground: Ground) -> None:
    for table, (on, owned) in ground.all_tables().items():
        assert (table in WITHOUT_POLICIES) != (owned or table in OTHERWISE), f"{table}: in neither list or in both"
        assert on is bool(policies_of(table, owned=owned)), table
    assert {why for why in WITHOUT_POLICIES.values() if len(why) < 15} <= {"Flask-AppBuilder's, unused"}


def test_the_lists_name_no_table_that_is_gone(ground: Ground) -> None:
    assert set(WITHOUT_POLICIES) | set(OTHERWISE) <= set(ground.all_tables())


def test_the_catalogue_holds_exactly_the_declared_policies(ground: Ground) -> None:
    check_catalogue(ground)


def test_the_application_role_is_bound_and_the_owner_is_not(ground: Ground) -> None:
    forced = "SELECT count(*) FROM pg_class WHERE relforcerowsecurity"
    with ground.owner() as connection:
        assert connection.execute(forced).fetchone() == (0,)
        assert len(owners_seen(connection, "partners_partner")) > 2
    with ground.application() as connection:
        assert connection.execute("SELECT row_security_active('partners_partner')").fetchone() == (True,)


# Reading and writing ----------------------------------------------------------------------------------------------


def test_without_settings_nothing_is_read_or_written(ground: Ground) -> None:
    """An error instead of an empty answer: somebody forgot the scope."""
    for table in ground.owned_tables():
        for told in (False, True):
            with ground.application() as connection:
                if told:
                    with connection.transaction():
                        tell(connection, (SHARED, ground.kendal), ground.kendal)
                    connection.commit()
                statements = ["UPDATE {} SET id = id", "DELETE FROM {}"]
                for statement in [*statements, *(["SELECT * FROM {}"] if table not in READ_BY_ALL else [])]:
                    answer = attempt(connection, statement, table)
                    no_grant = table in MOSTLY_READ and not statement.startswith("SELECT")
                    assert answer == (NO_GRANT if no_grant else UNTOLD), table


def test_an_institution_reads_its_own_and_the_shared_rows_of_every_table(ground: Ground) -> None:
    tables = ground.owned_tables()
    assert len(tables) > 30
    for table in tables:
        check_reads(ground, table)


def test_an_institution_writes_its_own_rows_only_in_every_table(ground: Ground) -> None:
    for table in ground.owned_tables():
        if table not in MOSTLY_READ:
            check_writes(ground, table)


def test_lasting_names_are_written_for_the_own_institution_only(ground: Ground) -> None:
    insert = "INSERT INTO {} (institution_id, addon, name, model, record_id) VALUES (%s, 'rls', 'one', 'rls.X', 1)"
    renew = "UPDATE {} SET record_id = record_id WHERE institution_id = %s"
    with ground.application() as connection:
        tell(connection, (SHARED, ground.kendal), ground.kendal)
        assert attempt(connection, insert, "external_id", ground.kendal) == 1
        assert attempt(connection, renew, "external_id", ground.kendal) > 1  # type: ignore[operator]  # a number
        for institution in (ground.unair, SHARED):
            assert attempt(connection, insert, "external_id", institution) == DENIED
            assert attempt(connection, renew, "external_id", institution) == 0


def test_a_person_sees_and_makes_only_the_own_form_tokens(ground: Ground) -> None:
    insert = "INSERT INTO {} (token, user_id, used_at, location) VALUES ('rls', %s, now(), '')"
    with ground.application() as connection:
        tell(connection, (), None, 2)
        assert attempt(connection, insert, "form_token", 3) == DENIED
        connection.execute(insert.format("form_token"), [2])
        assert attempt(connection, "SELECT FROM {}", "form_token") == 1
        for user in (3, None):
            tell(connection, (), None, user)
            assert attempt(connection, "SELECT FROM {}", "form_token") == 0
            assert attempt(connection, "DELETE FROM {}", "form_token") == 0


def test_a_scope_over_several_institutions_writes_nothing(ground: Ground) -> None:
    with ground.application() as connection:
        tell(connection, (SHARED, ground.kendal, ground.unair), None)
        assert owners_seen(connection, "partners_partner") >= {ground.kendal, ground.unair}
        assert attempt(connection, "UPDATE {} SET city = 'x'", "partners_partner") == UNTOLD


def test_the_settings_end_with_their_transaction(ground: Ground) -> None:
    with ground.application() as connection:
        tell(connection, (SHARED, ground.kendal), ground.kendal)
        assert owners_seen(connection, "partners_partner")
        connection.rollback()
        assert attempt(connection, "SELECT FROM {}", "partners_partner") == UNTOLD


def test_a_table_of_an_addon_has_them_without_its_author_doing_anything(ground: Ground) -> None:
    check_reads(ground, "dummy_note")
    check_writes(ground, "dummy_note")
