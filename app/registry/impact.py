"""What installing and enabling an addon would do, worked out without doing it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, inspect, text

from app.database.base import models
from app.database.migration import alembic_config
from app.errors import AddonError
from app.records.data_entries import read_entries
from app.registry.enablement import Registry
from app.registry.extensions import owner_of_column
from app.registry.graph import closure
from app.registry.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Impact:
    """``migrations`` not applied yet, the ``tables`` and ``columns`` they bring, dependencies that are off in the
    institution (all of them, when none is named), rights by role, and data records by model.
    """

    addon: str
    institution: str
    refusal: str
    to_enable: list[str]
    migrations: list[str]
    tables: list[str]
    columns: list[str]
    rights: dict[str, int]
    data: dict[str, int]


def impact_of(connection: Connection, registry: Registry, name: str, institution: str = "") -> Impact:
    """The plan for ``name``; ``institution`` is a code. Raises `AddonError` for an addon or institution unknown."""
    if name not in registry.manifests:
        raise AddonError(f"There is no addon {name}.")
    manifest = registry.manifests[name]
    wanted = closure(registry.manifests, name)
    enabled = _enabled(connection, institution)
    order = [item for item in registry.manifests if item in wanted]
    return Impact(
        addon=name,
        institution=institution,
        refusal=_refusal(manifest, institution),
        to_enable=[item for item in order if item not in enabled],
        migrations=[item for item in pending_migrations(connection, registry) if _branch(item) in wanted],
        tables=_new_tables(connection, wanted),
        columns=_new_columns(connection, wanted),
        rights=dict(
            Counter(row.role or "(everybody, restricting)" for row in registry.access_rows if row.addon == name)
        ),
        data=_new_data(connection, manifest, institution),
    )


def _refusal(manifest: Manifest, institution: str) -> str:
    if institution and manifest.institution and manifest.institution != institution:
        return f"{manifest.name} belongs to {manifest.institution} and cannot be enabled for {institution}."
    return ""


def _branch(revision: str) -> str:
    return revision.rpartition("_")[0]


def _has(connection: Connection, table: str) -> bool:
    return inspect(connection).has_table(table)


def _enabled(connection: Connection, institution: str) -> set[str]:
    if not institution:
        return set()
    if _has(connection, "institution"):
        number = connection.execute(
            text("SELECT id FROM institution WHERE code = :code"), {"code": institution}
        ).scalar()
        if number is not None:
            found = "SELECT addon FROM addon_enablement WHERE enabled AND institution_id = :number"
            return set(connection.execute(text(found), {"number": number}).scalars())
    raise AddonError(f"There is no institution {institution}.")


def pending_migrations(connection: Connection, registry: Registry) -> list[str]:
    """The revisions of the loaded addons and the kernel that this database has not seen, oldest first."""
    script = ScriptDirectory.from_config(alembic_config(registry.manifests.values()))
    every = {revision.revision: revision for revision in script.walk_revisions()}
    labels = {label: revision for revision in every.values() for label in revision.branch_labels}
    applied: set[str] = set()
    waiting = list(MigrationContext.configure(connection).get_current_heads())
    while waiting:
        current = waiting.pop()
        if current in every and current not in applied:
            applied.add(current)
            waiting.extend(_parents(every[current], labels))
    return [name for name in reversed(list(every)) if name not in applied]


def _parents(revision: Script, labels: dict[str, Script]) -> list[str]:
    """What ``revision`` stands on. A dependency on a branch means its newest revision here; its oldest is certain."""
    given: list[Any] = [revision.down_revision, revision.dependencies]
    names = [name for item in given for name in ((item,) if isinstance(item, str) else item or ())]
    return [labels[name].revision if name in labels else name for name in names]


def _new_tables(connection: Connection, wanted: set[str]) -> list[str]:
    present = set(inspect(connection).get_table_names())
    declared = {str(model.__tablename__) for key, model in models.items() if key.split(".")[0] in wanted}
    return sorted(declared - present)


def _new_columns(connection: Connection, wanted: set[str]) -> list[str]:
    """What the addons add to models of others, and later columns of their own; those of new tables come with them."""
    inspector, found = inspect(connection), []
    present = set(inspector.get_table_names())
    for key, model in models.items():
        table = str(model.__tablename__)
        known = {item["name"] for item in inspector.get_columns(table)} if table in present else set()
        owners = {attribute: owner_of_column(key, attribute.key) for attribute in inspect(model).column_attrs}
        found += [
            f"{table}.{attribute.columns[0].name}"
            for attribute, owner in owners.items()
            if attribute.columns[0].name not in known
            and owner in wanted
            and (table in present or owner != key.split(".")[0])
        ]
    return sorted(found)


def _new_data(connection: Connection, manifest: Manifest, institution: str) -> dict[str, int]:
    """How many records of each model the data files bring that are not there yet."""
    loaded: set[str] = set()
    if _has(connection, "external_id"):
        statement = (
            "SELECT external_id.name FROM external_id JOIN institution ON institution.id = external_id.institution_id "
            "WHERE addon = :addon AND code IN ('bersama', :institution)"
        )
        loaded = set(
            connection.execute(text(statement), {"addon": manifest.name, "institution": institution}).scalars()
        )
    entries = [entry for name in (*manifest.data, *manifest.institution_data) for entry in read_entries(manifest, name)]
    return dict(Counter(entry["model"] for entry in entries if entry["id"] not in loaded))
