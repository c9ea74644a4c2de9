"""Migrations: one Alembic branch for the kernel and one per addon, each in its own folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_appbuilder.models.sqla import Model as AppBuilderModel
from sqlalchemy import Connection, text

from app.database.text_search import PREFIX
from app.errors import AddonError
from app.registry.graph import closure
from app.registry.manifest import Manifest

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 7_361_001
"""The advisory lock under which only one process changes metadata."""


def alembic_config(manifests: Iterable[Manifest], connection: Connection | None = None) -> Config:
    """Alembic's configuration over the kernel's folder and those of ``manifests``."""
    config = Config()
    folders = [_FOLDER / "versions", *(manifest.folder / "migrations" for manifest in manifests)]
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(folder) for folder in folders if folder.is_dir()))
    config.attributes["connection"] = connection
    return config


def include_in_migration(_object: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Leave alone what no model declares: tables of extensions and of other software, and the indexes that sync lays
    for searching.
    """
    if kind == "index" and reflected and (name or "").startswith(PREFIX):
        return False
    return not (kind == "table" and reflected and compare_to is None and not _is_ours(name or ""))


def _is_ours(table: str) -> bool:
    return table in AppBuilderModel.metadata.tables


def take_lock(connection: Connection) -> None:
    """Wait for any other process that changes metadata, until this transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def upgrade(connection: Connection, manifests: Iterable[Manifest]) -> None:
    """Bring the schema to the heads of every branch, inside the caller's transaction."""
    command.upgrade(alembic_config(manifests, connection), "heads")


def downgrade(connection: Connection, manifests: Iterable[Manifest], target: str) -> None:
    """Go back to ``target``, such as ``rooms@base``."""
    command.downgrade(alembic_config(manifests, connection), target)


def difference(connection: Connection) -> list[Any]:
    """What the models declare and the database lacks, or the other way round; empty when they agree."""
    context = MigrationContext.configure(
        connection, opts={"include_object": include_in_migration, "compare_type": True}
    )
    return list(compare_metadata(context, AppBuilderModel.metadata))


def heads(manifests: Iterable[Manifest]) -> list[str]:
    """The newest revision of every branch."""
    return sorted(ScriptDirectory.from_config(alembic_config(manifests)).get_heads())


def write_migration(connection: Connection, manifests: list[Manifest], branch: str, message: str) -> str:
    """Write the migration that brings ``branch`` from its head to what the loaded models declare; returns its path.

    Call it with only the branch's closure loaded, on a scratch database at the closure's heads.
    """
    config = alembic_config(manifests, connection)
    folder = (
        _FOLDER / "versions"
        if branch == "kernel"
        else next(item.folder for item in manifests if item.name == branch) / "migrations"
    )
    folder.mkdir(exist_ok=True)
    config = alembic_config(manifests, connection)
    script = ScriptDirectory.from_config(config)
    first = not any(branch in revision.branch_labels for revision in script.walk_revisions())
    number = len(list(folder.glob("[0-9]*.py"))) + 1
    slug = "_".join(message.lower().split())
    command.revision(
        config,
        message=message,
        autogenerate=True,
        rev_id=f"{branch}_{number:04d}",
        head="base" if first else f"{branch}@head",
        branch_label=branch if first else None,
        depends_on=_dependencies(manifests, branch) if first else None,  # type: ignore[arg-type]  # Alembic takes a list too
        version_path=str(folder),
    )
    written = next(folder.glob(f"{branch}_{number:04d}_*.py"))
    target = folder / f"{number:04d}_{slug}.py"
    written.rename(target)
    return str(target)


def _dependencies(manifests: list[Manifest], branch: str) -> list[str]:
    if branch == "kernel":
        return []
    manifest = next((item for item in manifests if item.name == branch), None)
    if manifest is None:
        raise AddonError(f"{branch}: no such addon was found.")
    known = {item.name: item for item in manifests}
    # Only the nearest ones: Alembic stumbles over a dependency that another dependency already implies.
    implied = {name for other in manifest.depends for name in closure(known, other) - {other}}
    return sorted(set(manifest.depends) - implied) or ["kernel"]
