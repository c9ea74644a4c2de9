"""A data file with a newer edition: new cases begin on it, running ones end on theirs, confirmations stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from addons.procedures.models.procedure import Procedure
from addons.procedures.services.confirmation import ConfirmationService
from app.access.acting import acting_as_system
from app.database.session import db
from app.records import data_files
from app.records.data_files import load_institution_data, record_by_external_id
from app.registry.enablement import registry

NAME = "kendal.sop_pelayanan_kerjasama"


def change_file(monkeypatch: Any, edition: int, activity: str) -> None:
    """Kendal's SOP as a later release would ship it."""
    read = data_files.read_entries

    def entries(manifest: Any, path: Any) -> list[dict[str, Any]]:
        found = read(manifest, path)
        for entry in found:
            if entry["model"] == "procedures.Procedure":
                entry["values"]["edition"] = edition
                entry["values"]["steps"][3]["activity"] = activity
        return found

    monkeypatch.setattr(data_files, "read_entries", entries)


def refresh() -> Procedure:
    """Load Kendal's data again, as sync does for every enabled addon; the edition now in force."""
    with acting_as_system("kendal", "a newer release") as scope:
        load_institution_data(db.session(), registry().manifests["kendal"], scope.institution_id)
        db.session.flush()
        found = record_by_external_id(db.session(), Procedure, NAME, scope.institution_id)
    assert isinstance(found, Procedure)
    return found


def test_a_newer_edition_takes_over_for_new_cases_and_keeps_what_was_confirmed(
    app: Any, acting: Callable[..., Any], program: Callable[..., Any], monkeypatch: Any
) -> None:
    staf, letter = program("kendal.staf"), {"subject": "Permohonan", "sender_name": "SD Contoh"}
    with app.app_context():
        old = refresh()
        old_id, edition = old.id, old.edition
    running = staf.api("POST", "letter/", {**letter, "procedure": old_id}).json["result"]["case"]["id"]
    with acting("kendal.admin", "kendal"):
        doubt = next(
            item
            for item in db.session.get(Procedure, old_id).confirmations
            if item.step is not None and item.step.key == "4" and item.field == "standard_minutes"
        )
        ConfirmationService().confirm(doubt, "45")
        db.session.commit()

    change_file(monkeypatch, edition + 1, "Berkoordinasi dengan pemohon")
    with app.app_context():
        new = refresh()
        db.session.commit()
        new_id = new.id
    with acting("kendal.admin", "kendal"):
        old, new = db.session.get(Procedure, old_id), db.session.get(Procedure, new_id)
        assert (old.state, new.state, new.edition) == ("superseded", "in_force", edition + 1)
        step = next(item for item in new.steps if item.key == "4")
        assert (step.activity, step.standard_minutes) == ("Berkoordinasi dengan pemohon", 45)
        confirmed = [item.confirmed_by.username for item in new.confirmations if item.state == "confirmed"]
        assert confirmed == ["kendal.admin"]
        assert len(new.kept_records) == len(old.kept_records) == 8

    assert staf.api("GET", f"case/{running}").json["result"]["procedure"]["id"] == old_id
    refused = staf.api("POST", "letter/", {**letter, "procedure": old_id})
    assert refused.status_code == 422
    begun = staf.api("POST", "letter/", {**letter, "procedure": new_id})
    assert begun.status_code == 201
    offered = [item["value"] for item in staf.api("GET", "letter/related/procedure").json["result"]]
    assert new_id in offered
    assert old_id not in offered


def test_the_same_or_an_older_edition_changes_nothing(app: Any, acting: Callable[..., Any], monkeypatch: Any) -> None:
    for older in (0, 1):
        with app.app_context():
            before = refresh()
            change_file(monkeypatch, before.edition - older, "Tidak dimuat")
            assert refresh().id == before.id
        with acting("kendal.admin", "kendal"):
            assert len(db.session.scalars(select(Procedure)).all()) == 1
            assert all(step.activity != "Tidak dimuat" for step in db.session.scalars(select(Procedure)).one().steps)


def test_a_release_brings_a_newer_edition_before_there_is_an_application(
    app: Any, addresses: Any, acting: Callable[..., Any], monkeypatch: Any
) -> None:
    from flask import has_app_context
    from sqlalchemy import create_engine, text

    from app.registry.sync import load_addon_data, owner_session

    with acting("kendal.admin", "kendal"):
        procedure = db.session.scalars(select(Procedure).where(Procedure.state == "in_force")).one()
        doubt = next(item for item in procedure.confirmations if item.field == "identity.made_on")
        ConfirmationService().confirm(doubt, "3/3/2025")
        db.session.commit()
        edition = procedure.edition
    assert not has_app_context()
    change_file(monkeypatch, edition + 1, "Melakukan koordinasi")
    with create_engine(addresses.owner).connect() as connection, owner_session(connection) as session:
        load_addon_data(session, [registry().manifests["kendal"]])
        session.flush()
        rows = connection.execute(
            text("SELECT edition, state, identity->>'made_on' AS made_on FROM procedures_procedure WHERE code = :code"),
            {"code": "SOP-KERJASAMA"},
        )
        found = {row.edition: (row.state, row.made_on) for row in rows}
        connection.rollback()
    assert found == {edition: ("superseded", "3 Maret 2025"), edition + 1: ("in_force", "3 Maret 2025")}
