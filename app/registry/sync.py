"""`python run.py sync`: migrate, load data, grant; one process at a time, in one transaction, as the owner."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, inspect, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.database.addresses import DatabaseUnreachable
from app.database.migration import take_lock, upgrade
from app.database.policies import lay_policies
from app.database.provision import create_audit_triggers, create_extensions, grant_application
from app.database.scope import SHARED_INSTITUTION_ID
from app.database.session import GuardedSession
from app.database.text_search import lay_text_search
from app.records.data_files import load_data
from app.records.data_merge import Outcome
from app.registry.discovery import discover
from app.registry.enablement import Registry
from app.registry.graph import ordered
from app.registry.installed_addon import InstalledAddon, RegistryState
from app.registry.institution import Institution
from app.registry.loader import load
from app.registry.manifest import Manifest

if TYPE_CHECKING:
    from app.database.embedded import Addresses
    from config import Settings


def sync_when_needed(settings: Settings, addresses: Addresses, echo: Callable[[str], None] = print) -> None:
    """Run `sync` unless nothing changed since the last one: same code of addons and kernel migrations."""
    # Only what was found is read here: loading every addon would cost each start a second for nothing.
    checksum = code_checksum(ordered(discover(settings.addons_path)))
    stored, has_demo = stored_state(addresses.owner)
    if stored == checksum and (has_demo or not settings.demo):
        return
    echo("Preparing the database …")
    sync(settings, addresses)
    if settings.demo:
        from app.cli.demo import load_demo_data

        load_demo_data(settings, addresses)


def sync(
    settings: Settings, addresses: Addresses, tell: Callable[[Outcome], object] = lambda _outcome: None
) -> Registry:
    """Bring the database to what the code declares. Running it again changes nothing.

    ``tell`` is called with everything that loading data files did.
    """
    from app.views import administration  # noqa: F401  # declares the lists of the kernel itself
    from app.views.model_view import declared_searches
    from app.views.text_search import searched_columns

    registry = load(extra_folders=settings.addons_path)
    engine = create_engine(addresses.owner, connect_args={"connect_timeout": 5})
    try:
        with engine.begin() as connection:
            take_lock(connection)
            create_extensions(connection)
            upgrade(connection, registry.manifests.values())
            create_audit_triggers(connection)
            lay_policies(connection)
            grant_application(connection, addresses.application)
            lay_text_search(connection, addresses.application, searched_columns(declared_searches()))
            for outcome in _store(connection, registry):
                tell(outcome)
    except OperationalError as error:
        raise DatabaseUnreachable(f"PostgreSQL cannot be reached: {str(error.orig).strip().splitlines()[0]}") from None
    finally:
        engine.dispose()
    return registry


def _store(connection: Connection, registry: Registry) -> list[Outcome]:
    with GuardedSession(bind=connection, join_transaction_mode="create_savepoint") as session:
        _first_rows(session)
        outcomes = [item for manifest in registry.manifests.values() for item in load_data(session, manifest)]
        known = {row.name: row for row in session.scalars(select(InstalledAddon))}
        for manifest in registry.manifests.values():
            row = known.get(manifest.name)
            if row is None:
                session.add(InstalledAddon(name=manifest.name, version=manifest.version))
            else:
                row.version = manifest.version
        outcomes += _refresh_enabled(session, registry)
        session.execute(
            update(RegistryState).values(
                checksum=code_checksum(registry.manifests.values()), access_version=RegistryState.access_version + 1
            )
        )
        session.commit()
    return outcomes


def _first_rows(session: Session) -> None:
    if session.get(RegistryState, 1) is None:
        session.add(RegistryState(id=1))
    if session.get(Institution, SHARED_INSTITUTION_ID) is None:
        session.add(Institution(id=SHARED_INSTITUTION_ID, code="bersama", name="Bersama"))
        session.flush()
        session.execute(text("SELECT setval(pg_get_serial_sequence('institution', 'id'), 1)"))
    session.flush()


def _refresh_enabled(session: Session, registry: Registry) -> list[Outcome]:
    """Load what a newer version of an enabled addon brings for its institutions."""
    from app.records.data_files import load_institution_data
    from app.registry.addon_enablement import AddonEnablement

    rows = session.execute(
        select(AddonEnablement.addon, AddonEnablement.institution_id).where(AddonEnablement.enabled)
    ).all()
    return [
        outcome
        for manifest in registry.manifests.values()
        for addon, institution_id in rows
        if addon == manifest.name
        for outcome in load_institution_data(session, manifest, institution_id)
    ]


def planned_data(connection: Connection, registry: Registry, name: str) -> list[Outcome]:
    """What loading the data files of the installed addon ``name`` would do now, everywhere it is enabled; nothing is
    changed. Raises `AddonError` for a file that cannot be loaded.
    """
    only = replace(registry, manifests={name: registry.manifests[name]})
    with GuardedSession(bind=connection, join_transaction_mode="create_savepoint") as session:
        outcomes = [*load_data(session, registry.manifests[name]), *_refresh_enabled(session, only)]
        session.rollback()
    return outcomes


def stored_state(owner_url: str) -> tuple[str | None, bool]:
    """The checksum of the last sync (None when the database is new), and whether the demo was loaded."""
    engine = create_engine(owner_url, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("registry_state"):
                return None, False
            demo = "SELECT EXISTS (SELECT FROM external_id WHERE model = 'kernel.User')"
            checksum = connection.execute(text("SELECT checksum FROM registry_state")).scalar()
            return checksum, bool(connection.execute(text(demo)).scalar())
    except OperationalError as error:
        raise DatabaseUnreachable(f"PostgreSQL cannot be reached: {str(error.orig).strip().splitlines()[0]}") from None
    finally:
        engine.dispose()


def code_checksum(manifests: Iterable[Manifest]) -> str:
    """A checksum over what sync acts on: migrations, manifests, data files, security files, models."""
    kernel = Path(__file__).parent.parent
    folders = [kernel, *(manifest.folder for manifest in manifests)]
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".yaml", ".csv"} and "tests" not in path.parts and "static" not in path.parts:
                digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
