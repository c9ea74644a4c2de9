"""The queue's tables: they come and go with the kernel's migration, and the application may use, not change them."""

from __future__ import annotations

import psycopg
import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from app.database import migration
from app.database.addresses import Addresses, libpq_address
from app.database.provision import QUEUE_TABLES, create_extensions
from app.registry.enablement import registry
from app.testing.databases import TestServer

pytestmark = pytest.mark.postgres
LEFT = """
SELECT proname FROM pg_proc WHERE proname LIKE 'procrastinate%' UNION ALL
SELECT typname FROM pg_type WHERE typname LIKE 'procrastinate%' UNION ALL
SELECT relname FROM pg_class WHERE relname LIKE 'procrastinate%'
"""


def test_the_queue_is_laid_removed_without_a_trace_and_laid_again(application: Flask, postgres: TestServer) -> None:
    manifests = list(registry().manifests.values())
    engine = create_engine(postgres.empty("queue_back_and_forth").owner)
    with engine.begin() as connection:
        create_extensions(connection)
        migration.upgrade(connection, manifests)
        assert len(connection.execute(text(LEFT)).all()) > 20
        migration.downgrade(connection, manifests, "base")
        assert connection.execute(text(LEFT)).all() == []
        migration.upgrade(connection, manifests)
        assert migration.difference(connection) == []
        found = {row[0] for row in connection.execute(text(LEFT))}
    assert set(QUEUE_TABLES) <= found
    engine.dispose()
    postgres.drop("queue_back_and_forth")


def test_the_application_uses_the_queue_and_cannot_change_how_it_is_made(addresses: Addresses) -> None:
    with psycopg.connect(libpq_address(addresses.application), autocommit=True) as connection:
        for table in QUEUE_TABLES:
            connection.execute(f"SELECT FROM {table}".encode())
        for statement in (b"DROP TABLE procrastinate_jobs", b"ALTER TABLE procrastinate_jobs ADD COLUMN more int"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
