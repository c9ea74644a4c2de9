"""Records that come in files: loaded once, found again by their external ids, and refused with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.access.acting import acting_as_system, institution_id_of
from app.cli.demo import load_demo_data
from app.database.addresses import Addresses
from app.database.base import models
from app.database.scope import across_institutions, current_scope
from app.database.session import db
from app.errors import AddonError
from app.records.data_files import load_institution_data, record_by_external_id
from app.records.data_merge import relative_moment
from app.records.external_id import ExternalId
from app.registry.manifest import Manifest
from app.registry.sync import code_checksum, stored_state, sync, sync_when_needed
from app.testing.databases import TestServer
from tests.dumps import dump

pytestmark = pytest.mark.postgres

PARTNER = "partners.Partner"


def test_preparing_a_prepared_database_changes_nothing(addresses: Addresses, postgres: TestServer) -> None:
    before = dump(addresses)
    assert len(before["external_id"]) > 50
    sync(postgres.settings, addresses)
    load_demo_data(postgres.settings, addresses)
    assert dump(addresses) == before


def test_a_second_start_does_not_even_look(addresses: Addresses, postgres: TestServer) -> None:
    said: list[str] = []
    installation, has_demo = stored_state(addresses.owner)
    checksum = installation.checksum if installation else None
    assert len(checksum or "") == 64
    assert has_demo
    sync_when_needed(postgres.settings, addresses, said.append)
    assert said == []


def test_changed_code_is_noticed(tmp_path: Path) -> None:
    sample = Manifest("sample", tmp_path, "Sample")
    (tmp_path / "data.yaml").write_text("[]")
    first = code_checksum([sample])
    assert first == code_checksum([sample])
    assert first != code_checksum([])
    (tmp_path / "data.yaml").write_text("[ ]")
    assert code_checksum([sample]) != first


# One file ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def load(app: Flask, tmp_path: Path) -> Callable[..., None]:
    """``load([...], "kendal")`` loads entries as the data file of an addon called ``sample`` and commits."""

    def run(entries: Any, institution: str = "kendal", name: str = "sample") -> None:
        (tmp_path / "records.yaml").write_text(entries if isinstance(entries, str) else yaml.safe_dump(entries))
        manifest = Manifest(name, tmp_path, "Sample", institution_data=("records.yaml",))
        with app.app_context():
            with acting_as_system(institution, "a test") as scope:
                load_institution_data(db.session(), manifest, scope.institution_id)
            db.session.commit()

    return run


def entry(key: str, model: str = PARTNER, /, **values: Any) -> dict[str, Any]:
    return {"model": model, "id": key, "values": values}


def test_a_file_is_loaded_once_however_often(load: Any, addresses: Addresses) -> None:
    entries = [entry("first", name="Mitra Contoh"), entry("guest", "partners.Contact", name="Orang", partner="first")]
    load(entries)
    before = dump(addresses)
    load(entries)
    assert dump(addresses) == before


def test_what_the_user_changed_stays(load: Any, acting: Any) -> None:
    load([entry("first", name="Mitra Contoh", city="Kendal")])
    with acting("kendal.admin", "kendal"):
        record = record_by_external_id(
            db.session(), models[PARTNER], "sample.first", current_scope(db.session()).institution_id
        )
        record.city = "Weleri"
        db.session.commit()
    load([entry("first", name="Mitra Contoh", city="Kendal"), entry("second", name="Mitra Kedua")])
    with acting("kendal.admin", "kendal"):
        found = dict(db.session.execute(select(models[PARTNER].name, models[PARTNER].city)).all())
    assert found["Mitra Contoh"] == "Weleri"
    assert "Mitra Kedua" in found


def test_a_name_is_known_per_addon_and_institution(load: Any, app: Flask) -> None:
    load([entry("first", name="Mitra Contoh")], "kendal")
    load([entry("first", name="Mitra Contoh")], "unair")
    load([entry("first", name="Mitra Lain")], "kendal", name="example")
    with app.app_context(), across_institutions(db.session(), "what the files loaded") as reader:
        count = select(func.count()).select_from(ExternalId).where(ExternalId.name == "first")
        assert reader.scalar(count) == 3
        assert reader.scalar(count.where(ExternalId.institution_id == institution_id_of("kendal"))) == 2


def test_links_are_external_ids_of_the_own_or_another_addon(load: Any, acting: Any) -> None:
    load(
        [
            entry("first", name="Mitra Contoh", kind="partners.kind_school"),
            entry("guest", "partners.Contact", name="Orang Contoh", partner="first"),
            entry("none", name="Tanpa jenis", kind=None),
        ]
    )
    with acting("kendal.admin", "kendal"):
        contact = db.session.scalar(
            select(models["partners.Contact"]).where(models["partners.Contact"].name == "Orang Contoh")
        )
        assert contact.partner.name == "Mitra Contoh"
        assert contact.partner.kind is not None


def test_records_of_one_institution_are_no_links_for_another(load: Any) -> None:
    load([entry("first", name="Mitra Contoh")], "unair")
    with pytest.raises(AddonError, match="sample: guest refers to first, which does not exist"):
        load([entry("guest", "partners.Contact", name="Orang", partner="first")], "kendal")


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        (
            [entry("one", "gone.Model", name="x")],
            "sample: one is a record of gone.Model, which no installed addon declares",
        ),
        ([entry("one", name="x", colour="red")], "partners.Partner has no attribute colour"),
        (
            [entry("one", name="x", kind="partners.kind_gone")],
            "sample: one refers to partners.kind_gone, which does not exist",
        ),
        ({"model": PARTNER}, "sample: records.yaml must hold a list of records"),
        ("- model: [", "sample: records.yaml is not valid YAML"),
        ([{"model": PARTNER, "values": {"name": "x"}}], "sample: every record of records.yaml needs a model and an id"),
        (["text"], "sample: every record of records.yaml needs a model and an id"),
        ([{"id": "one", "values": {"name": "x"}}], "sample: every record of records.yaml needs a model and an id"),
    ],
)
def test_what_cannot_be_loaded_is_one_sentence_and_nothing_is_loaded(
    load: Any, addresses: Addresses, entries: Any, sentence: str
) -> None:
    before = dump(addresses)
    whole = [entry("fine", name="Mitra Contoh"), *entries] if isinstance(entries, list) else entries
    with pytest.raises(AddonError, match=sentence):
        load(whole)
    assert dump(addresses) == before


WRONG = """\
- model: partners.Partner
  id: good
  values: {name: Mitra Contoh}
- model: partners.Partner
  id: bad_link
  values:
    name: Mitra Kedua
    kind: partners.kind_gone
- model: partners.Partner
  id: bad_column
  values: {name: Mitra Ketiga, colour: red}
- model: partners.Contact
  id: guest
  values: {name: Orang, partner: bad_link}
- {model: gone.Model, id: last}
"""


def test_everything_wrong_in_a_file_is_told_at_once_with_file_line_and_column(load: Any, addresses: Addresses) -> None:
    before = dump(addresses)
    with pytest.raises(AddonError) as refusal:
        load(WRONG)
    assert str(refusal.value).splitlines() == [
        "sample: bad_link refers to partners.kind_gone, which does not exist (records.yaml, line 8, column 11).",
        "partners.Partner has no attribute colour (records.yaml, line 11, column 32).",
        "sample: last is a record of gone.Model, which no installed addon declares (records.yaml, line 15, column 11).",
    ], "the guest only refers to a record that failed"
    assert dump(addresses) == before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- model: [", r"is not valid YAML: .*\(records.yaml, line 1, column 11\)"),
        ("- {model: partners.Partner, id: a, id: b}", r"id stands twice \(records.yaml, line 1, column 36\)"),
        ("- {model: x, id: a}\n- just words", r"needs a model and an id \(records.yaml, line 2, column 3\)"),
        (
            "- {model: partners.Partner, id: a, values: {name: x}}\n- {model: partners.Partner, id: a}",
            r"the id a is given twice \(records.yaml, line 2, column 33\)",
        ),
        (
            "- {model: partners.Partner, id: a, values: 7}",
            r"are no names with values \(records.yaml, line 1, column 3\)",
        ),
        (
            "- model: partners.Partner\n  id: a\n  values: {name: x, active: perhaps}",
            r"sample: a: .* \(records.yaml, line 1, column 3\)",
        ),
        ("- {model: partners.Partner, id: nameless}", r"sample: nameless: .*\(records.yaml, line 1, column 3\)"),
    ],
)
def test_what_cannot_be_read_or_stored_is_told_with_its_place(
    load: Any, addresses: Addresses, text: str, sentence: str
) -> None:
    before = dump(addresses)
    with pytest.raises(AddonError, match=sentence):
        load(text)
    assert dump(addresses) == before


def test_a_missing_file_is_one_sentence(app: Flask, tmp_path: Path) -> None:
    manifest = Manifest("sample", tmp_path, "Sample", institution_data=("gone.yaml",))
    with (
        app.app_context(),
        acting_as_system("kendal", "a test") as scope,
        pytest.raises(AddonError, match=r"sample: the data file gone.yaml does not exist"),
    ):
        load_institution_data(db.session(), manifest, scope.institution_id)


def test_an_entry_for_an_addon_that_is_not_there_is_passed_over(load: Any, acting: Any) -> None:
    load(
        [
            {**entry("one", "gone.Model", name="x"), "if_addon": "gone"},
            {**entry("two", name="Hanya dengan ruang"), "if_addon": "rooms"},
        ]
    )
    with acting("kendal.admin", "kendal"):
        assert "Hanya dengan ruang" in set(db.session.scalars(select(models[PARTNER].name)))


def test_loading_gives_the_former_scope_back(load: Any, app: Flask, tmp_path: Path) -> None:
    (tmp_path / "records.yaml").write_text("[]")
    manifest = Manifest("sample", tmp_path, "Sample", institution_data=("records.yaml",))
    with app.app_context(), acting_as_system("kendal", "a test") as scope:
        load_institution_data(db.session(), manifest, institution_id_of("unair"))
        assert current_scope(db.session()) == scope


# Relative moments -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("today", date(2026, 3, 10)),
        ("today+3", date(2026, 3, 13)),
        ("now", datetime(2026, 3, 9, 17, 30, tzinfo=UTC)),
        ("now+90", datetime(2026, 3, 9, 19, 0, tzinfo=UTC)),
        ("today's letter", "today's letter"),
        ("today+soon", "today+soon"),
        ("nowhere", "nowhere"),
        ("now+", datetime(2026, 3, 9, 17, 30, tzinfo=UTC)),
        (7, 7),
        (None, None),
    ],
)
def test_moments_of_a_demo_are_counted_from_the_day_of_the_institution(value: Any, expected: Any) -> None:
    # Half past midnight on the 10th in Kendal is still the 9th in UTC.
    with clock.frozen(datetime(2026, 3, 10, 0, 30, tzinfo=UTC) - timedelta(hours=7)):
        assert relative_moment(value, "Asia/Jakarta") == expected
