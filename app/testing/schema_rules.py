"""What the kernel promises of every table, as lists of what is wrong; empty lists are good."""

from __future__ import annotations

from typing import Any

from sqlalchemy import DateTime

from app.database.base import InstitutionOwned, Model


def schema_problems(key: str, model: type[Model]) -> list[str]:
    """One sentence per promise that the table of ``model`` breaks."""
    table: Any = model.__table__
    return [
        f"{key}: {problem}"
        for problem in (
            *_ownership(key, model),
            *_links(table),
            *(f"{index} is unique across institutions" for index in _too_unique(model, table)),
            *(
                f"{column.name} knows no time zone"
                for column in table.columns
                if isinstance(column.type, DateTime) and not column.type.timezone
            ),
            *_name(key, table),
        )
    ]


def _name(key: str, table: Any) -> list[str]:
    addon, _dot, _model = key.partition(".")
    is_right = addon == "kernel" or table.name.startswith(f"{addon}_")
    return [] if is_right else ["the table is not called after its addon"]


def _ownership(key: str, model: type[Model]) -> list[str]:
    if not issubclass(model, InstitutionOwned):
        if not key.startswith("kernel."):
            return ["only the kernel has tables of all institutions"]
        return [] if len(model.__not_institution_owned__) > 10 else ["it does not say why no institution owns it"]
    # The trail also tells of tables that have no institution; no institution reads those rows.
    table: Any = model.__table__
    may_be_empty = key == "kernel.AuditEntry"
    return [] if table.c.institution_id.nullable == may_be_empty else ["a row may be without institution"]


def _links(table: Any) -> list[str]:
    indexed = {next(iter(index.columns)).name for index in table.indexes if len(index.columns)}
    found = []
    for foreign_key in table.foreign_keys:
        name = foreign_key.parent.name
        if foreign_key.ondelete not in {"RESTRICT", "CASCADE", "SET NULL"}:
            found.append(f"the link {name} does not say what happens to it")
        if name not in indexed:
            found.append(f"the link {name} has no index")
    return found


def _too_unique(model: type[Model], table: Any) -> list[str]:
    if not issubclass(model, InstitutionOwned):
        return []
    return [
        index.name for index in table.indexes if index.unique and next(iter(index.columns)).name != "institution_id"
    ]
