"""`security/roles.csv` and `security/access.csv`: what an addon ships of roles and rights."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
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
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One line of access.csv. With a role it permits (rows are OR-ed); without, it restricts everybody (AND-ed).

    ``place`` says where it stands, for those who are told that it is wrong.
    """

    id: str
    addon: str
    role: str
    model: str
    operations: tuple[str, ...]
    scope: str
    place: str = field(default="", compare=False)

    @property
    def told(self) -> str:
        """The row as refusals call it: its id, the file and the line."""
        return f"{self.id}{self.place}"

    @property
    def is_restriction(self) -> bool:
        """Whether the row narrows what every role may reach."""
        return not self.role


def read_roles(addon: str, folder: Path) -> list[Role]:
    """The roles of ``folder/security/roles.csv``; codes get the addon's name as prefix."""
    return [
        Role(f"{addon}.{line['id']}", addon, line["title"], place)
        for place, line in _lines(addon, folder / "security/roles.csv", {"id", "title"})
    ]


def read_access(addon: str, folder: Path) -> list[AccessRow]:
    """The rows of ``folder/security/access.csv``. A role without a dot is the addon's own."""
    rows = []
    for place, line in _lines(addon, folder / "security/access.csv", {"id", "role", "model", "operations", "scope"}):
        role = line["role"] if "." in line["role"] or not line["role"] else f"{addon}.{line['role']}"
        rows.append(
            AccessRow(
                f"{addon}.{line['id']}",
                addon,
                role,
                line["model"],
                tuple(line["operations"].split()),
                line["scope"],
                place,
            )
        )
    return rows


def _lines(addon: str, path: Path, columns: set[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The lines with their places, such as `` (security/access.csv, line 7)``."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if set(reader.fieldnames or ()) != columns:
            raise AddonError(
                f"{addon}: security/{path.name} must have the columns {', '.join(sorted(columns))} in line 1."
            )
        for line in reader:
            if None in line or None in line.values():
                at = f"line {reader.line_num} of security/{path.name}"
                raise AddonError(f"{addon}: {at} has not as many values as there are columns.")
            place = f" (security/{path.name}, line {reader.line_num})"
            yield place, {key: (value or "").strip() for key, value in line.items()}
