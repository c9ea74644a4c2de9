"""Making a backup: one file that holds the dump, the files and what both must be after a restore."""

from __future__ import annotations

import json
import os
import tarfile
import tempfile
from dataclasses import asdict
from pathlib import Path

import psycopg

from app import clock
from app.backup.contents import Contents, checksum, stored_files, table_checksums
from app.backup.programs import BackupError, run_program
from app.database.addresses import Addresses, libpq_address


def write_backup(addresses: Addresses, store: Path, target: Path, version: str) -> Contents:
    """Write everything to ``target``, a tar file that only its owner can read; people may go on working.

    Raises `BackupError` when ``target`` is there already. A backup that breaks off leaves nothing behind.
    """
    if target.exists():
        raise BackupError(f"{target} is there already; a backup never overwrites another.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        dump, partial = Path(folder) / "database.dump", Path(folder) / "backup.tar"
        tables = _dump(addresses, dump)
        # Files are never changed after they were written, so those of the dump's rows are all there by now.
        files = {name: checksum(path) for name, path in stored_files(store)}
        contents = Contents(clock.now().isoformat(), version, tables, files)
        description = Path(folder) / "backup.json"
        description.write_text(json.dumps(asdict(contents), indent=1), encoding="utf-8")
        partial.touch(mode=0o600)
        with tarfile.open(partial, "w") as archive:
            archive.add(description, "backup.json")
            archive.add(dump, "database.dump")
            for name in files:
                archive.add(store / name, f"files/{name}")
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.rename(target)
    return contents


def _dump(addresses: Addresses, dump: Path) -> dict[str, list[object]]:
    """Dump the database and sum up its tables in one snapshot: what one sees, the other sees."""
    with psycopg.connect(libpq_address(addresses.owner)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        snapshot = row[0] if row else ""
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={dump}"]
        run_program("pg_dump", options, addresses.owner)
        return table_checksums(connection)
