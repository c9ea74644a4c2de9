"""The embedded PostgreSQL: its roles, who may end it, and what happens after a crash."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from app.database.addresses import libpq_address
from app.database.embedded import Addresses, EmbeddedError, EmbeddedServer

ROOT = Path(__file__).resolve().parents[2]
SYSTEM_PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


def connect(url: str, **changes: str) -> psycopg.Connection:
    """Connect as psycopg does for SQLAlchemy, with parts of the address changed."""
    return psycopg.connect(libpq_address(url), autocommit=True, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder below one that only its owner may enter, as pytest and /root make them."""
    return tmp_path_factory.mktemp("database") / "post gre'sql"


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[EmbeddedServer]:
    """One server for the tests that leave it as it is."""
    server = EmbeddedServer(folder, durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def addresses(server: EmbeddedServer) -> Addresses:
    """Its addresses; asking again must not change anything."""
    return server.start()


def process_of(server: EmbeddedServer) -> int:
    return int((server.cluster / "postmaster.pid").read_text().splitlines()[0])


def other_command(folder: Path, then: str = "server.stop()") -> subprocess.CompletedProcess[str]:
    """A command in a second terminal that uses the same data folder."""
    code = f"""
from pathlib import Path
from app.database.addresses import libpq_address
from app.database.embedded import EmbeddedServer
server = EmbeddedServer(Path({str(folder)!r}), durable=False)
server.start()
{then}
"""
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)


def test_the_two_roles_have_the_rights_of_production(addresses: Addresses) -> None:
    with connect(addresses.owner) as connection:
        rows = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles"
            " WHERE rolname IN ('sinergi_owner', 'sinergi_app') ORDER BY rolname"
        ).fetchall()
        owner = connection.execute("SELECT datdba::regrole::text FROM pg_database WHERE datname = 'sinergi'").fetchone()
    assert rows == [("sinergi_app", False, False, False, False), ("sinergi_owner", False, False, True, False)]
    assert owner == ("sinergi_owner",)


def test_the_application_owns_nothing_and_cannot_create(addresses: Addresses) -> None:
    with connect(addresses.application) as connection:
        for statement in (
            "CREATE TABLE t (id int)",
            "CREATE SCHEMA s",
            "CREATE TEMP TABLE t (id int)",
            "CREATE DATABASE d",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_owner_creates_tables_databases_and_the_extensions(addresses: Addresses) -> None:
    with connect(addresses.owner) as connection:
        for extension in ("btree_gist", "pg_trgm", "unaccent"):
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")  # type: ignore[arg-type]
        connection.execute("CREATE TABLE made_by_owner (id int)")
        connection.execute("DROP TABLE made_by_owner")
        connection.execute("CREATE DATABASE template_of_tests")
        connection.execute("DROP DATABASE template_of_tests")


def test_text_is_utf8_and_sorted_the_same_everywhere(addresses: Addresses) -> None:
    with connect(addresses.owner) as connection:
        row = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = 'sinergi'"
        ).fetchone()
    assert row == ("UTF8", "C.UTF-8")


def test_no_one_gets_in_without_the_password(addresses: Addresses) -> None:
    for role in ("sinergi_owner", "sinergi_app", "sinergi_admin", "postgres"):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connect(addresses.owner, user=role, password="guessed")


def test_passwords_and_folder_are_private(server: EmbeddedServer) -> None:
    assert stat.S_IMODE((server.folder / "passwords.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((server.cluster / "socket").stat().st_mode) == 0o700
    assert stat.S_IMODE(server.cluster.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must give the server another user")
def test_the_server_does_not_run_as_root(server: EmbeddedServer) -> None:
    assert Path(f"/proc/{process_of(server)}").stat().st_uid != 0


def test_starting_again_finds_the_same_server(server: EmbeddedServer, addresses: Addresses) -> None:
    process = process_of(server)
    assert server.start() == addresses
    assert process_of(server) == process


def test_a_second_command_does_not_end_the_server_of_the_first(server: EmbeddedServer, addresses: Addresses) -> None:
    process = process_of(server)
    other_command(server.folder)
    assert process_of(server) == process
    connect(addresses.application).close()


def test_a_second_command_that_is_killed_does_not_end_it_either(server: EmbeddedServer, addresses: Addresses) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        other_command(server.folder, then="import os; os.kill(os.getpid(), 9)")
    connect(addresses.application).close()


def test_the_last_user_ends_the_server(tmp_path: Path) -> None:
    first, second = EmbeddedServer(tmp_path / "d", durable=False), EmbeddedServer(tmp_path / "d", durable=False)
    first.start()
    second.start()
    first.stop()
    assert second.is_running()
    second.stop()
    assert not second.is_running()
    second.stop()


def test_a_server_left_by_a_killed_command_is_adopted_and_ended(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "d", durable=False)
    with pytest.raises(subprocess.CalledProcessError):
        other_command(server.folder, then="import os; os.kill(os.getpid(), 9)")
    assert server.is_running()
    process = process_of(server)
    addresses = server.start()
    assert process_of(server) == process
    connect(addresses.application).close()
    server.stop()
    assert not server.is_running()


def test_data_survives_a_killed_server(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "d")
    with connect(server.start().owner) as connection:
        connection.execute("CREATE TABLE kept (id int)")
        connection.execute("INSERT INTO kept VALUES (7)")
        os.kill(process_of(server), signal.SIGKILL)
    begun = time.monotonic()
    with connect(server.start().owner) as connection:
        assert connection.execute("SELECT id FROM kept").fetchone() == (7,)
    assert time.monotonic() - begun < 15
    server.stop()


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose server is not running, to be copied."""
    folder = tmp_path_factory.mktemp("stopped") / "d"
    server = EmbeddedServer(folder, durable=False)
    server.start()
    server.stop()
    return folder


@pytest.fixture
def copy(stopped: Path, tmp_path: Path) -> EmbeddedServer:
    """A copy made as `cp -r` makes it: owned by who copied."""
    shutil.copytree(stopped, tmp_path / "copy")
    return EmbeddedServer(tmp_path / "copy", durable=False)


def test_a_copied_data_folder_works(copy: EmbeddedServer) -> None:
    connect(copy.start().application).close()
    copy.stop()


def test_a_copy_of_a_running_folder_does_not_reach_the_original(server: EmbeddedServer, copy: EmbeddedServer) -> None:
    shutil.copy(server.cluster / "postmaster.pid", copy.cluster)
    assert not copy.is_running()
    copy.start()
    assert process_of(copy) != process_of(server)
    copy.stop()
    assert server.is_running()


def test_a_long_path_is_served_on_the_loopback_address(stopped: Path, tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    shutil.copytree(stopped, folder)
    server = EmbeddedServer(folder, durable=False)
    address = make_url(server.start().application)
    assert address.query["host"] == "127.0.0.1"
    assert int(str(address.query["port"])) < 32_768
    server.stop()


@pytest.mark.skipif(SYSTEM_PROGRAMS is None, reason="no PostgreSQL of the system is installed")
def test_the_systems_postgresql_serves_too(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "d", bin_dir=SYSTEM_PROGRAMS, durable=False)
    with connect(server.start().owner) as connection:
        connection.execute("CREATE EXTENSION btree_gist")
    server.stop()


def refusal(server: EmbeddedServer) -> str:
    """The one sentence with which starting is refused."""
    with pytest.raises(EmbeddedError) as caught:
        server.start()
    assert "\n" not in str(caught.value)
    assert not server.is_running()
    return str(caught.value)


def test_data_of_another_major_version_is_refused(copy: EmbeddedServer) -> None:
    (copy.cluster / "PG_VERSION").write_text("14\n")
    assert "written by PostgreSQL 14" in refusal(copy)


def test_a_missing_password_file_is_named(copy: EmbeddedServer) -> None:
    (copy.folder / "passwords.json").unlink()
    assert "passwords.json" in refusal(copy)


def test_passwords_of_another_database_are_named(copy: EmbeddedServer) -> None:
    path = copy.folder / "passwords.json"
    path.write_text(path.read_text().replace('": "', '": "x'))
    assert "does not belong to the database" in refusal(copy)


def test_a_server_that_cannot_start_tells_its_last_line(copy: EmbeddedServer) -> None:
    with (copy.cluster / "postgresql.conf").open("a") as file:
        file.write("\nno_such_setting = 1\n")
    begun = time.monotonic()
    assert "no_such_setting" in refusal(copy) or "configuration file" in refusal(copy)
    assert time.monotonic() - begun < 5


def test_missing_programs_are_named(tmp_path: Path) -> None:
    assert "initdb" in refusal(EmbeddedServer(tmp_path / "d", bin_dir=tmp_path / "empty"))


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d").write_text("")
    assert "cannot be read and written" in refusal(EmbeddedServer(tmp_path / "d"))
