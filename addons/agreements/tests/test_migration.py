"""What agreements said of their signatories before their parties did, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from app.database import migration
from app.registry.enablement import registry

pytestmark = pytest.mark.postgres

SIDES = "SELECT role, name, signatory, signatory_position FROM agreements_agreement_party WHERE agreement_id = :id"


@pytest.fixture
def owner(application: Any, postgres: Any) -> Iterator[Connection]:
    """The owner's connection to a copy of the demo that a test may migrate as it likes."""
    engine = create_engine(postgres.copy("agreements_migrating").owner)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    postgres.drop("agreements_migrating")


def go_back(connection: Connection) -> None:
    migration.downgrade(connection, registry().manifests.values(), "agreements_0001")


def go_on(connection: Connection) -> None:
    migration.upgrade(connection, registry().manifests.values())


def first_agreement(connection: Connection) -> int:
    return int(connection.execute(text("SELECT min(id) FROM agreements_agreement")).scalar_one())


def test_both_signatories_stand_on_the_parties_afterwards(owner: Connection) -> None:
    pk = first_agreement(owner)
    go_back(owner)
    owner.execute(text("DELETE FROM agreements_agreement_party WHERE agreement_id = :id"), {"id": pk})
    owner.execute(
        text("UPDATE agreements_agreement SET our_signatory = 'Kepala', partner_signatory = 'Rektor' WHERE id = :id"),
        {"id": pk},
    )
    go_on(owner)
    sides = {row.role: row for row in owner.execute(text(SIDES), {"id": pk})}
    assert set(sides) == {"own", "partner"}
    assert (sides["own"].signatory_position, sides["partner"].signatory_position) == ("Kepala", "Rektor")
    assert all(row.name for row in sides.values())


def test_a_position_that_was_entered_stays_and_of_two_partners_one_is_a_third_party(owner: Connection) -> None:
    pk = first_agreement(owner)
    go_back(owner)
    owner.execute(
        text(
            "INSERT INTO agreements_agreement_party (institution_id, agreement_id, role, name)"
            " SELECT institution_id, id, 'partner', 'Mitra kedua' FROM agreements_agreement WHERE id = :id"
        ),
        {"id": pk},
    )
    owner.execute(text("UPDATE agreements_agreement_party SET position = 'Kepala' WHERE role = 'own'"))
    owner.execute(text("UPDATE agreements_agreement SET our_signatory = 'Rangga Contoh'"))
    go_on(owner)
    rows = list(owner.execute(text(f"{SIDES} ORDER BY id"), {"id": pk}))
    assert sorted(row.role for row in rows) == ["own", "partner", "third"]
    own = next(row for row in rows if row.role == "own")
    assert (own.signatory, own.signatory_position) == ("Rangga Contoh", "Kepala")
    assert next(row.name for row in rows if row.role == "third") == "Mitra kedua"


def test_going_back_keeps_who_signs_and_leaves_the_files_with_the_agreement(owner: Connection) -> None:
    pk = first_agreement(owner)
    version = owner.execute(
        text(
            "INSERT INTO agreements_agreement_version (institution_id, agreement_id, number, kind)"
            " SELECT institution_id, id, 1, 'signed' FROM agreements_agreement WHERE id = :id RETURNING id"
        ),
        {"id": pk},
    ).scalar_one()
    owner.execute(
        text(
            "INSERT INTO attachment (institution_id, model, record_id, name, kind, size, sha256, stored_name)"
            " SELECT institution_id, 'agreements.AgreementVersion', :version, 'asli.pdf', 'application/pdf', 1, '', ''"
            " FROM agreements_agreement WHERE id = :id"
        ),
        {"id": pk, "version": version},
    )
    go_back(owner)
    row = owner.execute(text("SELECT our_signatory FROM agreements_agreement WHERE id = :id"), {"id": pk}).one()
    assert row.our_signatory
    file = owner.execute(text("SELECT model, record_id FROM attachment WHERE name = 'asli.pdf'")).one()
    assert tuple(file) == ("agreements.Agreement", pk)
    go_on(owner)
    assert migration.difference(owner) == []
