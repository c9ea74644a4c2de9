"""What `doctor` looks at: each check is a function that yields findings."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from flask_appbuilder.models.sqla import Model as AppBuilderModel
from sqlalchemy import Connection, create_engine, inspect, make_url, select, text

from app.cli.doctor_running import (
    addon_findings,
    clock_findings,
    job_findings,
    mail_findings,
    process_findings,
    request_findings,
)
from app.cli.finding import FAIL, OK, WARN, Finding, some
from app.cli.i18n import LANGUAGE, untranslated
from app.database import migration
from app.database.addresses import Addresses
from app.database.base import models
from app.database.policies import policy_changes
from app.database.provision import READ_ONLY_TABLES
from app.errors import SinergiError
from app.records.registers import registers
from app.registry.enablement import Registry
from app.registry.impact import pending_migrations
from app.registry.installation import load_installed
from app.registry.installed_addon import RETIRED, InstalledAddon
from app.registry.sync import code_checksum
from app.settings.declared import settings_of
from app.settings.values import troubles
from config import Settings

SYNC = "python run.py sync"


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined, as the owner of the database sees it."""

    settings: Settings
    addresses: Addresses
    connection: Connection
    registry: Registry


def examine(settings: Settings, addresses: Addresses) -> Iterator[Finding]:
    """Every check in turn; without a prepared database or loadable addons only what can be said."""
    engine = create_engine(addresses.owner)
    try:
        with engine.connect() as connection:
            yield from _server(connection, addresses)
            if not inspect(connection).has_table("registry_state"):
                yield Finding("schema", FAIL, "the database is empty", SYNC)
                return
            yield from addon_findings(connection, settings)
            try:
                registry = load_installed(settings, addresses.owner)
            except SinergiError as error:
                for line in str(error).splitlines():
                    yield Finding("addons", FAIL, line, "mend the addon, or take its folder away")
                return
            yield Finding("addons", OK, f"{len(registry.manifests)} addons load")
            patient = Patient(settings, addresses, connection, registry)
            for check in CHECKS:
                yield from check(patient)
            for look in (clock_findings, process_findings, request_findings, job_findings, mail_findings):
                yield from look(connection)
    finally:
        engine.dispose()


def _server(connection: Connection, addresses: Addresses) -> Iterator[Finding]:
    version = connection.exec_driver_sql("SHOW server_version").scalar()
    yield Finding("database", OK, f"PostgreSQL {version}, database {connection.engine.url.database}")
    statement = text(
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = :role"
    )
    role = make_url(addresses.application).username
    if connection.execute(statement, {"role": role}).scalar():
        remedy = f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB"
        yield Finding("roles", FAIL, f"the application's role {role} may do more than work with rows", remedy)
    owned = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = :role"
    if connection.execute(text(owned), {"role": role}).scalar():
        yield Finding("roles", FAIL, f"{role} owns tables", "REASSIGN OWNED to the owner's role")
    else:
        yield Finding("roles", OK, f"{role} owns nothing")


def _migrations(patient: Patient) -> Iterator[Finding]:
    pending = pending_migrations(patient.connection, patient.registry)
    if pending:
        yield Finding("migrations", FAIL, f"not applied: {some(pending)}", SYNC)
    else:
        yield Finding("migrations", OK, "every migration is applied")


def _code(patient: Patient) -> Iterator[Finding]:
    stored = patient.connection.exec_driver_sql("SELECT checksum FROM registry_state").scalar()
    if stored == code_checksum(patient.registry.manifests.values()):
        yield Finding("code", OK, "the code is that of the last sync")
    else:
        yield Finding("code", WARN, "the code has changed since the last sync", SYNC)


def _columns(patient: Patient) -> Iterator[Finding]:
    """Where the tables differ from what the models declare; the columns that a retired addon left are meant to stay."""
    retired = tuple(
        f"{name}_"
        for name in patient.connection.scalars(select(InstalledAddon.name).where(InstalledAddon.state == RETIRED))
    )
    surplus, other = [], []
    for item in migration.difference(patient.connection):
        change = item if isinstance(item, tuple) else item[0]
        if change[0] == "remove_column":
            if not change[3].name.startswith(retired):
                surplus.append(f"{change[2]}.{change[3].name}")
        else:
            other.append(f"{change[0]} {getattr(change[1], 'name', None) or ' '.join(map(str, change[2:4]))}")
    if other:
        yield Finding("tables", FAIL, f"they lack what the models declare: {some(other)}", SYNC)
    if surplus:
        remedy = "an addon's folder is missing, or somebody added them by hand; nothing uses them"
        yield Finding("tables", WARN, f"columns that no model declares: {some(surplus)}", remedy)
    if not other and not surplus:
        yield Finding("tables", OK, "the tables are what the models declare")


def _grants(patient: Patient) -> Iterator[Finding]:
    role = make_url(patient.addresses.application).username
    ask = text("SELECT has_table_privilege(:role, format('%I', cast(:name as text)), :right)")

    def may(table: str, right: str) -> bool:
        return bool(patient.connection.execute(ask, {"role": role, "name": table, "right": right}).scalar())

    present = set(inspect(patient.connection).get_table_names())
    tables = sorted(present & set(AppBuilderModel.metadata.tables))
    wrong = [f"no reading of {table}" for table in tables if not may(table, "SELECT")]
    wrong += [
        f"no writing of {table}" for table in tables if table not in READ_ONLY_TABLES and not may(table, "UPDATE")
    ]
    wrong += [f"deleting from {table}" for table in READ_ONLY_TABLES if table in present and may(table, "DELETE")]
    if wrong:
        yield Finding("grants", FAIL, f"{role}: {some(wrong)}", SYNC)
    else:
        yield Finding("grants", OK, f"{role} reads and writes rows of {len(tables)} tables")


def _policies(patient: Patient) -> Iterator[Finding]:
    """Row-level security as sync lays it."""
    changes = policy_changes(patient.connection)
    if changes:
        yield Finding("policies", FAIL, f"row-level security is not as declared: {some(changes)}", SYNC)
    else:
        yield Finding("policies", OK, "row-level security is as declared around every table")


def _files(patient: Patient) -> Iterator[Finding]:
    folder = patient.settings.data_dir / "files"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield Finding(
            "files", FAIL, f"{folder} cannot be written ({error.strerror})", "correct its owner or its rights"
        )
        return
    statement = text("SELECT stored_name FROM attachment ORDER BY id")
    names = list(patient.connection.execute(statement).scalars())
    missing = [name for name in names if not (folder / name[:2] / name).is_file()]
    if missing:
        yield Finding(
            "files",
            FAIL,
            f"{len(missing)} of {len(names)} are not on disk: {some(missing)}",
            "restore them from a backup",
        )
    else:
        yield Finding("files", OK, f"{len(names)} files are on disk, the folder can be written")


def _uploads(patient: Patient) -> Iterator[Finding]:
    before = time.time() - 3600
    left = [
        path for path in (patient.settings.data_dir / "files" / "pending").glob("*") if path.stat().st_mtime < before
    ]
    if left:
        yield Finding("uploads", WARN, f"{len(left)} unfinished uploads are left", "python run.py doctor --sweep")
    else:
        yield Finding("uploads", OK, "no unfinished upload is left")


def _sequences(patient: Patient) -> Iterator[Finding]:
    """Every register of an enabled addon needs its pattern in the institution."""
    statement = (
        "SELECT institution.code, addon, array(SELECT sequence.code FROM sequence "
        "WHERE sequence.institution_id = institution.id AND sequence.active) "
        "FROM addon_enablement JOIN institution ON institution.id = institution_id WHERE enabled"
    )
    wrong = [
        f"{code} of {institution}"
        for institution, addon, present in patient.connection.execute(text(statement))
        for code in registers
        if code.split(".")[0] == addon and code not in present
    ]
    if wrong:
        yield Finding("sequences", WARN, f"no pattern: {some(wrong)}", "Settings → Number sequences of the institution")
    else:
        yield Finding("sequences", OK, f"every one of {len(registers)} registers has its pattern")


def _settings(patient: Patient) -> Iterator[Finding]:
    """Stored settings that nobody can use: the default holds instead."""
    statement = (
        "SELECT institution.code, addon, settings, institution_id FROM addon_enablement "
        "JOIN institution ON institution.id = institution_id ORDER BY institution_id, addon"
    )
    wrong, count = [], 0
    for code, addon, stored, institution_id in patient.connection.execute(text(statement)):
        if addon in patient.registry.manifests:
            count += len(stored)
            wrong += [f"{item.name} of {code} ({item.reason})" for item in troubles(addon, stored)]
            wrong += [
                f"{name} of {code} (its record is gone)" for name in _lost(patient, addon, stored, institution_id)
            ]
    if wrong:
        remedy = "Settings → Addon settings of the institution, or python run.py settings set NAME --default"
        yield Finding("values", WARN, f"settings that cannot be used: {some(wrong)}; the default holds", remedy)
    else:
        yield Finding("values", OK, f"{count} settings of institutions can be used")


def _lost(patient: Patient, addon: str, stored: Any, institution_id: int) -> Iterator[str]:
    """Settings that name a record which does not exist in the institution."""
    for item in settings_of(addon):
        number = stored.get(item.key) if item.kind == "record" and isinstance(stored, dict) else None
        if isinstance(number, int):
            table: Any = models[item.target].__table__
            found = select(table.c.id).where(table.c.id == number, table.c.institution_id.in_((1, institution_id)))
            if patient.connection.execute(found).scalar() is None:
                yield item.name


def _catalogues(patient: Patient) -> Iterator[Finding]:
    stale, holes = [], []
    for manifest in patient.registry.manifests.values():
        path = manifest.folder / "translations" / LANGUAGE / "LC_MESSAGES" / "messages.po"
        if not path.exists():
            continue
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime:
            stale.append(manifest.name)
        holes += [f"{manifest.name} {item.id!r}" for item in untranslated(_catalogue(path))]
    if stale:
        yield Finding("translations", WARN, f"not compiled: {some(stale)}", "python run.py i18n compile")
    if holes:
        yield Finding("translations", WARN, f"without Indonesian: {some(holes)}", "fill messages.po, then i18n compile")
    if not stale and not holes:
        yield Finding("translations", OK, "every catalogue is complete and compiled")


def _catalogue(path: Path) -> Any:
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


CHECKS: tuple[Callable[[Patient], Iterator[Finding]], ...] = (
    _migrations,
    _code,
    _columns,
    _grants,
    _policies,
    _sequences,
    _settings,
    _files,
    _uploads,
    _catalogues,
)
