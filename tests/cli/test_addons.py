"""`addons list`, `plan`, `extensions`, `hooks`, `enable` and `disable`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import Connection, create_engine, text

from app.cli.addons import addon_rows, addons, plan_lines
from app.database import migration
from app.database.addresses import Addresses
from app.errors import AddonError
from app.registry.enablement import registry
from app.registry.impact import impact_of
from app.registry.overview import extension_rows


@pytest.fixture
def owner(addresses: Addresses) -> Iterator[Connection]:
    engine = create_engine(addresses.owner)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def run(app: Flask, addresses: Addresses, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """Call a command over the test's database; the application is the one that is built already."""
    import app as package

    monkeypatch.setattr(package, "create_app", lambda _settings, _url: app)
    environment = {
        "SINERGI_DATA_DIR": str(tmp_path),
        "SINERGI_DATABASE_URL": addresses.application,
        "SINERGI_OWNER_DATABASE_URL": addresses.owner,
    }
    return lambda *arguments: CliRunner().invoke(addons, list(arguments), env=environment)


def row_of(connection: Connection, name: str) -> dict[str, Any]:
    return next(row for row in addon_rows(connection, registry().manifests) if row["name"] == name)


# list -------------------------------------------------------------------------------------------------------------


def test_the_list_tells_versions_state_and_who_has_it_enabled(owner: Connection) -> None:
    partners = row_of(owner, "partners")
    assert (partners["state"], partners["version"], partners["installed_version"]) == ("installed", "1.0.0", "1.0.0")
    assert sorted(partners["enabled_for"]) == ["kendal", "polibatam", "unair"]
    assert row_of(owner, "kendal")["enabled_for"] == ["kendal"]
    assert row_of(owner, "dummy")["enabled_for"] == []


def test_the_list_shows_what_is_not_installed_and_what_lost_its_folder(owner: Connection) -> None:
    owner.execute(text("DELETE FROM installed_addon WHERE name = 'dummy'"))
    owner.execute(text("UPDATE installed_addon SET name = 'vanished' WHERE name = 'rooms'"))
    dummy, vanished = row_of(owner, "dummy"), row_of(owner, "vanished")
    assert (dummy["state"], dummy["installed_version"]) == ("available", None)
    assert (vanished["state"], vanished["version"], vanished["installed_version"]) == ("missing", None, "1.0.0")


def test_the_list_speaks_to_people_and_to_programs(run: Callable[..., Any]) -> None:
    rows = json.loads(run("list", "--json").output)
    assert {"name", "title", "version", "state", "depends", "enabled_for"} <= set(rows[0])
    said = run("list").output
    assert "Kendal regional library" in said
    assert "enabled for kendal" in said


# plan -------------------------------------------------------------------------------------------------------------


def test_a_plan_names_dependencies_tables_columns_rights_and_data_that_would_come(owner: Connection) -> None:
    migration.downgrade(owner, registry().manifests.values(), "dummy@base")
    owner.execute(text("UPDATE addon_enablement SET enabled = false WHERE addon = 'rooms'"))
    impact = impact_of(owner, registry(), "dummy", "unair")
    assert impact.to_enable == ["dummy"]
    assert impact.migrations == ["dummy_0001"]
    assert impact.tables == ["dummy_note"]
    assert impact.columns == ["partners_partner.dummy_rating"]
    assert impact.rights == {"kernel.administrator": 2, "dummy.keeper": 2, "dummy.author": 2}
    assert impact.data == {"dummy.Note": 1}
    assert impact.refusal == ""
    rooms = impact_of(owner, registry(), "activities", "unair")
    assert "rooms" in rooms.to_enable
    assert "partners" not in rooms.to_enable


def test_a_plan_of_what_is_there_already_changes_nothing(owner: Connection) -> None:
    lines = plan_lines(impact_of(owner, registry(), "kendal", "kendal"))
    assert lines[:4] == [
        "Enabled for kendal, in this order: none.",
        "Migrations: none.",
        "New tables: none.",
        "New columns: none.",
    ]
    assert lines[-1] == "Data records: none."


def test_a_plan_that_would_be_refused_says_so_and_the_command_fails(run: Callable[..., Any]) -> None:
    answer = run("plan", "kendal", "--institution", "unair")
    assert answer.exit_code == 1
    assert "kendal belongs to kendal and cannot be enabled for unair" in answer.output
    assert run("plan", "rooms", "--institution", "unair").exit_code == 0
    for arguments, sentence in (
        (("plan", "nothing"), "There is no addon nothing."),
        (("plan", "rooms", "--institution", "nowhere"), "There is no institution nowhere."),
    ):
        answer = run(*arguments)
        assert answer.exit_code == 1
        assert sentence in answer.output


def test_an_unknown_addon_has_no_plan(owner: Connection) -> None:
    with pytest.raises(AddonError, match="no addon nothing"):
        impact_of(owner, registry(), "nothing")


# extensions and hooks ---------------------------------------------------------------------------------------------


def test_extensions_tell_columns_links_screens_panels_and_receivers(app: Flask) -> None:
    rows = {(row["addon"], row["target"], row["kind"], row["what"]) for row in extension_rows()}
    assert {
        ("dummy", "partners.Partner", "column", "dummy_rating"),
        ("dummy", "partners.Partner", "screen", "after dummy_rating after name"),
        ("dummy", "kernel.record_created", "hook", "note_new_partner"),
        ("polibatam", "agreements.Agreement", "link", "polibatam_unit"),
    } <= rows
    assert not any(addon == target.split(".")[0] for addon, target, _kind, _what in rows)


def test_hooks_are_listed_with_their_paragraphs(run: Callable[..., Any]) -> None:
    rows = json.loads(run("hooks", "--json").output)
    assert {"kernel.record_created", "kernel.before_transition"} <= {row["name"] for row in rows}
    assert all(len(row["purpose"]) > 40 for row in rows)
    assert "**`kernel.record_created`** — Sent by" in run("hooks").output
    assert json.loads(run("extensions", "--json").output) == extension_rows()


# enable and disable -----------------------------------------------------------------------------------------------


def test_enable_and_disable_switch_one_institution_and_say_what_they_did(
    run: Callable[..., Any], owner: Connection, person: Any
) -> None:
    assert run("enable", "dummy", "--institution", "kendal").output == "Enabled for kendal: dummy.\n"
    assert row_of(owner, "dummy")["enabled_for"] == ["kendal"]
    assert "Welcome to dummy" in person("kendal.admin").get("/dummy/dummy_note/").text
    assert "it was enabled already" in run("enable", "dummy", "--institution", "kendal").output
    assert run("disable", "dummy", "--institution", "kendal").output == "Disabled for kendal: dummy.\n"
    assert person("kendal.admin").get("/dummy/dummy_note/").status_code == 404


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("enable", "nothing", "--institution", "kendal"), "There is no addon nothing."),
        (("enable", "dummy", "--institution", "nowhere"), "There is no institution nowhere."),
        (("enable", "dummy", "--institution", "bersama"), "There is no institution bersama."),
        (("enable", "unair", "--institution", "kendal"), "belongs to another institution"),
        (("disable", "partners", "--institution", "kendal"), "cannot be disabled"),
    ],
)
def test_what_cannot_be_switched_is_refused_with_a_sentence(
    run: Callable[..., Any], arguments: tuple[str, ...], sentence: str
) -> None:
    answer = run(*arguments)
    assert answer.exit_code == 1
    assert sentence in answer.output


def test_what_running_work_needs_is_switched_off_only_when_forced(
    run: Callable[..., Any], person: Callable[[str], Any], program: Callable[[str], Any]
) -> None:
    api = program("kendal.staf")
    procedure = api.api("GET", "case/related/procedure").json["result"][0]["value"]
    assert api.api("POST", "case/", {"title": "Kunjungan contoh", "procedure": procedure}).status_code == 201
    refused = run("disable", "kendal", "--institution", "kendal")
    assert (refused.exit_code, "1 open case runs on" in refused.output) == (1, True)
    assert "With --force it is disabled all the same." in refused.output
    done = run("disable", "kendal", "--institution", "kendal", "--force")
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "Disabled for kendal: kendal.")


def test_refusals_are_not_half_done(run: Callable[..., Any], owner: Connection) -> None:
    before = addon_rows(owner, registry().manifests)
    run("enable", "unair", "--institution", "kendal")
    run("disable", "partners", "--institution", "kendal")
    owner.rollback()
    assert addon_rows(owner, registry().manifests) == before


REFUSED: dict[str, tuple[tuple[str, ...], ...]] = {
    "plan": (
        ("gone",),
        ("rooms", "--institution", "nowhere"),
        ("kendal", "--institution", "unair"),
        ("fly", "unair"),
        ("retire", "partners", "twice"),
        ("install", "rooms"),
        ("upgrade", "gone"),
        ("retire", "partners"),
        ("purge", "rooms"),
    ),
    "install": (("gone",), ("rooms",), ("rooms", "--from", "/")),
    "upgrade": (("gone",),),
    "retire": (("gone",), ("partners",)),
    "purge": (("gone",), ("rooms", "--yes", "rooms")),
    "enable": (("gone", "--institution", "kendal"), ("rooms",), ("unair", "--institution", "kendal")),
    "disable": (("gone", "--institution", "kendal"), ("rooms",), ("partners", "--institution", "kendal")),
    "new": (("partners",), ("Ruang Baca",)),
}
"""Beyond these, every command gets an option that it does not have, and one word too many."""


def test_every_refusal_of_an_addons_command_is_an_object_with_problems(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert REFUSED.keys() < addons.commands.keys()
    into = {"new": ("--into", str(tmp_path))}
    cases = [(name, *words, *into.get(name, ())) for name, several in REFUSED.items() for words in several]
    for name in addons.commands:
        cases += [(name, "--no-such-option"), (name, "one", "two", "three", "four")]
    for arguments in [*cases, ("no-such-command",), ()]:
        answer = run(*arguments, "--json")
        assert answer.exit_code in {1, 2}, (arguments, answer.output)
        said = json.loads(answer.stdout)
        assert (said["done"], bool(said["problems"])) == (False, True), arguments
        assert all(isinstance(line, str) and line for line in said["problems"]), arguments
        assert answer.stderr == "", arguments
    monkeypatch.setenv("SINERGI_ADDONS_PATH", str(tmp_path / "nowhere"))
    for name in addons.commands:
        words = (*REFUSED.get(name, [()])[0], *into.get(name, ()))
        answer = run(name, *words, "--json")
        said = json.loads(answer.stdout)
        assert (answer.exit_code, said["done"]) == (1, False), name
        assert "nowhere, which is not a folder" in said["problems"][0], name


def test_a_plan_for_programs_says_everything_and_whether_it_would_be_refused(run: Callable[..., Any]) -> None:
    said = json.loads(run("plan", "retire", "partners", "--json").stdout)
    assert said["problems"] == said["refusals"]
    assert "partners cannot be retired" in said["problems"][0]
    assert "unair" in said["dependents"]
    said = json.loads(run("plan", "kendal", "--institution", "unair", "--json").stdout)
    assert said["problems"] == [said["refusal"]]
    assert said["rights"]
    said = json.loads(run("plan", "rooms", "--institution", "unair", "--json").stdout)
    assert (said["done"], said["problems"]) == (True, [])


def test_every_addons_command_answers_programs_in_json(run: Callable[..., Any]) -> None:
    for name in sorted(addons.commands.keys() - REFUSED.keys()):
        answer = run(name, *(["--once"] if name == "agent" else []), "--json")
        assert (answer.exit_code, bool(json.loads(answer.stdout))) == (0, True), answer.output
