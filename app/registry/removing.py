"""How an addon goes: retired, its data stays and is found again; purged, its data is exported and removed."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from flask_babel import Babel
from sqlalchemy import Connection, create_engine, inspect, select, text, update
from sqlalchemy.orm import Session

from app import clock
from app.database.base import models
from app.database.revisions import remove_branch
from app.errors import AddonError
from app.jobs.performing import working_in
from app.registry.addon_enablement import AddonEnablement
from app.registry.belongings import belongings_of
from app.registry.enablement import registry
from app.registry.export import remove_kernel_rows, write_export
from app.registry.extensions import owner_of_column
from app.registry.graph import dependents
from app.registry.installation import runnable
from app.registry.installed_addon import INSTALLED, PURGED, RETIRED, InstalledAddon
from app.registry.institution import Institution
from app.registry.loader import load
from app.registry.manifest import Manifest
from app.registry.needs import needs_of
from app.registry.presence import SECONDS_ALIVE
from app.registry.sync import keeping_checksum, move_registry_version, owner_session
from app.registry.trial import try_load

if TYPE_CHECKING:
    from app.registry.lifecycle import Work

RETIRE_STEPS, PURGE_STEPS = 4, 4
SECONDS_FOR_PROCESSES = 90


def retire(work: Work) -> None:
    """Take the addon's code away and keep its data: its tables and columns stay where they are."""
    name = work.wish.addon
    with work.step("Check"):
        work.refuse(retire_refusals(work))
        rest = runnable(work.found, work.installation.in_state(INSTALLED) - {name})
    with work.step("Try the others in a process of their own"):
        try_load(work.settings, rest, work.found)
    with work.step("Ask what needs it"):
        needs = needs_everywhere(work)
        if needs and not work.wish.forced:
            work.refuse([*needs, "With --force it is retired all the same."])
    with work.step("Announce it"):
        _relax(work.connection, name)
        with owner_session(work.connection) as session:
            with keeping_checksum(session):
                session.execute(update(InstalledAddon).where(InstalledAddon.name == name).values(state=RETIRED))
                move_registry_version(session)
            session.commit()
    work.say(f"{name} is retired; its records are kept, and `addons install {name}` finds them again.")


def retire_refusals(work: Work) -> list[str]:
    """Everything that keeps the addon from being retired, except running work."""
    name, known = work.wish.addon, work.installation.addons.get(work.wish.addon)
    if known is None or known.state != INSTALLED:
        return [f"{name} is not installed."]
    others = sorted(dependents_of(work, INSTALLED))
    return [f"{name} cannot be retired: it is needed by {', '.join(others)}."] if others else []


def dependents_of(work: Work, *states: str) -> set[str]:
    """Who needs the addon, by what the database remembers and by what the folders say."""
    name, there = work.wish.addon, work.installation.in_state(*states) - {work.wish.addon}
    remembered = {other for other in there if name in work.installation.addons[other].depends}
    return (remembered | dependents(work.found, name)) & there


def needs_everywhere(work: Work) -> list[str]:
    """What needs the addon in each institution, as sentences."""
    name = work.wish.addon
    with suppress(AddonError):  # what cannot be loaded cannot be asked either
        load(runnable(work.found, work.installation.in_state(INSTALLED)), found=work.found)
    if name not in registry().manifests:
        return []
    # Only for the sentences: building the whole application would double the time of the command.
    speaking = Flask("addons")
    Babel(speaking, default_locale="en")
    with speaking.app_context(), owner_session(work.connection) as session:
        return [line for code, lines in _needs_by_institution(session, name) for line in _prefixed(code, lines)]


def _needs_by_institution(session: Session, name: str) -> Iterable[tuple[str, list[str]]]:
    rows = session.execute(
        select(Institution.id, Institution.code)
        .join(AddonEnablement, AddonEnablement.institution_id == Institution.id)
        .where(AddonEnablement.addon == name, AddonEnablement.enabled)
        .order_by(Institution.id)
    ).all()
    for institution_id, code in rows:
        with working_in(session, institution_id, "what needs an addon is asked before it goes"):
            yield code, needs_of(session, institution_id, name)


def _prefixed(code: str, lines: list[str]) -> list[str]:
    return [f"{code}: {line}" for line in lines]


def _relax(connection: Connection, addon: str) -> None:
    """Let those who do not know the addon go on adding records to the tables that it extended."""
    for key, model in models.items():
        if key.split(".")[0] == addon:
            continue
        for attribute in inspect(model).column_attrs:
            column = attribute.columns[0]
            if owner_of_column(key, attribute.key) == addon and not column.nullable and column.server_default is None:
                connection.execute(text(f"ALTER TABLE {column.table.name} ALTER {column.name} DROP NOT NULL"))


def purge(work: Work) -> None:
    """Write everything the addon has into a file, then remove it from the database."""
    name = work.wish.addon
    with work.step("Check"):
        work.refuse(purge_refusals(work))
        if work.wish.typed != name:
            raise AddonError(
                f"Purging removes every record of {name} for good. Type its name to confirm it: --yes {name}"
            )
    with work.step("Wait until no process has it loaded"):
        wait_for_processes(work)
    with work.step("Export"):
        had = belongings_of(work.connection, remaining(work), name)
        target = work.wish.export or _export_path(work.settings.data_dir, name)
        if target.exists():
            raise AddonError(f"{target} is there already; an export never overwrites another.")
        store = work.settings.data_dir / "files"
        files = write_export(work.connection, work.installation.addons[name], had, target, store)
        work.say(f"Written to {target}; `addons install {name} --from {target}` brings it back.")
    with work.step("Remove"):
        try:
            remove_branch(work.connection, remaining(work), name)
            remove_kernel_rows(work.connection, name)
            with owner_session(work.connection) as session:
                session.execute(update(InstalledAddon).where(InstalledAddon.name == name).values(state=PURGED))
                session.commit()
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    work.after_commit.append(lambda: _remove_files(store, files))
    work.say(f"{name} is purged: {len(had.tables)} tables and {sum(map(len, had.columns.values()))} columns are gone.")


def _export_path(data_dir: Path, name: str) -> Path:
    return data_dir / "exports" / f"{name}-{clock.now():%Y%m%d-%H%M%S}.tar.gz"


def _remove_files(store: Path, names: list[str]) -> None:
    for name in names:
        (store / name[:2] / name).unlink(missing_ok=True)


def remaining(work: Work) -> list[Manifest]:
    """The addons that are installed and can be found, without the one that goes."""
    return [
        work.found[name] for name in runnable(work.found, work.installation.in_state(INSTALLED) - {work.wish.addon})
    ]


def purge_refusals(work: Work) -> list[str]:
    """Everything that keeps the addon from being purged."""
    name, known = work.wish.addon, work.installation.addons.get(work.wish.addon)
    if known is None or known.state != RETIRED:
        return [f"{name} is not retired; only a retired addon can be purged."]
    others = sorted(dependents_of(work, INSTALLED, RETIRED))
    return [f"{name} cannot be purged: the records of {', '.join(others)} stand on it."] if others else []


def wait_for_processes(work: Work) -> None:
    """Wait until every living process reports the present registry version. Raises `AddonError` when one does not."""
    limit = time.monotonic() + SECONDS_FOR_PROCESSES
    engine = create_engine(work.addresses.owner)
    try:
        told = False
        while behind := _processes_behind(engine.connect, work.installation.version):
            if time.monotonic() > limit:
                raise AddonError(
                    f"These processes still have the old addons loaded: {', '.join(behind)}. Restart them."
                )
            if not told:
                work.say(f"Waiting for {', '.join(behind)} …")
            told = True
            time.sleep(0.5)  # processes tell by heartbeat rows; the limit above ends the wait
    finally:
        engine.dispose()


def _processes_behind(connect: object, version: int) -> list[str]:
    statement = text(
        "SELECT kind || ' ' || host || ':' || process FROM running_process WHERE kind IN ('web', 'worker') "
        "AND registry_version < :version AND seen_at > now() - make_interval(secs => :alive) ORDER BY id"
    )
    with connect() as connection:  # type: ignore[operator]  # an engine's connect
        return list(connection.execute(statement, {"version": version, "alive": SECONDS_ALIVE}).scalars())
