"""`security/roles.csv` and `security/access.csv`: what an addon ships of roles and rights."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.errors import AddonError

RECORD_OPERATIONS = ("read", "create", "write", "archive")
"""What can be done with records of any model; named transitions and actions come on top."""


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of rights, such as ``kendal.kepala_dinas``."""

    code: str
    addon: str
    title: str


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One line of access.csv. With a role it permits (rows are OR-ed); without, it restricts everybody (AND-ed)."""

    id: str
    addon: str
    role: str
    model: str
    operations: tuple[str, ...]
    scope: str

    @property
    def is_restriction(self) -> bool:
        """Whether the row narrows what every role may reach."""
        return not self.role


def read_roles(addon: str, folder: Path) -> list[Role]:
    """The roles of ``folder/security/roles.csv``; codes get the addon's name as prefix."""
    return [
        Role(f"{addon}.{line['id']}", addon, line["title"])
        for line in _lines(addon, folder / "security/roles.csv", {"id", "title"})
    ]


def read_access(addon: str, folder: Path) -> list[AccessRow]:
    """The rows of ``folder/security/access.csv``. A role without a dot is the addon's own."""
    rows = []
    for line in _lines(addon, folder / "security/access.csv", {"id", "role", "model", "operations", "scope"}):
        role = line["role"] if "." in line["role"] or not line["role"] else f"{addon}.{line['role']}"
        rows.append(
            AccessRow(
                f"{addon}.{line['id']}", addon, role, line["model"], tuple(line["operations"].split()), line["scope"]
            )
        )
    return rows


def _lines(addon: str, path: Path, columns: set[str]) -> Iterator[dict[str, str]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if set(reader.fieldnames or ()) != columns:
            raise AddonError(f"{addon}: {path.name} must have the columns {', '.join(sorted(columns))}.")
        for line in reader:
            if None in line or None in line.values():
                raise AddonError(
                    f"{addon}: line {reader.line_num} of {path.name} has not as many values as there are columns."
                )
            yield {key: (value or "").strip() for key, value in line.items()}
