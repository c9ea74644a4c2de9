"""What an addon has in the database: found by undoing its migrations, looking at what is gone, and taking it back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from app.database.revisions import remove_branch
from app.registry.manifest import Manifest

KERNEL_ROWS = {
    "sequence": "code LIKE :mine",
    "sequence_counter": "sequence_id IN (SELECT id FROM sequence WHERE code LIKE :mine)",
    "external_id": "model LIKE :mine",
    "attachment": "model LIKE :mine",
    "record_message": "model LIKE :mine",
    "record_follower": "model LIKE :mine",
    "record_activity": "model LIKE :mine",
    "access_override": "model LIKE :mine OR role LIKE :mine",
    "second_factor_role": "role LIKE :mine",
    "role_assignment": "role LIKE :mine",
    "addon_enablement": "addon = :addon",
}
"""Rows of kernel tables that go with the addon; ``:mine`` is ``addon.%``. Counters come after their sequences."""

_COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns JOIN pg_class ON relname = table_name
    AND relnamespace = 'public'::regnamespace AND relkind = 'r'
WHERE table_schema = 'public'
"""
_LINKS = """
SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conrelid <> confrelid
"""


@dataclass(slots=True)
class Belongings:
    """Tables (each after those it refers to) and columns of others' tables, both with their number of rows."""

    tables: dict[str, int] = field(default_factory=dict)
    columns: dict[str, dict[str, int]] = field(default_factory=dict)


def belongings_of(connection: Connection, manifests: Iterable[Manifest], addon: str) -> Belongings:
    """What the migrations of ``addon`` brought. Raises `AddonError` when others stand on them."""
    before = _columns(connection)
    links = [(str(child), str(parent)) for child, parent in connection.execute(text(_LINKS))]
    trial = connection.begin_nested()
    try:
        remove_branch(connection, manifests, addon)
        after = _columns(connection)
    finally:
        trial.rollback()
    gone = [name for name in before if name not in after]
    found = Belongings({name: _count(connection, name) for name in _parents_first(gone, links)})
    for table in sorted(before.keys() & after.keys()):
        if missing := sorted(before[table] - after[table]):
            found.columns[table] = {name: _count(connection, table, name) for name in missing}
    return found


def _columns(connection: Connection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(text(_COLUMNS)):
        found.setdefault(table, set()).add(column)
    return found


def _count(connection: Connection, table: str, column: str = "*") -> int:
    quote = connection.dialect.identifier_preparer.quote
    counted = column if column == "*" else quote(column)
    return int(connection.execute(text(f"SELECT count({counted}) FROM {quote(table)}")).scalar_one())


def _parents_first(tables: list[str], links: list[tuple[str, str]]) -> list[str]:
    """A loop of links, which no order can satisfy, is left in alphabetical order."""
    waiting, order = sorted(tables), []
    while waiting:
        ready = [
            table
            for table in waiting
            if not any(child == table and parent in waiting for child, parent in links if parent != table)
        ]
        order += ready or waiting
        waiting = [table for table in waiting if table not in order]
    return order
