"""`doctor`: a healthy installation has nothing but ok, and each illness is found with what to do."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from flask import Flask

from app import clock
from app.cli import doctor as command
from app.cli.doctor_checks import SYNC, examine
from app.cli.finding import FAIL, OK, WARN, Finding
from app.database.addresses import Addresses, libpq_address
from app.registry.enablement import registry
from app.registry.sync import code_checksum
from app.testing.databases import TestServer
from config import Settings

INSTALLED = "INSERT INTO installed_addon (name, version, state, installed_at) VALUES ('gone', '1', 'installed', now())"
OLDER = "UPDATE installed_addon SET version = '0.9.0' WHERE name = 'rooms'"
UNKNOWN = "INSERT INTO alembic_version VALUES ('gone_0009')"
WAITING = "INSERT INTO addon_request (command, addon, asked_at) VALUES ('install', 'rooms', now() - interval '1 hour')"
PROCESS = "INSERT INTO running_process (kind, host, process, registry_version) VALUES"
FAILED_JOB = (
    "INSERT INTO job_run (institution_id, name, state, finished_at) VALUES (1, 'kernel.sweep_files', 'failed', now())"
)
FAILED_MAIL = (
    "INSERT INTO outgoing_mail (institution_id, recipient, subject, body, state, last_error, message_id) "
    "VALUES (1, 'nobody@contoh.id', 'x', 'x', 'failed', 'unreachable', 'x')"
)
ATTACHED = (
    "INSERT INTO attachment (institution_id, model, record_id, name, kind, size, sha256, stored_name) "
    "VALUES (2, 'partners.Partner', 1, 'a.pdf', 'application/pdf', 1, 'x', 'aabb.pdf')"
)


@pytest.fixture
def settings(postgres: TestServer, tmp_path: Path) -> Settings:
    return replace(postgres.settings, data_dir=tmp_path)


@pytest.fixture
def owner(addresses: Addresses) -> Iterator[psycopg.Connection[Any]]:
    """The owner's hand in the test's database."""
    with psycopg.connect(libpq_address(addresses.owner), autocommit=True) as connection:
        yield connection


@pytest.fixture
def seen(app: Flask, settings: Settings, addresses: Addresses) -> Callable[[], dict[str, list[Finding]]]:
    """``seen()`` is what is wrong now: the findings that are not ok, by check."""

    def look() -> dict[str, list[Finding]]:
        found: dict[str, list[Finding]] = {}
        for finding in examine(settings, addresses):
            if finding.level != OK:
                assert finding.remedy, finding
                found.setdefault(finding.check, []).append(finding)
        return found

    return look


def test_where_all_is_well_every_line_is_ok(seen: Callable[[], Any]) -> None:
    assert seen() == {}


@pytest.mark.parametrize(("minutes", "told"), [(60, "s ahead of the database's"), (-60, "s behind the database's")])
def test_two_clocks_that_differ_are_told(seen: Callable[[], Any], minutes: int, told: str) -> None:
    with clock.frozen(clock.now() + timedelta(minutes=minutes)):
        [finding] = seen()["clock"]
    assert finding.level == WARN
    assert told in finding.message


@pytest.mark.parametrize(
    ("check", "level", "statement", "told", "remedy"),
    [
        ("addons", FAIL, INSTALLED, "its folder is gone", "SINERGI_ADDONS_PATH"),
        ("migrations", FAIL, "DELETE FROM alembic_version WHERE version_num LIKE 'dummy%'", "dummy_0001", SYNC),
        ("code", WARN, "UPDATE registry_state SET checksum = 'other'", "changed since", SYNC),
        ("tables", WARN, "ALTER TABLE rooms_room ADD COLUMN left_over int", "rooms_room.left_over", "nothing uses"),
        ("tables", FAIL, "ALTER TABLE rooms_room DROP COLUMN note", "rooms_room", SYNC),
        ("grants", FAIL, "REVOKE SELECT ON rooms_room FROM sinergi_app", "no reading of rooms_room", SYNC),
        ("grants", FAIL, "GRANT DELETE ON audit_entry TO sinergi_app", "deleting from audit_entry", SYNC),
        ("policies", FAIL, "DROP POLICY institution_select ON rooms_room", "institution_select ON rooms_room", SYNC),
        ("policies", FAIL, "ALTER TABLE rooms_room DISABLE ROW LEVEL SECURITY", "rooms_room", SYNC),
        ("policies", FAIL, "ALTER POLICY institution_select ON rooms_room USING (true)", "rooms_room", SYNC),
        ("sequences", WARN, "DELETE FROM sequence WHERE code = 'procedures.case'", "procedures.case of", "Settings"),
        ("files", FAIL, ATTACHED, "aabb.pdf", "backup"),
        ("addons", FAIL, INSTALLED, "gone is installed", "addons retire gone"),
        ("addons", FAIL, OLDER, "rooms is 1.0.0 here and 0.9.0 in the database", "addons upgrade rooms"),
        ("migrations", FAIL, UNKNOWN, "nobody knows: gone_0009", "restore a backup"),
        ("requests", WARN, WAITING, "install rooms", "addons agent"),
        ("processes", WARN, f"{PROCESS} ('web', 'a', 1, 99999)", "no worker was seen", "run.py worker"),
        ("processes", WARN, f"{PROCESS} ('worker', 'a', 1, 0)", "old addons: worker a:1", "restart"),
        ("jobs", WARN, FAILED_JOB, "1 failed this week: kernel.sweep_files", "Jobs"),
        ("mail", WARN, FAILED_MAIL, "1 failed (unreachable)", "SINERGI_MAIL"),
    ],
)
def test_an_illness_of_the_database_is_found(
    seen: Callable[[], Any], owner: Any, check: str, level: str, statement: str, told: str, remedy: str
) -> None:
    owner.execute(statement)
    found = seen()
    assert set(found) == {check}
    assert [finding.level for finding in found[check]] == [level]
    assert told in found[check][0].message
    assert remedy in found[check][0].remedy


def test_a_role_that_owns_tables_is_found(seen: Callable[[], Any], owner: Any, addresses: Addresses) -> None:
    owner.execute("GRANT CREATE ON SCHEMA public TO sinergi_app")
    with psycopg.connect(libpq_address(addresses.application), autocommit=True) as application:
        application.execute("CREATE TABLE taken_over (id int)")
    assert "owns tables" in seen()["roles"][0].message


def test_unfinished_uploads_are_found_and_swept(seen: Callable[[], Any], settings: Settings) -> None:
    pending = settings.data_dir / "files" / "pending" / "aabb.pdf"
    pending.parent.mkdir(parents=True)
    pending.write_bytes(b"half")
    assert "uploads" not in seen(), "an upload that has just begun is nobody's leftover"
    os.utime(pending, (time.time() - 7200, time.time() - 7200))
    assert seen()["uploads"][0].level == WARN
    command._swept(settings)
    assert not pending.exists()


def test_an_empty_database_is_told_to_be_synced(app: Flask, settings: Settings, postgres: TestServer) -> None:
    found = list(examine(settings, postgres.empty("doctor_empty")))
    postgres.drop("doctor_empty")
    assert (found[-1].check, found[-1].level, found[-1].remedy) == ("schema", FAIL, "python run.py sync")


def test_a_database_that_is_away_and_a_wrong_setting_are_findings_with_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    away = "postgresql://{}:x@127.0.0.1:9/none"
    environment = {
        "SINERGI_DATA_DIR": str(tmp_path),
        "SINERGI_DATABASE_URL": away.format("app"),
        "SINERGI_OWNER_DATABASE_URL": away.format("owner"),
    }
    answer = CliRunner().invoke(command.doctor, ["--json"], env=environment)
    assert answer.exit_code == 1
    assert [(item["check"], item["level"]) for item in json.loads(answer.output)] == [("database", FAIL)]
    answer = CliRunner().invoke(command.doctor, [], env={**environment, "SINERGI_PORT": "many"})
    assert answer.exit_code == 1
    assert "SINERGI_PORT must be a whole number" in answer.output


def test_the_stored_checksum_of_the_test_database_is_that_of_its_code(app: Flask, owner: Any) -> None:
    stored = owner.execute("SELECT checksum FROM registry_state").fetchone()[0]
    assert stored == code_checksum(registry().manifests.values())
