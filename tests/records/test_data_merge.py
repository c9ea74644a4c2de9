"""A newer data file meets what people made of the records: what they changed stays, what they left follows the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select

from app.access.acting import acting_as_system
from app.cli.sync import data_lines
from app.database.addresses import Addresses
from app.database.base import models
from app.database.session import db
from app.errors import AddonError
from app.records.data_files import load_institution_data
from app.records.data_merge import Outcome
from app.records.external_id import ExternalId
from app.registry.enablement import registry
from app.registry.manifest import Manifest
from app.registry.sync import planned_data
from tests.dumps import dump

pytestmark = pytest.mark.postgres

PARTNER = "partners.Partner"
Ship = Callable[..., list[Outcome]]


def manifest_with(folder: Path, records: dict[str, dict[str, Any]]) -> Manifest:
    entries = [{"model": PARTNER, "id": name, "values": values} for name, values in records.items()]
    (folder / "records.yaml").write_text(yaml.safe_dump(entries))
    return Manifest("sample", folder, "Sample", institution_data=("records.yaml",))


@pytest.fixture
def ship(app: Flask, tmp_path: Path) -> Ship:
    """``ship(first={"name": ...})`` loads an edition of the data file with these records for Kendal."""

    def load(**records: dict[str, Any]) -> list[Outcome]:
        manifest = manifest_with(tmp_path, records)
        with app.app_context():
            with acting_as_system("kendal", "a test") as scope:
                outcomes = load_institution_data(db.session(), manifest, scope.institution_id)
            db.session.commit()
        return outcomes

    return load


def record_of(name: str) -> Any:
    statement = select(ExternalId.record_id).where(ExternalId.addon == "sample", ExternalId.name == name)
    return db.session.get(models[PARTNER], db.session.scalar(statement))


@pytest.fixture
def edit(app: Flask) -> Callable[..., None]:
    """``edit("first", city="Weleri")``: people change the record, here past all rights."""

    def change(name: str, /, **values: Any) -> None:
        with app.app_context(), acting_as_system("kendal", "a test"):
            record = record_of(name)
            for attribute, value in values.items():
                setattr(record, attribute, value)
            db.session.commit()

    return change


@pytest.fixture
def look(app: Flask) -> Callable[..., Any]:
    """``look("first", "city")`` is what the record holds."""

    def value(name: str, attribute: str) -> Any:
        with app.app_context(), acting_as_system("kendal", "a test"):
            return getattr(record_of(name), attribute)

    return value


def test_what_nobody_touched_follows_the_file_and_what_people_changed_stays_and_is_told(
    ship: Ship, edit: Any, look: Any
) -> None:
    ship(first={"name": "Mitra Contoh", "city": "Kendal", "phone": "021"})
    edit("first", city="Weleri")
    (outcome,) = ship(first={"name": "Mitra Baru", "city": "Boja", "phone": "021"})
    assert (outcome.what, outcome.fields, outcome.kept) == ("updated", ("name",), ("city",))
    assert str(outcome) == (
        "sample.first (partners.Partner): updated (name); changed by people, who keep theirs (city)"
    )
    assert [look("first", name) for name in ("name", "city", "phone")] == ["Mitra Baru", "Weleri", "021"]


def test_a_field_that_comes_later_fills_what_is_empty_and_leaves_what_is_not(ship: Ship, edit: Any, look: Any) -> None:
    ship(first={"name": "Mitra Contoh"}, second={"name": "Mitra Kedua"})
    edit("first", city="Weleri")
    outcomes = ship(first={"name": "Mitra Contoh", "city": "Boja"}, second={"name": "Mitra Kedua", "city": "Boja"})
    assert [(item.name, item.what) for item in outcomes] == [("first", "kept"), ("second", "updated")]
    assert (look("first", "city"), look("second", "city")) == ("Weleri", "Boja")


def test_links_are_merged_by_what_they_point_to(ship: Ship, edit: Any, look: Any) -> None:
    ship(first={"name": "Mitra Contoh", "kind": "partners.kind_school"}, second={"name": "B", "kind": None})
    edit("second", kind_id=look("first", "kind_id"))
    school = look("first", "kind_id")
    outcomes = ship(
        first={"name": "Mitra Contoh", "kind": "partners.kind_business"},
        second={"name": "B", "kind": "partners.kind_business"},
    )
    assert [item.what for item in outcomes] == ["updated", "kept"]
    assert look("first", "kind_id") != school
    assert look("second", "kind_id") == school


def test_what_is_no_longer_shipped_is_archived_and_comes_back_with_the_file(ship: Ship, look: Any) -> None:
    ship(first={"name": "Mitra Contoh"}, second={"name": "Mitra Kedua"})
    (outcome,) = ship(first={"name": "Mitra Contoh"})
    assert (outcome.name, outcome.what) == ("second", "withdrawn")
    assert look("second", "active") is False
    assert ship(first={"name": "Mitra Contoh"}) == []
    (outcome,) = ship(first={"name": "Mitra Contoh"}, second={"name": "Mitra Kedua"})
    assert (outcome.name, outcome.what) == ("second", "restored")
    assert look("second", "active") is True


def test_what_people_archived_stays_archived_whatever_the_file_says(ship: Ship, edit: Any, look: Any) -> None:
    ship(first={"name": "Mitra Contoh"}, second={"name": "Mitra Kedua"})
    edit("second", active=False)
    assert ship(first={"name": "Mitra Contoh"}, second={"name": "Mitra Lain"}) == []
    assert ship(first={"name": "Mitra Contoh"}) == []
    assert ship(first={"name": "Mitra Contoh"}, second={"name": "Mitra Kedua"}) == []
    assert (look("second", "active"), look("second", "name")) == (False, "Mitra Kedua")


def test_what_people_brought_back_stays_although_no_file_brings_it(ship: Ship, edit: Any, look: Any) -> None:
    ship(first={"name": "Mitra Contoh"}, second={"name": "Mitra Kedua"})
    ship(first={"name": "Mitra Contoh"})
    edit("second", active=True)
    for _turn in range(2):
        assert ship(first={"name": "Mitra Contoh"}) == []
        assert look("second", "active") is True


def test_what_people_deleted_stays_deleted(ship: Ship, app: Flask, addresses: Addresses) -> None:
    ship(first={"name": "Mitra Contoh"})
    with app.app_context(), acting_as_system("kendal", "a test"):
        db.session.delete(record_of("first"))
        db.session.commit()
    before = dump(addresses)["partners_partner"]
    for name in ("Mitra Contoh", "Mitra Lain"):
        assert ship(first={"name": name}) == []
    assert dump(addresses)["partners_partner"] == before


def test_a_value_that_would_clash_is_told_each_time_and_taken_once_it_fits(ship: Ship, edit: Any, look: Any) -> None:
    ship(first={"name": "Mitra Contoh"}, second={"name": "Mitra Kedua"})
    edit("second", name="Nama Baru")
    edition = {"first": {"name": "Nama Baru"}, "second": {"name": "Mitra Kedua"}}
    for _turn in range(2):
        (outcome,) = ship(**edition)
        assert (outcome.name, outcome.what) == ("first", "clash")
        assert look("first", "name") == "Mitra Contoh"
    edit("second", name="Nama Lain")
    (outcome,) = ship(**edition)
    assert outcome.what == "updated"
    assert look("first", "name") == "Nama Baru"


def test_values_from_before_shipped_values_were_kept_are_taken_for_peoples(
    ship: Ship, app: Flask, edit: Any, look: Any, addresses: Addresses
) -> None:
    ship(first={"name": "Mitra Contoh", "city": "Kendal"})
    engine = create_engine(addresses.owner)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE external_id SET shipped = NULL, source = NULL WHERE addon = 'sample'")
    engine.dispose()
    assert ship(first={"name": "Mitra Contoh", "city": "Boja"}) == []
    assert look("first", "city") == "Kendal"
    (outcome,) = ship(first={"name": "Mitra Baru", "city": "Boja"})
    assert outcome.fields == ("name",)


def test_a_newer_file_that_cannot_be_loaded_changes_nothing(ship: Ship, addresses: Addresses) -> None:
    ship(first={"name": "Mitra Contoh"}, second={"name": "Mitra Kedua"})
    before = dump(addresses)
    for wrong, sentence in (
        ({"name": "Mitra Kedua", "kind": "partners.kind_gone"}, "second refers to partners.kind_gone"),
        ({"name": "Mitra Kedua", "colour": "red"}, "has no attribute colour"),
    ):
        with pytest.raises(AddonError, match=sentence):
            ship(first={"name": "Mitra Baru"}, second=wrong)
        assert dump(addresses) == before


def test_the_plan_tells_what_the_next_sync_would_do_and_does_nothing(
    app: Flask, addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.records import data_files

    original = data_files.read_entries

    def without_schools(manifest: Manifest, name: str) -> list[dict[str, Any]]:
        return [entry for entry in original(manifest, name) if entry["id"] != "kind_school"]

    before, engine = dump(addresses), create_engine(addresses.owner)
    with engine.connect() as connection:
        assert planned_data(connection, registry(), "partners") == []
        monkeypatch.setattr(data_files, "read_entries", without_schools)
        outcomes = planned_data(connection, registry(), "partners")
    engine.dispose()
    assert {(item.name, item.what) for item in outcomes} == {("kind_school", "withdrawn")}
    assert dump(addresses) == before


def test_sync_tells_what_came_in_one_line_and_what_was_met_again_line_by_line() -> None:
    made = [Outcome("a", 2, "a.B", "one", "created"), Outcome("a", 2, "a.B", "two", "created")]
    kept = [Outcome("a", place, "a.B", "three", "kept", (), ("name",)) for place in (2, 3)]
    assert data_lines([*made, *kept]) == [
        "Data records added: 2.",
        "  a.three (a.B): changed by people, who keep theirs (name), in 2 institutions",
    ]
    assert data_lines([]) == []


# Any sequence of editions and edits -------------------------------------------------------------------------------

FIELDS = ("city", "phone")
VALUES = st.sampled_from([None, "a", "b", "c"])
EDITION = st.one_of(st.none(), st.fixed_dictionaries(dict.fromkeys(FIELDS, VALUES)))
EDIT = st.one_of(
    st.tuples(st.sampled_from(FIELDS), VALUES),
    st.tuples(st.just("active"), st.booleans()),
)
STEPS = st.lists(st.one_of(st.tuples(st.just("ship"), EDITION), st.tuples(st.just("edit"), EDIT)), max_size=10)


class Expected:
    """What the record must hold: the rules of the merge in the fewest words."""

    def __init__(self) -> None:
        self.now: dict[str, Any] | None = None
        self.shipped: dict[str, Any] = {}
        self.is_shipped = self.was_withdrawn = False

    def ship(self, edition: dict[str, Any] | None) -> None:
        if self.now is None:
            if edition is not None:
                self.now, self.shipped, self.is_shipped = {**edition, "active": True}, edition, True
            return
        if self.was_withdrawn and self.now["active"]:
            self.was_withdrawn = False  # people brought it back
        elif edition is None and self.is_shipped and self.now["active"]:
            self.now["active"], self.was_withdrawn = False, True
        self.is_shipped = edition is not None
        if edition is None:
            return
        if self.was_withdrawn:
            self.now["active"], self.was_withdrawn = True, False
        if self.now["active"]:
            for name in FIELDS:
                if self.now[name] == self.shipped[name]:
                    self.now[name] = edition[name]
        self.shipped = edition


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_after_any_editions_and_edits_the_record_holds_what_the_rules_say_and_loading_twice_changes_nothing(
    app: Flask, tmp_path: Path, steps: list[Any]
) -> None:
    expected = Expected()
    with app.app_context(), acting_as_system("kendal", "a test") as scope:
        session = db.session()

        def load(edition: Any) -> Any:
            shipped = {} if edition is None else {"first": {"name": "Mitra Contoh", **edition}}
            return load_institution_data(session, manifest_with(tmp_path, shipped), scope.institution_id)

        for kind, what in steps:
            if kind == "edit" and expected.now is not None:
                name, value = what
                setattr(record_of("first"), name, value)
                expected.now[name] = value
                session.flush()
            elif kind == "ship":
                load(what)
                expected.ship(what)
                assert load(what) == []
            if expected.now is not None:
                session.expire_all()
                record = record_of("first")
                assert {name: getattr(record, name) for name in expected.now} == expected.now, steps
        session.rollback()
