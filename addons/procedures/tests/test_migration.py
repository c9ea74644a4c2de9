"""Messages on cases before they stood in the kernel's thread, and the way back."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from app.database import migration
from app.registry.enablement import registry

pytestmark = pytest.mark.postgres

OLD = "INSERT INTO procedures_case_message (institution_id, case_id, text) SELECT institution_id, id, :text"
THREAD = "SELECT text FROM record_message WHERE model = 'procedures.Case' ORDER BY id"


def test_the_messages_of_cases_move_into_the_thread_and_back(migrating: Connection) -> None:
    case = migrating.execute(
        text(
            "INSERT INTO procedures_case (institution_id, number, title, procedure_id, state, opened_at)"
            " SELECT institution_id, 'K-1', 'A case', id, 'open', now() FROM procedures_procedure LIMIT 1 RETURNING id"
        )
    ).scalar_one()
    migration.downgrade(migrating, registry().manifests.values(), "procedures_0040")
    for words in ("First", "Second"):
        migrating.execute(text(f"{OLD} FROM procedures_case WHERE id = :id"), {"id": case, "text": words})
    migration.upgrade(migrating, registry().manifests.values())
    assert list(migrating.scalars(text(THREAD))) == ["First", "Second"]
    assert migration.difference(migrating) == []
    migration.downgrade(migrating, registry().manifests.values(), "procedures_0040")
    assert list(migrating.scalars(text(THREAD))) == []
    told = migrating.scalars(
        text("SELECT text FROM procedures_case_message WHERE case_id = :id ORDER BY id"), {"id": case}
    )
    assert list(told) == ["First", "Second"]


def test_what_a_handover_had_left_running_is_over_after_the_migration(migrating: Connection) -> None:
    migration.downgrade(migrating, registry().manifests.values(), "procedures_0041")
    case, step, unit, position, person, institution = migrating.execute(
        text(
            "INSERT INTO procedures_case (institution_id, number, title, procedure_id, state, opened_at)"
            " SELECT s.institution_id, 'K-2', 'A case', s.procedure_id, 'open', now() FROM procedures_procedure_step s"
            " JOIN organization_position p ON p.institution_id = s.institution_id LIMIT 1 RETURNING id,"
            " (SELECT min(id) FROM procedures_procedure_step s WHERE s.procedure_id = procedures_case.procedure_id),"
            " (SELECT min(id) FROM organization_unit u WHERE u.institution_id = procedures_case.institution_id),"
            " (SELECT min(id) FROM organization_position p WHERE p.institution_id = procedures_case.institution_id),"
            " (SELECT min(id) FROM ab_user), institution_id"
        )
    ).one()
    given = {"case": case, "step": step, "unit": unit, "position": position, "person": person, "at": institution}
    for moved, named in ((":position", "before"), ("NULL", "stays")):
        task = migrating.execute(
            text(
                "INSERT INTO procedures_task"
                " (institution_id, case_id, step_id, state, arrived_at, paused_at, position_id)"
                f" VALUES (:at, :case, :step, 'waiting', now(), now(), {moved}) RETURNING id"
            ),
            given,
        ).scalar_one()
        migrating.execute(
            text(
                "INSERT INTO procedures_task_delegate (institution_id, task_id, user_id, date_to, reason, created_at)"
                " VALUES (:at, :task, :person, current_date + 9, :named, now() - interval '1 hour')"
            ),
            {**given, "task": task, "named": named},
        )
        migrating.execute(
            text(
                "INSERT INTO procedures_task_pause (institution_id, task_id, reason, begun_at)"
                " VALUES (:at, :task, 'unit', now() - interval '1 hour')"
            ),
            {**given, "task": task},
        )
    migrating.execute(
        text(
            "INSERT INTO procedures_handover (institution_id, case_id, to_unit_id, reason)"
            " VALUES (:at, :case, :unit, '-')"
        ),
        given,
    )
    migration.upgrade(migrating, registry().manifests.values())
    ended = migrating.execute(text("SELECT reason, ended_at IS NOT NULL FROM procedures_task_delegate ORDER BY reason"))
    assert [tuple(row) for row in ended] == [("before", True), ("stays", False)]
    running = "SELECT count(*) FROM procedures_task WHERE paused_at IS NOT NULL"
    assert migrating.scalar(text(running)) == 0
    assert migrating.scalar(text("SELECT count(*) FROM procedures_task_pause WHERE ended_at IS NULL")) == 0
