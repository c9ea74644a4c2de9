"""Everything an addon has in the database as one file, and the way back: ``addons install NAME --from FILE``.

The file is a gzipped tar: ``addon.json`` says what it holds, ``rows.jsonl`` has one row a line, ``files/`` the
attachments.
"""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psycopg
from sqlalchemy import Connection, text

from app import clock
from app.errors import AddonError
from app.registry.belongings import KERNEL_ROWS, Belongings
from app.registry.installation import KnownAddon

FORMAT = 1
_TABLE_COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND NOT attisdropped
    AND attgenerated = ''
"""


def write_export(connection: Connection, addon: KnownAddon, had: Belongings, target: Path, store: Path) -> list[str]:
    """Write ``target``, readable by its owner alone; returns the stored names of the attachments in it."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = target.with_suffix(".partial")
    partial.touch(mode=0o600)
    header = {
        "format": FORMAT,
        "addon": addon.name,
        "title": addon.title,
        "version": addon.version,
        "made_at": clock.now().isoformat(),
        "tables": had.tables,
        "columns": {table: sorted(columns) for table, columns in had.columns.items()},
    }
    mine = _mine(addon.name)
    files = text(f"SELECT stored_name FROM attachment WHERE {KERNEL_ROWS['attachment']}")
    names = list(connection.execute(files, mine).scalars())
    with tempfile.TemporaryFile() as rows, tarfile.open(partial, "w:gz") as archive:
        for line in _lines(connection, had, mine):
            rows.write(line.encode() + b"\n")
        _add(archive, "addon.json", json.dumps(header, indent=1).encode())
        _add_file(archive, "rows.jsonl", rows)
        for name in names:
            if (path := store / name[:2] / name).is_file():
                archive.add(path, f"files/{name[:2]}/{name}")
    partial.replace(target)
    return names


def _mine(addon: str) -> dict[str, str]:
    """What the conditions of `KERNEL_ROWS` are filled with; an underscore stands for itself."""
    return {"mine": addon.replace("_", "\\_") + ".%", "addon": addon}


def _lines(connection: Connection, had: Belongings, mine: dict[str, str]) -> Iterator[str]:
    quote = connection.dialect.identifier_preparer.quote
    for table in had.tables:
        yield from _rows(connection, table, f"SELECT to_jsonb(t) FROM {quote(table)} t ORDER BY id", {})
    for table, columns in had.columns.items():
        pairs = ", ".join(f"'{name}', t.{quote(name)}" for name in columns)
        filled = " OR ".join(f"t.{quote(name)} IS NOT NULL" for name in columns)
        statement = f"SELECT jsonb_build_object('id', t.id, {pairs}) FROM {quote(table)} t WHERE {filled} ORDER BY id"
        yield from _rows(connection, table, statement, {})
    for table, condition in KERNEL_ROWS.items():
        yield from _rows(connection, table, f"SELECT to_jsonb(t) FROM {table} t WHERE {condition} ORDER BY id", mine)


def _rows(connection: Connection, table: str, statement: str, values: dict[str, str]) -> Iterator[str]:
    options = {"yield_per": 500}
    for row in connection.execute(text(statement), values, execution_options=options).scalars():
        yield json.dumps({"table": table, "row": row})


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    _add_file(archive, name, io.BytesIO(content))


def _add_file(archive: tarfile.TarFile, name: str, file: IO[bytes]) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = file.seek(0, io.SEEK_END), 0o600
    file.seek(0)
    archive.addfile(info, file)


def remove_kernel_rows(connection: Connection, addon: str) -> None:
    """Take away the rows of kernel tables that belong to the addon alone."""
    mine = _mine(addon)
    for table in reversed(list(KERNEL_ROWS)):
        connection.execute(text(f"DELETE FROM {table} WHERE {KERNEL_ROWS[table]}"), mine)


def read_export(source: Path, addon: str) -> dict[str, Any]:
    """What the file says of itself. Raises `AddonError` when it is no export of ``addon``."""
    try:
        with tarfile.open(source) as archive:
            member = archive.extractfile("addon.json")
            header: dict[str, Any] = json.load(member) if member else {}
    except (OSError, KeyError, ValueError, tarfile.TarError):
        raise AddonError(f"{source} is not an export of an addon that can be read.") from None
    if header.get("format") != FORMAT:
        raise AddonError(f"{source} has format {header.get('format')}; this version reads format {FORMAT}.")
    if header.get("addon") != addon:
        raise AddonError(f"{source} is an export of {header.get('addon')}, not of {addon}.")
    return header


def read_back(connection: Connection, source: Path, addon: str, store: Path) -> dict[str, int]:
    """Put the rows of an export back under their ids into the addon's empty tables; returns rows per table."""
    header = read_export(source, addon)
    with tarfile.open(source) as archive:
        rows = archive.extractfile("rows.jsonl")
        if rows is None:
            raise AddonError(f"{source} holds no rows.")
        _stage(connection, rows)
        for member in archive.getmembers():
            path = store / Path(member.name).relative_to("files") if member.name.startswith("files/") else None
            content = archive.extractfile(member) if path is not None else None
            if path is not None and content is not None and path.is_relative_to(store) and ".." not in path.parts:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
                path.write_bytes(content.read())
    done = {table: _insert(connection, table) for table in header["tables"]}
    for table, columns in header["columns"].items():
        done[table] = _update(connection, table, columns)
    for table in KERNEL_ROWS:
        _insert(connection, table, "ON CONFLICT DO NOTHING")
    return done


def _stage(connection: Connection, rows: IO[bytes]) -> None:
    driver: Any = connection.connection.driver_connection
    cursor: psycopg.Cursor[Any]
    with driver.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE read_back (place serial, name text, row jsonb) ON COMMIT DROP")
        with cursor.copy("COPY read_back (name, row) FROM STDIN") as copy:
            for line in rows:
                item = json.loads(line)
                copy.write_row((item["table"], json.dumps(item["row"])))


def _insert(connection: Connection, table: str, clash: str = "") -> int:
    # One statement per table: links within it are checked at its end, whatever order the rows come in.
    columns = _known_columns(connection, table)
    names = ", ".join(columns)
    values = ", ".join(f"(r).{name}" for name in columns)
    quoted = connection.dialect.identifier_preparer.quote(table)
    source = f"SELECT jsonb_populate_record(NULL::{quoted}, row) r FROM read_back WHERE name = :table ORDER BY place"
    count = connection.execute(
        text(f"INSERT INTO {quoted} ({names}) SELECT {values} FROM ({source}) s {clash}"), {"table": table}
    ).rowcount
    serial = text(
        "SELECT setval(pg_get_serial_sequence(:table, 'id'), greatest((SELECT max(id) FROM "
        f"{quoted}), nextval(pg_get_serial_sequence(:table, 'id'))))"
    )
    connection.execute(serial, {"table": table})
    return count


def _known_columns(connection: Connection, table: str) -> list[str]:
    """The columns that the export filled, all of which must still be there. Columns that came later get defaults."""
    quote = connection.dialect.identifier_preparer.quote
    present = set(connection.execute(text(_TABLE_COLUMNS), {"table": quote(table)}).scalars())
    keys = "SELECT DISTINCT jsonb_object_keys(row) FROM read_back WHERE name = :table"
    filled = set(connection.execute(text(keys), {"table": table}).scalars())
    if gone := sorted(filled - present):
        raise AddonError(
            f"{table} has no column {', '.join(gone)} any more: install the version that wrote the export."
        )
    return sorted(quote(name) for name in filled or present)


def _update(connection: Connection, table: str, columns: list[str]) -> int:
    quote = connection.dialect.identifier_preparer.quote
    values = ", ".join(f"{quote(name)} = (s.r).{quote(name)}" for name in columns)
    source = f"SELECT jsonb_populate_record(NULL::{quote(table)}, row) r FROM read_back WHERE name = :table"
    statement = f"UPDATE {quote(table)} t SET {values} FROM ({source}) s WHERE t.id = (s.r).id"
    return connection.execute(text(statement), {"table": table}).rowcount
