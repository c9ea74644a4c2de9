"""Backup and restore: the same rows and files again in an empty place, or nothing at all."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.backup.contents import table_checksums
from app.backup.programs import BackupError
from app.backup.restoring import restore_backup
from app.backup.writing import write_backup
from app.database.addresses import libpq_address
from app.database.embedded import Addresses
from app.testing.databases import TestServer

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@dataclass
class Place:
    """An empty database and an empty store."""

    addresses: Addresses
    store: Path


@pytest.fixture
def store(app: Any, acting: Callable[..., Any]) -> Path:
    """The files of the application, one file of a partner among them."""
    from app.database.base import models
    from app.database.session import db
    from app.records.attachment import attach, files_folder

    with acting("kendal.staf", "kendal"):
        partner = db.session.scalars(db.select(models["partners.Partner"])).first()
        attach(db.session(), partner, "surat.pdf", io.BytesIO(PDF))
        db.session.commit()
        return files_folder()


@pytest.fixture
def elsewhere(postgres: TestServer, tmp_path: Path) -> Iterator[Place]:
    """A place to restore into."""
    addresses = postgres.empty("sinergi_restored")
    yield Place(addresses, tmp_path / "elsewhere" / "files")
    postgres.drop("sinergi_restored")


def rows(addresses: Addresses) -> dict[str, list[Any]]:
    with psycopg.connect(libpq_address(addresses.owner)) as connection:
        return table_checksums(connection)


def test_what_was_backed_up_is_there_again_row_by_row_and_file_by_file(
    store: Path, addresses: Addresses, elsewhere: Place, tmp_path: Path
) -> None:
    target = tmp_path / "backup.tar"
    contents = write_backup(addresses, store, target, "test")
    assert target.stat().st_mode & 0o077 == 0, "nobody else reads a backup"
    assert contents.tables["partners_partner"][0] > 0
    assert len(contents.files) >= 1
    elsewhere.store.parent.mkdir()
    restore_backup(elsewhere.addresses, elsewhere.store, target)
    assert rows(elsewhere.addresses) == rows(addresses)
    for name in contents.files:
        assert (elsewhere.store / name).read_bytes() == (store / name).read_bytes()


def test_a_restored_place_works_after_sync(store: Path, addresses: Addresses, elsewhere: Place, tmp_path: Path) -> None:
    from app.registry.sync import sync
    from config import load_settings

    target = tmp_path / "backup.tar"
    write_backup(addresses, store, target, "test")
    elsewhere.store.parent.mkdir()
    restore_backup(elsewhere.addresses, elsewhere.store, target)
    sync(load_settings({"SINERGI_DATA_DIR": str(tmp_path / "data")}), elsewhere.addresses)
    with psycopg.connect(libpq_address(elsewhere.addresses.application)) as connection:
        assert connection.execute("SELECT count(*) FROM institution").fetchone() != (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM audit_entry")
        connection.rollback()
        with pytest.raises(psycopg.errors.UndefinedObject):  # the second wall stands there, too
            connection.execute("SELECT FROM partners_partner")


def test_a_checksum_tells_one_changed_value(addresses: Addresses) -> None:
    before = rows(addresses)
    with psycopg.connect(libpq_address(addresses.owner)) as connection:
        connection.execute(
            "UPDATE partners_partner SET name = name || '.' WHERE id = (SELECT min(id) FROM partners_partner)"
        )
    after = rows(addresses)
    assert before["partners_partner"][0] == after["partners_partner"][0]
    assert before["partners_partner"][1] != after["partners_partner"][1]


def test_a_full_place_and_an_existing_backup_are_refused(
    store: Path, addresses: Addresses, elsewhere: Place, tmp_path: Path
) -> None:
    target = tmp_path / "backup.tar"
    write_backup(addresses, store, target, "test")
    with pytest.raises(BackupError, match="never overwrites"):
        write_backup(addresses, store, target, "test")
    with pytest.raises(BackupError, match="tables already"):
        restore_backup(addresses, tmp_path / "empty", target)
    with pytest.raises(BackupError, match="holds files already"):
        restore_backup(elsewhere.addresses, store, target)
    assert rows(elsewhere.addresses) == {}


@pytest.mark.parametrize("damage", ["cut", "file", "nonsense", "escape"])
def test_a_damaged_or_hostile_backup_changes_nothing(
    store: Path, addresses: Addresses, elsewhere: Place, tmp_path: Path, damage: str
) -> None:
    target, broken = tmp_path / "backup.tar", tmp_path / "broken.tar"
    write_backup(addresses, store, target, "test")
    content = target.read_bytes()
    if damage == "cut":
        broken.write_bytes(content[: len(content) // 2])
    elif damage == "file":
        broken.write_bytes(content.replace(PDF, PDF.replace(b"obj", b"ojb")))
    elif damage == "nonsense":
        broken.write_bytes(b"nothing")
    else:
        with tarfile.open(broken, "w") as archive:
            archive.add(target, "../../escaped.txt")
    elsewhere.store.parent.mkdir()
    with pytest.raises(BackupError):
        restore_backup(elsewhere.addresses, elsewhere.store, broken)
    assert rows(elsewhere.addresses) == {}
    assert not elsewhere.store.exists() or not any(elsewhere.store.rglob("*.pdf"))
    assert not list(tmp_path.rglob("escaped.txt"))
