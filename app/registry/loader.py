"""The load phases that every process goes through: discover, order, import, check. All problems are listed at once."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType

from sqlalchemy import String, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import configure_mappers

from app.access.column_rights import PERSONAL_OPERATIONS, column_operations, personal_columns
from app.access.rows import RECORD_OPERATIONS, AccessRow, read_access, read_roles
from app.access.scopes import scopes
from app.database.base import Model, models
from app.errors import AddonError
from app.registry.discovery import discover
from app.registry.enablement import Registry, registry
from app.registry.extensions import owner_of_column, unused_extensions
from app.registry.graph import ordered
from app.registry.manifest import Manifest
from app.registry.places import place_of

KERNEL = "kernel"
_KERNEL_MODELS = (
    "app.registry.institution",
    "app.registry.installed_addon",
    "app.registry.addon_enablement",
    "app.registry.addon_request",
    "app.registry.running_process",
    "app.access.role_assignment",
    "app.access.access_override",
    "app.access.institution_role",
    "app.access.second_factor_role",
    "app.access.impersonation",
    "app.access.disclosure",
    "app.dashboard.dashboard_layout",
    "app.records.erasure",
    "app.records.external_id",
    "app.records.sequence",
    "app.records.attachment",
    "app.records.audit_entry",
    "app.records.form_token",
    "app.records.people",
    "app.appearance.institution_appearance",
    "app.records.saved_filter",
    "app.thread.record_activity",
    "app.thread.record_follower",
    "app.thread.record_message",
    "app.jobs.job_run",
    "app.mail.outgoing_mail",
    "app.notifications.notification",
    "app.notifications.notification_preference",
    "app.users.invitation",
    "app.users.password_link",
    "app.users.second_factor",
    "app.users.sign_in_attempt",
    "app.users.user_session",
)
_KERNEL_JOBS = ("app.jobs.housekeeping", "app.mail.outbox", "app.notifications.housekeeping", "app.users.housekeeping")


def load(
    names: Iterable[str] | None = None,
    extra_folders: Iterable[Path] = (),
    found: Mapping[str, Manifest] | None = None,
) -> Registry:
    """Load the addons ``names`` (default: all that are found) with their closure, once per process.

    ``found`` are the manifests to take them from, where they were looked for already. Raises `AddonError` whose
    message lists every problem, one sentence a line.
    """
    loaded = registry()
    if loaded.is_loaded:
        return loaded
    manifests = ordered(discover(extra_folders) if found is None else found, names)
    _import_kernel_models()
    for part in ("extensions", "models"):
        for manifest in manifests:
            _import_part(manifest, part)
    _stop_on(unused_extensions())
    _configure_links()
    _stop_on(_unfillable_columns())
    _read_security(loaded, manifests)
    for name in _KERNEL_JOBS:
        importlib.import_module(name)
    for part in ("settings", "services", "jobs", "views"):
        for manifest in manifests:
            _import_part(manifest, part)
    loaded.manifests = {manifest.name: manifest for manifest in manifests}
    _stop_on(_access_problems(loaded))
    loaded.is_loaded = True
    return loaded


def _import_kernel_models() -> None:
    # FAB's security models come after the naming convention that app.database.base sets.
    importlib.import_module("app.database.base")
    importlib.import_module("flask_appbuilder.security.sqla.models")
    for name in _KERNEL_MODELS:
        importlib.import_module(name)


def _import_part(manifest: Manifest, part: str) -> None:
    folder = manifest.folder / part
    if not folder.is_dir() and not (manifest.folder / f"{part}.py").exists():
        return
    try:
        _import_tree(importlib.import_module(f"addons.{manifest.name}.{part}"))
    except AddonError:
        raise
    except Exception as error:
        where = place_of(error, manifest.folder)
        raise AddonError(
            f"{manifest.name}: its {part} cannot be imported: {type(error).__name__}: {error}{where}"
        ) from error


def _import_tree(package: ModuleType) -> None:
    for module in sorted(pkgutil.iter_modules(getattr(package, "__path__", ())), key=lambda item: item.name):
        _import_tree(importlib.import_module(f"{package.__name__}.{module.name}"))


def _configure_links() -> None:
    try:
        configure_mappers()
    except SQLAlchemyError as error:
        doubles = _doubles(key.split(".")[1] for key in models)
        named = [", ".join(key for key in models if key.split(".")[1] == name) for name in doubles]
        reason = f"these have one class name: {'; '.join(named)}" if named else str(error).splitlines()[0]
        raise AddonError(f"The links between models cannot be resolved: {reason}.") from error


def _read_security(loaded: Registry, manifests: list[Manifest]) -> None:
    folders = [(KERNEL, Path(__file__).parent.parent), *((manifest.name, manifest.folder) for manifest in manifests)]
    for name, folder in folders:
        loaded.roles.extend(read_roles(name, folder))
        loaded.access_rows.extend(read_access(name, folder))


def _unfillable_columns() -> list[str]:
    """One sentence per extension column that would keep everybody who does not know it from saving."""
    return [
        f"{owner}: {key}.{attribute.key} must be nullable or have a server default."
        for key, model in models.items()
        for attribute in inspect(model).column_attrs
        if (owner := owner_of_column(key, attribute.key)) != key.split(".")[0]
        and not attribute.columns[0].nullable
        and attribute.columns[0].server_default is None
    ]


def _access_problems(loaded: Registry) -> list[str]:
    told = [(role.code, role.place) for role in loaded.roles]
    problems = [f"{code}{place}: this role is declared twice." for code, place in _again(told)]
    told = [(row.id, row.place) for row in loaded.access_rows]
    problems += [f"{key}{place}: this access row is declared twice." for key, place in _again(told)]
    roles = {role.code for role in loaded.roles}
    for row in loaded.access_rows:
        if row.model not in models:
            owner = row.model.split(".")[0]
            optional = loaded.manifests[row.addon].extras_depends if row.addon in loaded.manifests else ()
            if owner in loaded.manifests or owner not in optional:
                problems.append(f"{row.told}: there is no model {row.model}.")
            continue
        if row.role and row.role not in roles:
            problems.append(f"{row.told}: there is no role {row.role}.")
        if row.is_restriction and not row.scope:
            problems.append(f"{row.told}: without a role it restricts, and needs a scope.")
        if row.role and not row.operations:
            problems.append(f"{row.told}: it names no operation.")
        if row.scope and row.scope not in scopes:
            problems.append(f"{row.told}: there is no scope {row.scope}.")
        problems.extend(_operation_problems(row))
    problems += [f"{key}: personal columns hold text." for key, model in models.items() if not _masks_text(model)]
    # A row about a model of an addon that is not installed here says nothing.
    loaded.access_rows = [row for row in loaded.access_rows if row.model in models]
    return problems


def _operation_problems(row: AccessRow) -> list[str]:
    known, columns = operations_of(row.model), column_operations(models[row.model])
    unknown = [name for name in row.operations if name not in known and name not in columns]
    unscoped = [name for name in row.operations if name in (*columns, *PERSONAL_OPERATIONS)] if row.scope else []
    return [
        *(f"{row.told}: {row.model} has no operation {name}." for name in unknown),
        *(f"{row.told}: {name} reaches every row; it takes no scope." for name in unscoped),
    ]


def _masks_text(model: type[Model]) -> bool:
    return all(isinstance(inspect(model).columns[name].type, String) for name in personal_columns(model))


def _again(told: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The names that stood before, with the places where they stand again."""
    seen: set[str] = set()
    return [(name, place) for name, place in told if name in seen or seen.add(name)]  # type: ignore[func-returns-value]  # adds and is None


def _doubles(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def operations_of(model: str, enabled: frozenset[str] | None = None) -> tuple[str, ...]:
    """Everything that a right can name for records of ``model``: record operations, personal data, its transitions, its
    actions, of all addons or of those that are ``enabled``.
    """
    from app.records.actions import actions_of
    from app.records.transitions import transitions_of

    personal = PERSONAL_OPERATIONS if personal_columns(models[model]) else ()
    named = [transition.name for transition in transitions_of(models[model])]
    added = [action.name for action in actions_of(model, enabled)]
    return (*RECORD_OPERATIONS, *personal, *named, *getattr(models[model], "__actions__", {}), *added)


def _stop_on(problems: list[str]) -> None:
    if problems:
        raise AddonError("\n".join(problems))
