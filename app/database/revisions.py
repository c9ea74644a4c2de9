"""The sources of applied migrations, kept in the database: a branch whose folder is gone can still be followed back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from app.database.migration import alembic_config
from app.errors import AddonError
from app.registry.manifest import Manifest

_KEEP = text(
    "INSERT INTO applied_revision (addon, revision, file, source) VALUES (:addon, :revision, :file, :source) "
    "ON CONFLICT (revision) DO UPDATE SET addon = excluded.addon, file = excluded.file, source = excluded.source "
    "WHERE applied_revision.source <> excluded.source"
)


@contextmanager
def every_branch(connection: Connection, manifests: Iterable[Manifest]) -> Iterator[Config]:
    """Alembic's configuration over the folders of ``manifests`` and, for all other addons, over what was kept."""
    manifests = list(manifests)
    with TemporaryDirectory(prefix="sinergi-revisions-") as folder:
        kept = _write_kept(connection, Path(folder), {manifest.name for manifest in manifests})
        yield alembic_config(manifests, connection, kept)


def _write_kept(connection: Connection, folder: Path, without: set[str]) -> list[Path]:
    if not inspect(connection).has_table("applied_revision"):
        return []
    rows = connection.execute(text("SELECT addon, file, source FROM applied_revision ORDER BY id"))
    folders: set[Path] = set()
    for addon, file, source in rows:
        if addon not in without:
            (folder / addon).mkdir(exist_ok=True)
            (folder / addon / Path(file).name).write_text(source, encoding="utf-8")
            folders.add(folder / addon)
    return sorted(folders)


def upgrade(connection: Connection, manifests: Iterable[Manifest], target: str = "heads") -> None:
    """Bring the branches of ``manifests`` to ``target``, inside the caller's transaction, and keep what was applied.

    Raises `AddonError` when the database has migrations that nothing here knows.
    """
    manifests = list(manifests)
    with every_branch(connection, manifests) as config:
        _stop_on_unknown(connection, config)
        command.upgrade(config, target)
    keep_sources(connection, manifests)


def unknown_revisions(connection: Connection, config: Config) -> list[str]:
    """Revisions that the database has and neither the code nor what was kept knows."""
    if not inspect(connection).has_table("alembic_version"):
        return []
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    applied = set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    return sorted(applied - known)


def _stop_on_unknown(connection: Connection, config: Config) -> None:
    if unknown := unknown_revisions(connection, config):
        raise AddonError(
            f"The database has migrations that this code does not know: {', '.join(unknown)}. "
            "Use the code that applied them, or restore a backup."
        )


def keep_sources(connection: Connection, manifests: Iterable[Manifest]) -> None:
    """Keep the source of every migration of ``manifests`` that the database has applied."""
    applied = applied_revisions(connection, manifests := list(manifests))
    for manifest in manifests:
        folder = manifest.folder / "migrations"
        for revision, path in applied.items():
            if Path(path).parent == folder:
                values = {"addon": manifest.name, "revision": revision, "file": Path(path).name}
                connection.execute(_KEEP, values | {"source": Path(path).read_text(encoding="utf-8")})


def applied_revisions(connection: Connection, manifests: Iterable[Manifest]) -> dict[str, str]:
    """Every revision that the database stands on, with its file. Those that nothing here knows are left out."""
    with every_branch(connection, manifests) as config:
        script = ScriptDirectory.from_config(config)
        return {item.revision: item.path for item in _below(connection, script)}


def _below(connection: Connection, script: ScriptDirectory) -> list[Any]:
    known = {revision.revision: revision for revision in script.walk_revisions()}
    waiting = [
        name for name in connection.execute(text("SELECT version_num FROM alembic_version")).scalars() if name in known
    ]
    found: dict[str, Any] = {}
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = known[name]
            waiting.extend(known[name]._all_down_revisions)
    return list(found.values())


def branch_heads(connection: Connection, manifests: Iterable[Manifest]) -> dict[str, list[str]]:
    """The newest applied revision of every addon among ``manifests``."""
    manifests, heads = list(manifests), {}
    with every_branch(connection, manifests) as config:
        applied = _below(connection, ScriptDirectory.from_config(config))
    older = {name for item in applied for name in _own_parents(item)}
    for manifest in manifests:
        folder = manifest.folder / "migrations"
        heads[manifest.name] = sorted(
            item.revision for item in applied if Path(item.path).parent == folder and item.revision not in older
        )
    return heads


def _own_parents(revision: Any) -> tuple[str, ...]:
    down = revision.down_revision
    return (down,) if isinstance(down, str) else tuple(down or ())


def remove_branch(connection: Connection, manifests: Iterable[Manifest], addon: str) -> list[str]:
    """Undo every migration of ``addon`` and no other; returns the revisions undone.

    Alembic itself would undo whatever depends on the branch, too, without a question: that is refused here.
    """
    manifests = [manifest for manifest in manifests if manifest.name != addon]
    with every_branch(connection, manifests) as config:
        script = ScriptDirectory.from_config(config)
        applied = _below(connection, script)
        own = {item.revision for item in applied if Path(item.path).parent.name == addon and _is_kept(item)}
        if not own:
            return []
        others = sorted(
            item.revision
            for item in applied
            if item.revision not in own and own & {*item._all_down_revisions, *_named(item, script)}
        )
        if others:
            named = ", ".join(others)
            raise AddonError(f"These migrations stand on those of {addon}: {named}. Purge their addons first.")
        command.downgrade(config, f"{addon}@base")
        left = own & {item.revision for item in _below(connection, script)}
    if left:
        raise AddonError(f"{addon}: these migrations could not be undone: {', '.join(sorted(left))}.")
    connection.execute(text("DELETE FROM applied_revision WHERE addon = :addon"), {"addon": addon})
    return sorted(own)


def _is_kept(revision: Any) -> bool:
    """Whether the file is one of those written from the database, not one of a folder with the same name."""
    return Path(revision.path).parents[1].name.startswith("sinergi-revisions-")


def _named(revision: Any, script: ScriptDirectory) -> set[str]:
    """The revisions that a dependency on a branch or a revision means."""
    given = revision.dependencies or ()
    names = (given,) if isinstance(given, str) else given
    return {item.revision for name in names for item in script.get_revisions(name) if item is not None}
