"""Restoring a backup into an empty place, and proving that it is what was backed up."""

from __future__ import annotations

import json
import shutil
import tarfile
import tempfile
from pathlib import Path

import psycopg

from app.backup.contents import FORMAT, Contents, checksum, stored_files, table_checksums
from app.backup.programs import BackupError, run_program
from app.database.addresses import Addresses, libpq_address


def restore_backup(addresses: Addresses, store: Path, source: Path) -> Contents:
    """Bring database and files of ``source`` into an empty database and an empty store, and compare all checksums.

    Raises `BackupError` with one sentence: for a file that is no backup or was damaged, and for a place that is not
    empty, before anything is changed. Run `sync` afterwards: it lays grants and triggers for this installation's roles.
    """
    _refuse_full_place(addresses, store)
    with tempfile.TemporaryDirectory(dir=store.parent, prefix=".restore-") as folder:
        contents = _unpack(source, Path(folder))
        options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
        dump = str(Path(folder) / "database.dump")
        with psycopg.connect(libpq_address(addresses.owner)) as connection:
            name = connection.info.dbname
        run_program("pg_restore", [*options, f"--dbname={name}", dump], addresses.owner)
        for path in contents.files:
            target = store / path
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
            shutil.move(Path(folder) / "files" / path, target)
    _compare(addresses, store, contents)
    return contents


def _refuse_full_place(addresses: Addresses, store: Path) -> None:
    with psycopg.connect(libpq_address(addresses.owner)) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchone()
    if row and row[0]:
        raise BackupError(f"The database holds {row[0]} tables already; a backup is restored into an empty one.")
    if any(stored_files(store)):
        raise BackupError(f"{store} holds files already; a backup is restored into an empty place.")
    store.mkdir(parents=True, exist_ok=True, mode=0o750)


def _unpack(source: Path, folder: Path) -> Contents:
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        contents = Contents(**json.loads((folder / "backup.json").read_text(encoding="utf-8")))
    except (OSError, tarfile.TarError, ValueError, TypeError) as error:
        raise BackupError(f"{source} is not a backup that can be read.") from error
    if contents.format != FORMAT:
        raise BackupError(f"{source} has format {contents.format}; this version reads format {FORMAT}.")
    for name, expected in contents.files.items():
        path = folder / "files" / name
        if not path.is_file() or checksum(path) != expected:
            raise BackupError(f"The file {name} in the backup is damaged.")
    return contents


def _compare(addresses: Addresses, store: Path, contents: Contents) -> None:
    with psycopg.connect(libpq_address(addresses.owner)) as connection:
        tables = table_checksums(connection)
    wrong = sorted(name for name in {*tables, *contents.tables} if tables.get(name) != contents.tables.get(name))
    wrong += [name for name, path in stored_files(store) if contents.files.get(name) != checksum(path)]
    if wrong:
        raise BackupError(f"After the restore these differ from the backup: {', '.join(wrong)}.")
