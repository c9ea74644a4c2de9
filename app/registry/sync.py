"""`python run.py sync`: migrate, load data, grant; one process at a time, in one transaction, as the owner."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, create_engine, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import clock
from app.database.addresses import DatabaseUnreachable
from app.database.migration import take_lock
from app.database.policies import lay_policies
from app.database.provision import create_audit_triggers, create_extensions, grant_application
from app.database.revisions import branch_heads, upgrade
from app.database.scope import SHARED_INSTITUTION_ID
from app.database.session import GuardedSession
from app.database.text_search import lay_text_search
from app.records.data_files import load_data
from app.records.data_merge import Outcome
from app.registry.addon_enablement import AddonEnablement
from app.registry.discovery import discover
from app.registry.enablement import Registry
from app.registry.graph import ordered
from app.registry.installation import Installation, names_to_sync, read_installation
from app.registry.installed_addon import INSTALLED, InstalledAddon, RegistryState
from app.registry.institution import Institution
from app.registry.loader import load
from app.registry.manifest import Manifest

if TYPE_CHECKING:
    from app.database.embedded import Addresses
    from config import Settings


def sync_when_needed(settings: Settings, addresses: Addresses, echo: Callable[[str], None] = print) -> None:
    """Run `sync` unless nothing changed since the last one: same code of addons and kernel migrations."""
    # Only what was found is read here: loading every addon would cost each start a second for nothing.
    installation, has_demo = stored_state(addresses.owner)
    found = discover(settings.addons_path)
    checksum = code_checksum(ordered(found, names_to_sync(found, installation)))
    if installation is not None and installation.checksum == checksum and (has_demo or not settings.demo):
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
    engine = create_engine(addresses.owner, connect_args={"connect_timeout": 5})
    try:
        with engine.begin() as connection:
            take_lock(connection)
            found = discover(settings.addons_path)
            registry = load(names_to_sync(found, read_installation(connection)), found=found)
            create_extensions(connection)
            upgrade(connection, registry.manifests.values())
            lay(connection, addresses)
            with owner_session(connection) as session:
                _first_rows(session)
                outcomes = load_addon_data(session, registry.manifests.values())
                note_installed(session, registry.manifests.values())
                checksum = code_checksum(registry.manifests.values())
                session.execute(update(RegistryState).values(checksum=checksum))
                session.commit()
            for outcome in outcomes:
                tell(outcome)
    except OperationalError as error:
        raise DatabaseUnreachable(f"PostgreSQL cannot be reached: {str(error.orig).strip().splitlines()[0]}") from None
    finally:
        engine.dispose()
    return registry


def lay(connection: Connection, addresses: Addresses) -> None:
    """What the owner puts around the tables of the loaded models."""
    from app.views import administration  # noqa: F401  # declares the lists of the kernel itself
    from app.views.model_view import declared_searches
    from app.views.text_search import searched_columns

    create_audit_triggers(connection)
    lay_policies(connection)
    grant_application(connection, addresses.application)
    lay_text_search(connection, addresses.application, searched_columns(declared_searches()))


def owner_session(connection: Connection) -> GuardedSession:
    """A session inside the transaction of ``connection``; its commit ends a savepoint only."""
    return GuardedSession(bind=connection, join_transaction_mode="create_savepoint")


def load_addon_data(session: Session, manifests: Iterable[Manifest]) -> list[Outcome]:
    """The data files of ``manifests``: for all, and for each institution that has the addon enabled. Returns what was
    done.
    """
    from app.records.data_files import load_institution_data

    manifests = list(manifests)
    outcomes = [outcome for manifest in manifests for outcome in load_data(session, manifest)]
    rows = session.execute(
        select(AddonEnablement.addon, AddonEnablement.institution_id).where(AddonEnablement.enabled)
    ).all()
    for manifest in manifests:
        for addon, institution_id in rows:
            if addon == manifest.name:
                outcomes += load_institution_data(session, manifest, institution_id)
    return outcomes


def note_installed(session: Session, manifests: Iterable[Manifest]) -> None:
    """Write down what is installed now, and move the versions that processes and caches compare themselves with."""
    manifests = list(manifests)
    known = {row.name: row for row in session.scalars(select(InstalledAddon))}
    heads = branch_heads(session.connection(), manifests)
    for manifest in manifests:
        row = known.get(manifest.name) or InstalledAddon(name=manifest.name)
        if row.state != INSTALLED:
            row.state, row.installed_at = INSTALLED, clock.now()
        row.title, row.version, row.depends = manifest.title, manifest.version, list(manifest.depends)
        row.checksum, row.schema_heads = folder_checksum(manifest.folder), heads[manifest.name]
        session.add(row)
    move_registry_version(session, moved=bool(session.new or any(session.is_modified(row) for row in known.values())))


def move_registry_version(session: Session, *, moved: bool = True) -> None:
    """Make every process leave for one that has loaded the present set of addons, once this transaction commits."""
    values: dict[str, Any] = {"access_version": RegistryState.access_version + 1}
    if moved:
        values["registry_version"] = RegistryState.registry_version + 1
    session.execute(update(RegistryState).values(values))


def _first_rows(session: Session) -> None:
    if session.get(RegistryState, 1) is None:
        session.add(RegistryState(id=1))
    if session.get(Institution, SHARED_INSTITUTION_ID) is None:
        session.add(Institution(id=SHARED_INSTITUTION_ID, code="bersama", name="Bersama"))
        session.flush()
        session.execute(text("SELECT setval(pg_get_serial_sequence('institution', 'id'), 1)"))
    session.flush()


def planned_data(connection: Connection, registry: Registry, name: str) -> list[Outcome]:
    """What loading the data files of the installed addon ``name`` would do now, everywhere it is enabled; nothing is
    changed. Raises `AddonError` for a file that cannot be loaded.
    """
    with owner_session(connection) as session:
        outcomes = load_addon_data(session, [registry.manifests[name]])
        session.rollback()
    return outcomes


def stored_state(owner_url: str) -> tuple[Installation | None, bool]:
    """What the last sync left (None when the database is new), and whether the demo was loaded."""
    engine = create_engine(owner_url, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            installation = read_installation(connection)
            if installation is None:
                return None, False
            demo = "SELECT EXISTS (SELECT FROM external_id WHERE model = 'kernel.User')"
            return installation, bool(connection.execute(text(demo)).scalar())
    except OperationalError as error:
        raise DatabaseUnreachable(f"PostgreSQL cannot be reached: {str(error.orig).strip().splitlines()[0]}") from None
    finally:
        engine.dispose()


def code_checksum(manifests: Iterable[Manifest]) -> str:
    """A checksum over what sync acts on: migrations, manifests, data files, security files, models."""
    return _summed({manifest.name: folder_checksum(manifest.folder) for manifest in manifests})


def _summed(addons: Mapping[str, str]) -> str:
    kernel = folder_checksum(Path(__file__).parent.parent)
    return hashlib.sha256(repr((kernel, sorted(addons.items()))).encode()).hexdigest()


@contextmanager
def keeping_checksum(session: Session) -> Iterator[None]:
    """Where the code was that of the last sync, it is so after a change of single addons, too: `sync` has nothing to
    do then.
    """
    installed = select(InstalledAddon.name, InstalledAddon.checksum).where(InstalledAddon.state == INSTALLED)
    before = {row.name: row.checksum for row in session.execute(installed)}
    was_current = session.scalar(select(RegistryState.checksum)) == _summed(before)
    yield
    session.flush()
    if was_current:
        after = {row.name: row.checksum for row in session.execute(installed)}
        session.execute(update(RegistryState).values(checksum=_summed(after)))


def folder_checksum(folder: Path) -> str:
    """A checksum over the code and data below ``folder``."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".py", ".yaml", ".csv"} and "tests" not in path.parts and "static" not in path.parts:
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
