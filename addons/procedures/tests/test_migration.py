"""Messages on cases before they stood in the kernel's thread, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from app.database import migration
from app.registry.enablement import registry

pytestmark = pytest.mark.postgres

OLD = "INSERT INTO procedures_case_message (institution_id, case_id, text) SELECT institution_id, id, :text"
THREAD = "SELECT text FROM record_message WHERE model = 'procedures.Case' ORDER BY id"


@pytest.fixture
def owner(application: Any, postgres: Any) -> Iterator[Connection]:
    """The owner's connection to a copy of the demo that a test may migrate as it likes."""
    engine = create_engine(postgres.copy("procedures_migrating").owner)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    postgres.drop("procedures_migrating")


def test_the_messages_of_cases_move_into_the_thread_and_back(owner: Connection) -> None:
    case = owner.execute(
        text(
            "INSERT INTO procedures_case (institution_id, number, title, procedure_id, state, opened_at)"
            " SELECT institution_id, 'K-1', 'A case', id, 'open', now() FROM procedures_procedure LIMIT 1 RETURNING id"
        )
    ).scalar_one()
    migration.downgrade(owner, registry().manifests.values(), "procedures_0040")
    for words in ("First", "Second"):
        owner.execute(text(f"{OLD} FROM procedures_case WHERE id = :id"), {"id": case, "text": words})
    migration.upgrade(owner, registry().manifests.values())
    assert list(owner.scalars(text(THREAD))) == ["First", "Second"]
    assert migration.difference(owner) == []
    migration.downgrade(owner, registry().manifests.values(), "procedures_0040")
    assert list(owner.scalars(text(THREAD))) == []
    told = owner.scalars(text("SELECT text FROM procedures_case_message WHERE case_id = :id ORDER BY id"), {"id": case})
    assert list(told) == ["First", "Second"]
