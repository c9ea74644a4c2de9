"""How an addon comes into the database, and how a newer version of it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.database.provision import create_extensions
from app.database.revisions import upgrade as apply_migrations
from app.errors import AddonError
from app.registry.enablement import Registry
from app.registry.export import read_back, read_export
from app.registry.graph import closure, ordered
from app.registry.impact import pending_migrations
from app.registry.installation import KnownAddon, closure_of, differences, runnable
from app.registry.installed_addon import INSTALLED
from app.registry.loader import load
from app.registry.manifest import Manifest
from app.registry.sync import keeping_checksum, lay, load_addon_data, note_installed, owner_session
from app.registry.trial import try_load

if TYPE_CHECKING:
    from app.registry.lifecycle import Work

STEPS = 6


def install(work: Work) -> None:
    """Bring the addon and what it needs into the database. What an earlier life left there is found again."""
    with work.step("Check"):
        work.refuse(install_refusals(work))
        if work.wish.source is not None:
            read_export(work.wish.source, work.wish.addon)
    _set_up(work)


def upgrade(work: Work) -> None:
    """Bring the database to the addon's present code."""
    with work.step("Check"):
        work.refuse(upgrade_refusals(work))
    _set_up(work)


def names_after(work: Work) -> list[str]:
    """What processes will load afterwards."""
    here = set(runnable(work.found, work.installation.in_state(INSTALLED)))
    return sorted(here | closure(work.found, work.wish.addon))


def newcomers(work: Work) -> list[Manifest]:
    """What the command brings or renews: the addon itself and those of its dependencies that are not installed."""
    there = work.installation.in_state(INSTALLED) - {work.wish.addon}
    wanted = closure(work.found, work.wish.addon) - there
    return [item for item in ordered(work.found, names_after(work)) if item.name in wanted]


def _set_up(work: Work) -> None:
    with work.step("Try the code in a process of its own"):
        try_load(work.settings, names_after(work), work.found)
    with work.step("Load the code"):
        registry = load(names_after(work), found=work.found)
    new = newcomers(work)
    with work.step("Migrate"):
        create_extensions(work.connection)
        for manifest in new:
            if any((manifest.folder / "migrations").glob("[0-9]*.py")):
                apply_migrations(work.connection, registry.manifests.values(), f"{manifest.name}@head")
        lay(work.connection, work.addresses)
    with work.step("Load the data"):
        if work.wish.source is not None:
            store = work.settings.data_dir / "files"
            rows = read_back(work.connection, work.wish.source, work.wish.addon, store)
            work.say(f"Read back: {', '.join(f'{table} {count}' for table, count in rows.items())}.")
        with owner_session(work.connection) as session:
            load_addon_data(session, new)
            session.commit()
    with work.step("Announce it"), owner_session(work.connection) as session:
        _announce(session, new)
    known = work.installation.in_state(INSTALLED)
    for done, is_there in (("installed", False), ("upgraded", True)):
        named = [f"{item.name} {item.version}" for item in new if (item.name in known) == is_there]
        if named:
            work.say(f"{', '.join(named)} {done}.")


def _announce(session: Session, new: list[Manifest]) -> None:
    with keeping_checksum(session):
        note_installed(session, new)
    session.commit()


def install_refusals(work: Work) -> list[str]:
    """Everything that keeps the addon from being installed."""
    name, known = work.wish.addon, work.installation.addons.get(work.wish.addon)
    if known is not None and known.state == INSTALLED:
        return [f"{name} is installed already; `addons upgrade {name}` brings newer code."]
    return [*_code_refusals(work), *_others_behind(work)]


def upgrade_refusals(work: Work) -> list[str]:
    """Everything that keeps the addon from being upgraded."""
    name, known = work.wish.addon, work.installation.addons.get(work.wish.addon)
    if known is None or known.state != INSTALLED:
        return [f"{name} is not installed."]
    refusals = _code_refusals(work)
    if name in work.found and _number(work.found[name].version) < _number(known.version):
        refusals.append(f"{name} is {known.version} in the database, and only {work.found[name].version} here.")
    return [*refusals, *_others_behind(work)]


def _code_refusals(work: Work) -> list[str]:
    """What is wrong with the manifests of the addon and its dependencies."""
    name = work.wish.addon
    wanted = closure_of(work.found, name)
    refusals = [line for line in work.problems if line.split(":")[0] in wanted]
    if name not in work.found:
        return refusals or [f"There is no addon {name}."]
    if not work.found[name].installable:
        refusals.append(f"{name} says of itself that it is not to be installed.")
    try:
        ordered(work.found, names_after(work))
    except AddonError as error:
        refusals += str(error).splitlines()
    return refusals


def _others_behind(work: Work) -> list[str]:
    """Code of others that the database has not been brought to: processes that load it would refuse to work."""
    name = work.wish.addon
    # The addon itself is among them: migrations of others may stand on its own.
    here = work.installation.in_state(INSTALLED) | {name}
    manifests = {other: work.found[other] for other in sorted(here & set(work.found))}
    behind = [line for line in differences(work.found, work.installation) if line.split()[0] != name]
    behind += [
        f"The migration {revision} is not applied."
        for revision in pending_migrations(work.connection, Registry(manifests=manifests))
        if not revision.startswith(f"{name}_")
    ]
    return [f"{line} Run `addons upgrade` for it first, or `sync` for all." for line in behind]


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def is_current(known: KnownAddon, manifest: Manifest, checksum: str) -> bool:
    """Whether the database was brought to exactly this code."""
    return (known.version, known.checksum) == (manifest.version, checksum)
