"""Data files: records in YAML with external ids. Loading a file again changes nothing.

A file is a list of ``{model: addon.Model, id: name, values: {attribute: value}}``. The value of a relation is an
external id: ``name`` of the same addon, or ``addon.name``. ``if_addon: rooms`` keeps an entry for when that addon is
there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import yaml
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app import clock
from app.database.base import Model, models
from app.database.scope import SHARED_INSTITUTION_ID, Scope, current_scope, institution_scope
from app.errors import AddonError
from app.records.external_id import ExternalId
from app.registry.enablement import registry
from app.registry.institution import Institution
from app.registry.manifest import Manifest

DataLoader = Callable[[Session, str, Mapping[str, Any], Callable[[str], int]], Model]
DataRenewer = Callable[[Session, Any, str, Mapping[str, Any], Callable[[str], int]], Model | None]
_loaders: dict[str, DataLoader] = {}
_renewers: dict[str, DataRenewer] = {}


def data_loader(model: str, renew: DataRenewer | None = None) -> Callable[[DataLoader], DataLoader]:
    """Register a function that makes a record of ``model`` (with its parts) from a data file's values.

    It is called with the session, the external name, the values, and a function that turns an external id into an id.
    ``renew`` is asked when the record is there already: it is called with the record after the session, and gives the
    record that takes its place under the external id, or None to leave all as it is.
    """

    def register(function: DataLoader) -> DataLoader:
        _loaders[model] = function
        if renew is not None:
            _renewers[model] = renew
        return function

    return register


def load_data(session: Session, manifest: Manifest) -> None:
    """Load the addon's ``data``: institutions, and records that all institutions share."""
    scope = Scope(SHARED_INSTITUTION_ID, None, (SHARED_INSTITUTION_ID,), system_reason="data files")
    _load_files(session, manifest, manifest.data, scope)


def load_institution_data(session: Session, manifest: Manifest, institution_id: int) -> None:
    """Load the addon's ``institution_data`` for one institution, as the system."""
    _load_files(session, manifest, manifest.institution_data, _system_scope(session, institution_id))


def load_demo(session: Session, manifest: Manifest, institution_id: int) -> None:
    """Load the addon's ``demo`` files for one institution: invented people and records."""
    _load_files(session, manifest, manifest.demo, _system_scope(session, institution_id))


def _system_scope(session: Session, institution_id: int) -> Scope:
    zone = session.scalar(select(Institution.timezone).where(Institution.id == institution_id)) or "Asia/Jakarta"
    return Scope(institution_id, None, institution_scope(institution_id).readable, zone, "data files")


def _load_files(session: Session, manifest: Manifest, files: tuple[str, ...], scope: Scope) -> None:
    session.flush()
    previous = current_scope(session)
    session.info["scope"] = scope
    try:
        for name in files:
            for entry in read_entries(manifest, name):
                _load_entry(session, manifest.name, entry, scope.institution_id)
        session.flush()
    finally:
        session.info["scope"] = previous


def read_entries(manifest: Manifest, name: str) -> list[dict[str, Any]]:
    """The records that the data file ``name`` of the addon declares. Raises `AddonError` for a file that is none."""
    path = manifest.folder / name
    if not path.exists():
        raise AddonError(f"{manifest.name}: the data file {path.name} does not exist.")
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise AddonError(f"{manifest.name}: {path.name} is not valid YAML.") from None
    if not isinstance(entries, list):
        raise AddonError(f"{manifest.name}: {path.name} must hold a list of records.")
    if any(not isinstance(entry, dict) or not {"model", "id"} <= entry.keys() for entry in entries):
        raise AddonError(f"{manifest.name}: every record of {path.name} needs a model and an id.")
    return entries


def _load_entry(session: Session, addon: str, entry: Mapping[str, Any], institution_id: int) -> None:
    key, name = entry["model"], entry["id"]
    if entry.get("if_addon") and entry["if_addon"] not in registry().manifests:
        return
    if key not in models and key not in _loaders:
        raise AddonError(f"{addon}: {name} is a record of {key}, which no installed addon declares.")

    def resolve(reference: str) -> int:
        owner, _, rest = reference.rpartition(".")
        found = _find(session, owner or addon, rest, institution_id) or _find(
            session, owner or addon, rest, SHARED_INSTITUTION_ID
        )
        if found is None:
            raise AddonError(f"{addon}: {name} refers to {reference}, which does not exist.")
        return found

    present = _external_id(session, addon, name, institution_id)
    if present is not None:
        _renew_record(session, present, entry, resolve)
        return
    if key in _loaders:
        record = _loaders[key](session, name, entry.get("values", {}), resolve)
    else:
        scope = current_scope(session)
        record = _plain_record(key, entry, resolve, scope.timezone if scope else "UTC")
    session.add(record)
    session.flush()
    session.add(ExternalId(institution_id=institution_id, addon=addon, name=name, model=key, record_id=record.id))


def _renew_record(
    session: Session, present: ExternalId, entry: Mapping[str, Any], resolve: Callable[[str], int]
) -> None:
    renew, record = _renewers.get(entry["model"]), None
    if renew is not None:
        record = session.get(models[entry["model"]], present.record_id)
    if renew is None or record is None:
        return
    successor = renew(session, record, entry["id"], entry.get("values", {}), resolve)
    if successor is not None:
        session.flush()
        present.record_id = successor.id


def _plain_record(key: str, entry: Mapping[str, Any], resolve: Callable[[str], int], zone: str) -> Model:
    model = models[key]
    mapper = inspect(model)
    record = model()
    for attribute, value in entry.get("values", {}).items():
        if attribute in mapper.relationships:
            column = next(iter(mapper.relationships[attribute].local_columns))
            setattr(record, mapper.get_property_by_column(column).key, None if value is None else resolve(value))
        elif attribute in mapper.columns or hasattr(model, attribute):
            setattr(record, attribute, relative_moment(value, zone))
        else:
            raise AddonError(f"{key} has no attribute {attribute}.")
    return record


def relative_moment(value: Any, zone: str) -> Any:
    """``today+3`` (in ``zone``) and ``now+90`` (minutes) become a date or a moment; anything else stays."""
    if isinstance(value, str) and value.startswith(("today", "now")):
        word, _, rest = value.partition("+")
        if word == "today" and (rest.isdigit() or not rest):
            return clock.today(zone) + timedelta(days=int(rest or 0))
        if word == "now" and (rest.isdigit() or not rest):
            return clock.now() + timedelta(minutes=int(rest or 0))
    return value


def _external_id(session: Session, addon: str, name: str, institution_id: int) -> ExternalId | None:
    statement = select(ExternalId).where(
        ExternalId.institution_id == institution_id, ExternalId.addon == addon, ExternalId.name == name
    )
    return session.scalar(statement)


def _find(session: Session, addon: str, name: str, institution_id: int) -> int | None:
    present = _external_id(session, addon, name, institution_id)
    return present.record_id if present is not None else None


def record_by_external_id(session: Session, model: type[Model], reference: str, institution_id: int) -> Model | None:
    """The record that ``addon.name`` points to, or None: for tests and commands."""
    addon, _, name = reference.partition(".")
    found = _find(session, addon, name, institution_id)
    return None if found is None else session.get(model, found)
