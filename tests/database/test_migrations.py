"""Migrations: what they build is what the models declare, and every branch goes back and forth."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from app.database import migration
from app.database.base import AppBuilderModel, models
from app.database.provision import audited_tables
from app.registry.enablement import registry
from app.registry.graph import dependents
from app.testing.alone import alone
from app.testing.databases import TestServer
from app.testing.forked import ROOT

pytestmark = pytest.mark.postgres

BRANCHES = sorted(
    path.parent.name for path in (*ROOT.glob("addons/*/__manifest__.py"), *ROOT.glob("tests/addons/*/__manifest__.py"))
)


@pytest.fixture
def owner(application: Flask, postgres: TestServer) -> Iterator[Engine]:
    """The owner's connections to a copy of the demo that a test may migrate as it likes."""
    engine = create_engine(postgres.copy("migrating").owner)
    yield engine
    engine.dispose()
    postgres.drop("migrating")


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def tables_of(*addons: str) -> set[str]:
    """The tables that the models of ``addons`` declare; table names begin with the addon's."""
    return {str(model.__tablename__) for key, model in models.items() if key.split(".")[0] in addons}


def extension_columns(addon: str) -> set[tuple[str, str]]:
    """The columns that ``addon`` adds to tables of others."""
    return {
        (table.name, column.name)
        for table in AppBuilderModel.metadata.tables.values()
        for column in table.columns
        if column.name.startswith(f"{addon}_") and not column.foreign_keys and table.name not in tables_of(addon)
    }


def test_a_fresh_database_at_the_heads_is_what_the_models_declare(owner: Engine) -> None:
    with owner.connect() as connection:
        assert len(tables(connection)) > 30
        assert migration.difference(connection) == []


def test_a_difference_would_be_seen(owner: Engine) -> None:
    with owner.connect() as connection:
        connection.execute(text("ALTER TABLE partners_partner DROP COLUMN city"))
        connection.execute(text("ALTER TABLE rooms_room ALTER COLUMN name TYPE varchar(700)"))
        connection.execute(text("ALTER TABLE institution ADD COLUMN surplus int"))
        found = str(migration.difference(connection))
    assert "add_column" in found
    assert "modify_type" in found
    assert "remove_column" in found


def test_tables_of_other_software_are_left_alone(owner: Engine) -> None:
    with owner.connect() as connection:
        connection.execute(text("CREATE TABLE of_other_software (id int)"))
        assert {"of_other_software", "procrastinate_jobs"} <= tables(connection)
        assert migration.difference(connection) == []


def test_every_branch_has_one_head_and_names_its_revisions_after_itself(application: Flask) -> None:
    heads = migration.heads(registry().manifests.values())
    names = [head.rsplit("_", maxsplit=1)[0] for head in heads]
    assert sorted(names) == sorted(set(names))
    assert set(BRANCHES) | {"kernel"} >= set(names)
    assert {key.split(".")[0] for key in models} <= set(names)


@pytest.mark.parametrize("addon", BRANCHES)
def test_a_branch_goes_down_with_its_dependents_and_up_again_over_filled_tables(owner: Engine, addon: str) -> None:
    manifests = registry().manifests
    leaving = tables_of(addon, *dependents(manifests, addon))
    with owner.connect() as connection:
        before = tables(connection)
        assert leaving <= before
        migration.downgrade(connection, manifests.values(), f"{addon}@base")
        assert tables(connection) == before - leaving
        for table, column in extension_columns(addon):
            if table in tables(connection):
                assert column not in {item["name"] for item in inspect(connection).get_columns(table)}
        migration.upgrade(connection, manifests.values())
        assert tables(connection) == before
        assert migration.difference(connection) == []


@pytest.fixture(scope="module")
def tried_alone(postgres: TestServer) -> dict[str, str]:
    """What was wrong with the kernel and the dummy by themselves; the addons' own tests ask for theirs."""
    return alone(postgres, ["kernel", "dummy"])


@pytest.mark.parametrize("branch", ["kernel", "dummy"])
def test_it_loads_migrates_up_and_down_and_works_with_nothing_but_what_it_depends_on(
    tried_alone: dict[str, str], branch: str
) -> None:
    assert tried_alone[branch] == ""


def test_every_table_is_watched_by_the_audit_trigger(owner: Engine) -> None:
    with owner.connect() as connection:
        watched = set(
            connection.execute(text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'audit'")).scalars()
        )
    assert watched == set(audited_tables())
    assert {"ab_user", "partners_partner", "role_assignment", "dummy_note"} <= watched
