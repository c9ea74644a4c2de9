"""The trail: who changed what, from what to what. The database writes it; the application only reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select, text

from app.access.acting import acting_as_system
from app.database.addresses import Addresses, libpq_address
from app.database.base import models
from app.database.session import db
from app.records.audit_entry import AuditEntry, history_of
from app.records.people import make_user
from app.records.service import service_of

pytestmark = pytest.mark.postgres

Trail = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def trail(addresses: Addresses) -> Trail:
    """``trail("partners_partner")``: the entries of a table since the test began, oldest first."""
    columns = "operation, old, new, user_id, institution_id, record_id, request_id"
    with psycopg.connect(libpq_address(addresses.owner), autocommit=True) as connection:
        (start,) = connection.execute("SELECT coalesce(max(id), 0) FROM audit_entry").fetchone() or (0,)

    def read(table: str) -> list[dict[str, Any]]:
        with psycopg.connect(libpq_address(addresses.owner), row_factory=psycopg.rows.dict_row) as connection:
            statement = f"SELECT {columns} FROM audit_entry WHERE id > %s AND table_name = %s ORDER BY id"
            return connection.execute(statement, [start, table]).fetchall()

    return read


@pytest.fixture
def partners(application: Flask) -> Any:
    """The service of partners."""
    return service_of(models["partners.Partner"])


def test_every_change_is_written_with_who_where_and_what(administrator: Any, partners: Any, trail: Trail) -> None:
    with administrator() as access:
        record = partners.create({"name": "Mitra", "city": "Kendal"})
        db.session.commit()
        partners.update(record, {"city": "Weleri", "note": "baru"})
        db.session.commit()
        partners.archive(record)
        db.session.commit()
        number, actor, institution = record.id, access.user_id, access.institution_id
    entries = trail("partners_partner")
    assert [entry["operation"] for entry in entries] == ["insert", "update", "update"]
    assert {(entry["record_id"], entry["user_id"], entry["institution_id"]) for entry in entries} == {
        (number, actor, institution)
    }
    created, changed, archived = entries
    assert created["new"]["name"] == "Mitra"
    assert created["old"] is None or created["old"] == {}
    assert changed["old"] == {"city": "Kendal", "note": None}
    assert changed["new"] == {"city": "Weleri", "note": "baru"}
    assert (archived["old"], archived["new"]) == ({"active": True}, {"active": False})


def test_what_is_rolled_back_leaves_no_entry(administrator: Any, partners: Any, trail: Trail) -> None:
    with administrator():
        partners.create({"name": "Mitra"})
        db.session.rollback()
    assert trail("partners_partner") == []


def test_a_save_that_changes_nothing_leaves_no_entry(administrator: Any, partners: Any, trail: Trail) -> None:
    with administrator():
        record = db.session.scalar(select(models["partners.Partner"]))
        partners.update(record, {"name": record.name})
        db.session.execute(text("UPDATE partners_partner SET version = version + 1, changed_at = now()"))
        db.session.commit()
    assert trail("partners_partner") == []


def test_a_deletion_is_written_with_what_was_there(administrator: Any, trail: Trail) -> None:
    contact = models["partners.Contact"]
    with administrator() as access:
        db.session.delete(db.session.scalar(select(contact)))
        db.session.commit()
        actor, institution = access.user_id, access.institution_id
    (entry,) = trail("partners_contact")
    assert (entry["operation"], entry["new"], entry["user_id"]) == ("delete", None, actor)
    assert entry["old"]["name"] == "Guru Contoh"
    assert entry["institution_id"] == institution


def test_what_nobody_does_is_done_by_the_system(app: Flask, trail: Trail) -> None:
    with app.app_context(), acting_as_system("kendal", "a test"):
        db.session.add(models["partners.Partner"](name="Dari sistem"))
        db.session.commit()
    (entry,) = trail("partners_partner")
    assert entry["user_id"] is None
    assert entry["institution_id"] is not None


def test_the_actor_of_one_transaction_is_not_the_actor_of_the_next(
    administrator: Any, acting: Any, app: Flask, partners: Any, trail: Trail
) -> None:
    with administrator() as first:
        partners.create({"name": "Satu"})
        db.session.commit()
    with acting("kendal.staf", "kendal") as second:
        partners.create({"name": "Dua"})
        db.session.commit()
    with app.app_context(), acting_as_system("kendal", "a test"):
        db.session.add(models["partners.Partner"](name="Tiga"))
        db.session.commit()
    assert [entry["user_id"] for entry in trail("partners_partner")] == [first.user_id, second.user_id, None]


def test_passwords_are_never_written_down(app: Flask, addresses: Addresses, trail: Trail) -> None:
    with app.app_context():
        user = make_user(db.session(), "baru", "Orang", "Baru", "rahasia-sekali")
        secret = user.password
        db.session.commit()
        user.password = "another-hash"
        db.session.commit()
        user.first_name = "Lain"
        db.session.commit()
    created, renamed = trail("ab_user")
    assert created["new"]["username"] == "baru"
    assert renamed["new"] == {"first_name": "Lain"}
    with psycopg.connect(libpq_address(addresses.owner)) as connection:
        everything = connection.execute(
            "SELECT string_agg(coalesce(old, '{}')::text || coalesce(new, '{}')::text, '') FROM audit_entry"
        )
        told = (everything.fetchone() or ("",))[0]
    assert secret not in told
    assert "another-hash" not in told
    assert "scrypt" not in told
    assert '"password"' not in told


def test_signing_in_is_no_change_worth_an_entry(person: Any, trail: Trail) -> None:
    person("kendal.staf")
    assert trail("ab_user") == []


def test_a_request_leaves_its_number_in_the_trail(program: Any, trail: Trail) -> None:
    answer = program("kendal.admin", "kendal").api("POST", "partner/", {"name": "Dari API"})
    assert answer.status_code == 201
    (entry,) = trail("partners_partner")
    assert entry["request_id"] == answer.headers["X-Request-Id"]


def test_the_history_of_a_record_is_read_in_its_institution_only(
    administrator: Any, acting: Any, partners: Any
) -> None:
    with administrator():
        record = partners.create({"name": "Mitra"})
        db.session.commit()
        partners.update(record, {"city": "Weleri"})
        db.session.commit()
        assert [entry.operation for entry in history_of(db.session(), record)] == ["update", "insert"]
        own = set(db.session.scalars(select(AuditEntry.institution_id).distinct()))
    with acting("unair.admin", "unair") as access:
        assert history_of(db.session(), record) == []
        seen = set(db.session.scalars(select(AuditEntry.institution_id).distinct()))
        assert access.institution_id in seen
        # Both read what happened to shared records; rows of tables without an institution are read by none.
        assert None not in seen | own
        assert len(seen & own) <= 1


def test_a_change_behind_the_applications_back_is_written_too(addresses: Addresses, trail: Trail) -> None:
    with psycopg.connect(libpq_address(addresses.application), autocommit=True) as connection:
        for setting, value in (("read_institutions", "{%s}"), ("write_institution", "%s")):
            kendal = "(SELECT id FROM institution WHERE code = 'kendal')"
            connection.execute(f"SELECT set_config('app.{setting}', format('{value}', {kendal}), false)")
        connection.execute("UPDATE partners_partner SET city = 'Behind' WHERE name = 'Desa Contohsari'")
    (entry,) = trail("partners_partner")
    assert entry["new"] == {"city": "Behind"}
    assert entry["user_id"] is None


def test_people_of_the_trail_are_people(addresses: Addresses, app: Flask, administrator: Any, partners: Any) -> None:
    with administrator() as access:
        partners.create({"name": "Mitra"})
        db.session.commit()
        assert db.session.get(User, access.user_id).username == "kendal.admin"
