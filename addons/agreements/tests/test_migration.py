"""What agreements said of their signatories before their parties did, and the way back."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from app.database import migration
from app.registry.enablement import registry

pytestmark = pytest.mark.postgres

SIDES = "SELECT role, name, signatory, signatory_position FROM agreements_agreement_party WHERE agreement_id = :id"


def go_back(connection: Connection) -> None:
    migration.downgrade(connection, registry().manifests.values(), "agreements_0001")


def go_on(connection: Connection) -> None:
    migration.upgrade(connection, registry().manifests.values())


def first_agreement(connection: Connection) -> int:
    return int(connection.execute(text("SELECT min(id) FROM agreements_agreement")).scalar_one())


def test_both_signatories_stand_on_the_parties_afterwards(migrating: Connection) -> None:
    pk = first_agreement(migrating)
    go_back(migrating)
    migrating.execute(text("DELETE FROM agreements_agreement_party WHERE agreement_id = :id"), {"id": pk})
    migrating.execute(
        text("UPDATE agreements_agreement SET our_signatory = 'Kepala', partner_signatory = 'Rektor' WHERE id = :id"),
        {"id": pk},
    )
    go_on(migrating)
    sides = {row.role: row for row in migrating.execute(text(SIDES), {"id": pk})}
    assert set(sides) == {"own", "partner"}
    assert (sides["own"].signatory_position, sides["partner"].signatory_position) == ("Kepala", "Rektor")
    assert all(row.name for row in sides.values())


def test_a_position_that_was_entered_stays_and_of_two_partners_one_is_a_third_party(migrating: Connection) -> None:
    pk = first_agreement(migrating)
    go_back(migrating)
    migrating.execute(
        text(
            "INSERT INTO agreements_agreement_party (institution_id, agreement_id, role, name)"
            " SELECT institution_id, id, 'partner', 'Mitra kedua' FROM agreements_agreement WHERE id = :id"
        ),
        {"id": pk},
    )
    migrating.execute(text("UPDATE agreements_agreement_party SET position = 'Kepala' WHERE role = 'own'"))
    migrating.execute(text("UPDATE agreements_agreement SET our_signatory = 'Rangga Contoh'"))
    go_on(migrating)
    rows = list(migrating.execute(text(f"{SIDES} ORDER BY id"), {"id": pk}))
    assert sorted(row.role for row in rows) == ["own", "partner", "third"]
    own = next(row for row in rows if row.role == "own")
    assert (own.signatory, own.signatory_position) == ("Rangga Contoh", "Kepala")
    assert next(row.name for row in rows if row.role == "third") == "Mitra kedua"


def test_going_back_keeps_who_signs_and_leaves_the_files_with_the_agreement(migrating: Connection) -> None:
    pk = first_agreement(migrating)
    version = migrating.execute(
        text(
            "INSERT INTO agreements_agreement_version (institution_id, agreement_id, number, kind)"
            " SELECT institution_id, id, 1, 'signed' FROM agreements_agreement WHERE id = :id RETURNING id"
        ),
        {"id": pk},
    ).scalar_one()
    migrating.execute(
        text(
            "INSERT INTO attachment (institution_id, model, record_id, name, kind, size, sha256, stored_name)"
            " SELECT institution_id, 'agreements.AgreementVersion', :version, 'asli.pdf', 'application/pdf', 1, '', ''"
            " FROM agreements_agreement WHERE id = :id"
        ),
        {"id": pk, "version": version},
    )
    go_back(migrating)
    row = migrating.execute(text("SELECT our_signatory FROM agreements_agreement WHERE id = :id"), {"id": pk}).one()
    assert row.our_signatory
    file = migrating.execute(text("SELECT model, record_id FROM attachment WHERE name = 'asli.pdf'")).one()
    assert tuple(file) == ("agreements.Agreement", pk)
    go_on(migrating)
    assert migration.difference(migrating) == []
