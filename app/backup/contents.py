"""What a backup says of itself: how many rows and which checksum every table had, and the checksum of every file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

FORMAT = 1
"""Raised when older programs could not read what newer ones write."""


@dataclass(frozen=True, slots=True)
class Contents:
    """``tables`` maps names to ``[rows, checksum]``, ``files`` paths below the store to SHA-256; ``made_at`` is UTC."""

    made_at: str
    version: str
    tables: dict[str, list[Any]]
    files: dict[str, str]
    format: int = FORMAT


def table_checksums(connection: psycopg.Connection[Any]) -> dict[str, list[Any]]:
    """Rows and checksum of every table that the connection's snapshot sees, whatever order the rows lie in."""
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
    ).fetchall()
    found: dict[str, list[Any]] = {}
    for (name,) in names:
        # Rows are summed up by 60 bits of their digests: no sorting, and 200,000 rows take a second.
        statement = sql.SQL(
            "SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint), 0)::text FROM {} t"
        ).format(sql.Identifier(name))
        row = connection.execute(statement).fetchone()
        found[name] = list(row) if row else [0, "0"]
    return found


def stored_files(store: Path) -> Iterator[tuple[str, Path]]:
    """The files of records, by their path below ``store``; half-written ones are left out."""
    for path in sorted(store.glob("*/*")):
        if path.is_file() and path.parent.name != "pending":
            yield path.relative_to(store).as_posix(), path


def checksum(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
