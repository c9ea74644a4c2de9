"""What the database says is installed, and which of it this process can load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from app.errors import AddonError
from app.registry.discovery import survey
from app.registry.enablement import Registry, registry
from app.registry.graph import closure
from app.registry.installed_addon import INSTALLED, PURGED, RETIRED
from app.registry.loader import load
from app.registry.manifest import Manifest, missing_packages

if TYPE_CHECKING:
    from config import Settings


@dataclass(frozen=True, slots=True)
class KnownAddon:
    """One row of ``installed_addon``."""

    name: str
    title: str
    version: str
    state: str
    checksum: str
    depends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Installation:
    """What one database has: the registry version, the addons by name, the checksum of the last sync."""

    version: int
    addons: Mapping[str, KnownAddon]
    checksum: str = ""

    def in_state(self, *states: str) -> set[str]:
        """The names of the addons in one of ``states``."""
        return {name for name, item in self.addons.items() if item.state in states}


def read_installation(connection: Connection) -> Installation | None:
    """What is installed; None when the database is new. Columns that a later migration brings may be missing."""
    if not inspect(connection).has_table("registry_state"):
        return None
    state = connection.execute(text("SELECT to_jsonb(registry_state) FROM registry_state")).scalar() or {}
    rows = connection.execute(text("SELECT to_jsonb(installed_addon) FROM installed_addon")).scalars()
    addons = {
        row["name"]: KnownAddon(
            row["name"],
            row.get("title") or row["name"],
            row["version"],
            row["state"],
            row.get("checksum", ""),
            tuple(row.get("depends", ())),
        )
        for row in rows
    }
    return Installation(state.get("registry_version", 1), addons, state.get("checksum", ""))


def installation_at(url: str) -> Installation | None:
    """What the database at ``url`` has; None when it is new or does not answer."""
    engine = create_engine(url, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection, connection.begin():
            # One snapshot: the version must be that of the addons beside it.
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            return read_installation(connection)
    except OperationalError:
        return None
    finally:
        engine.dispose()


def runnable(found: Mapping[str, Manifest], wanted: set[str]) -> list[str]:
    """Those of ``wanted`` that can be loaded: their folder is there, and so is all that they depend on."""
    names = {name for name in wanted if name in found and not missing_packages(found[name])}
    while lacking := {name for name in names if not set(found[name].depends) <= names}:
        names -= lacking
    return sorted(names)


def names_to_sync(found: Mapping[str, Manifest], installation: Installation | None) -> list[str]:
    """What `sync` brings up to date: all that is installed, and what is new, but nothing retired or purged."""
    names = {name for name, manifest in found.items() if manifest.installable}
    if installation is None:
        return sorted(names)
    put_away = installation.in_state(RETIRED, PURGED)
    absent = put_away | (installation.in_state(INSTALLED) - set(found))
    return sorted(name for name in names - put_away if not closure_of(found, name) & absent)


def closure_of(found: Mapping[str, Manifest], name: str) -> set[str]:
    """``name`` and all that it depends on, with the names of those that were not found."""
    known = closure(found, name)
    return known | {other for item in known for other in found[item].depends}


def differences(found: Mapping[str, Manifest], installation: Installation) -> list[str]:
    """One sentence per installed addon whose code here has another version than the database."""
    return [
        f"{name} is {found[name].version} here and {item.version} in the database."
        for name, item in sorted(installation.addons.items())
        if item.state == INSTALLED and name in found and found[name].version != item.version
    ]


def load_with(settings: Settings, connection: Connection, addon: str) -> Registry:
    """Load what is installed together with ``addon`` and what it needs, to work out what installing it would do."""
    installation, found = read_installation(connection), survey(settings.addons_path)[0]
    if registry().is_loaded or installation is None:
        return load(extra_folders=settings.addons_path)
    if addon not in found:
        raise AddonError(f"There is no addon {addon}.")
    names = {*runnable(found, installation.in_state(INSTALLED)), *closure(found, addon)}
    return load(names, found=found)


def load_installed(settings: Settings, database_url: str) -> Registry:
    """Load what the database has installed and can be loaded here; all that is found when it is new or away.

    A missing or broken folder of an addon keeps nothing else from running: `doctor` tells of it.
    """
    loaded = registry()
    if loaded.is_loaded:
        return loaded
    installation = installation_at(database_url)
    if installation is None:
        return load(extra_folders=settings.addons_path)
    found, _problems = survey(settings.addons_path)
    load(runnable(found, installation.in_state(INSTALLED)), found=found)
    loaded.version = installation.version
    loaded.problem = " ".join(differences(found, installation))
    return loaded
