"""Data files: records in YAML with external ids. Loading a file again changes nothing; a changed file is merged.

A file is a list of ``{model: addon.Model, id: name, values: {attribute: value}}``. The value of a relation is an
external id: ``name`` of the same addon, or ``addon.name``. ``if_addon: rooms`` keeps an entry for when that addon is
there. What people changed, archived or deleted stays so; what no file brings any more is archived
(`app.records.data_merge`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.orm import Session

from app.database.base import Model, models
from app.database.scope import SHARED_INSTITUTION_ID, Scope, current_scope, institution_scope
from app.errors import AddonError, SinergiError
from app.records.data_entries import DataEntry, DataFileError, read_entries
from app.records.data_merge import (
    Outcome,
    Setter,
    as_json,
    merge_record,
    outcome_of,
    restore_record,
    withdraw_record,
)
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


def load_data(session: Session, manifest: Manifest) -> list[Outcome]:
    """Load the addon's ``data``: institutions, and records that all institutions share."""
    scope = Scope(SHARED_INSTITUTION_ID, None, (SHARED_INSTITUTION_ID,), system_reason="data files")
    return _load_files(session, manifest, "data", scope)


def load_institution_data(session: Session, manifest: Manifest, institution_id: int) -> list[Outcome]:
    """Load the addon's ``institution_data`` for one institution, as the system."""
    return _load_files(session, manifest, "institution_data", _system_scope(session, institution_id))


def load_demo(session: Session, manifest: Manifest, institution_id: int) -> list[Outcome]:
    """Load the addon's ``demo`` files for one institution: invented people and records."""
    return _load_files(session, manifest, "demo", _system_scope(session, institution_id))


def _system_scope(session: Session, institution_id: int) -> Scope:
    zone = session.scalar(select(Institution.timezone).where(Institution.id == institution_id)) or "Asia/Jakarta"
    return Scope(institution_id, None, institution_scope(institution_id).readable, zone, "data files")


def _load_files(session: Session, manifest: Manifest, source: str, scope: Scope) -> list[Outcome]:
    files: tuple[str, ...] = getattr(manifest, source)
    session.flush()
    previous = current_scope(session)
    session.info["scope"] = scope
    try:
        entries = [entry for name in files for entry in read_entries(manifest, name)]
        _refuse_doubles(manifest, entries)
        loading = Loading(session, manifest.name, source, scope)
        found = _load_all(loading, entries)
        found += loading.withdraw({str(entry["id"]) for entry in entries})
        session.flush()
    finally:
        session.info["scope"] = previous
    return [outcome for outcome in found if outcome is not None]


def _load_all(loading: Loading, entries: list[DataEntry]) -> list[Outcome | None]:
    """Load ``entries``. Raises `AddonError` with everything that is wrong in them, one sentence a line."""
    found: list[Outcome | None] = []
    problems: list[str] = []
    failed: set[str] = set()
    for entry in entries:
        try:
            found.append(loading.load(entry))
        except AddonError as error:
            cause = error.__cause__
            if not isinstance(cause, DataFileError):  # the database refused: nothing can be tried after it
                raise AddonError("\n".join([*problems, str(error)])) from error
            if cause.word not in failed:  # what only refers to a record that failed is no problem of its own
                problems.append(str(error))
            failed |= {str(entry["id"]), f"{loading.addon}.{entry['id']}"}
    if problems:
        raise AddonError("\n".join(problems))
    return found


def _refuse_doubles(manifest: Manifest, entries: list[DataEntry]) -> None:
    """An external id names one record; a second one would overwrite it at each load."""
    seen: set[str] = set()
    for entry in entries:
        name = str(entry["id"])
        if name in seen:
            raise AddonError(f"{manifest.name}: the id {name} is given twice{entry.place_of(name)}.")
        seen.add(name)


@dataclass(frozen=True, slots=True)
class Loading:
    """The files of one kind (``source``) of one addon, being loaded in one institution."""

    session: Session
    addon: str
    source: str
    scope: Scope

    def load(self, entry: Mapping[str, Any]) -> Outcome | None:
        """Make the record of ``entry``, or merge what changed into it. None when nothing happened.

        Raises `AddonError` with file, line and column for one that cannot be loaded.
        """
        try:
            return self._load(entry)
        except OperationalError:  # a lock or the line to the database: nothing is wrong with the file
            raise
        except (
            SinergiError,
            StatementError,
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:
            where = entry.place_of(getattr(error, "word", "")) if isinstance(entry, DataEntry) else ""
            raise AddonError(f"{self._reason(error, str(entry['id'])).rstrip('.')}{where}.") from error

    def _reason(self, error: Exception, name: str) -> str:
        if isinstance(error, DataFileError):
            return str(error)
        if isinstance(error, SinergiError):
            told = [str(error), *(f"{key}: {text}" for key, texts in error.errors.items() for text in texts)]
            return f"{self.addon}: {name}: {' '.join(told)}"
        told = str(error.orig if isinstance(error, StatementError) and error.orig else error).strip().splitlines()
        return f"{self.addon}: {name}: {type(error).__name__}: {told[0] if told else ''}"

    def _load(self, entry: Mapping[str, Any]) -> Outcome | None:
        key, name = entry["model"], str(entry["id"])
        if entry.get("if_addon") and entry["if_addon"] not in registry().manifests:
            return None
        if key not in models and key not in _loaders:
            raise DataFileError(f"{self.addon}: {name} is a record of {key}, which no installed addon declares.", key)
        present = _external_id(self.session, self.addon, name, self.scope.institution_id)
        if present is None:
            return self._make(key, name, entry.get("values") or {})
        present.source = self.source
        if key in _loaders:
            return self._renew(present, entry)
        return merge_record(self.session, present, entry.get("values") or {}, self._setter(name))

    def withdraw(self, shipped: set[str]) -> list[Outcome | None]:
        """Archive the records that came by these files once and that no file brings any more."""
        gone = self.session.scalars(
            select(ExternalId)
            .where(
                ExternalId.institution_id == self.scope.institution_id,
                ExternalId.addon == self.addon,
                ExternalId.source == self.source,
                ExternalId.name.not_in(shipped),
            )
            .order_by(ExternalId.id)
        ).all()
        return [withdraw_record(self.session, present) for present in gone]

    def _resolver(self, name: str) -> Callable[[str], int]:
        def resolve(reference: str) -> int:
            owner, _, rest = str(reference).rpartition(".")
            for place in (self.scope.institution_id, SHARED_INSTITUTION_ID):
                found = _find(self.session, owner or self.addon, rest, place)
                if found is not None:
                    return found
            raise DataFileError(f"{self.addon}: {name} refers to {reference}, which does not exist.", reference)

        return resolve

    def _setter(self, name: str) -> Setter:
        return Setter(self._resolver(name), self.scope.timezone)

    def _make(self, key: str, name: str, values: Mapping[str, Any]) -> Outcome:
        shipped = None
        if key in _loaders:
            record = _loaders[key](self.session, name, values, self._resolver(name))
        else:
            record, shipped = models[key](), as_json(values)
            self._setter(name).set_all(record, values)
        self.session.add(record)
        self.session.flush()
        row = ExternalId(institution_id=self.scope.institution_id, addon=self.addon, name=name, model=key)
        row.record_id, row.shipped, row.source = record.id, shipped, self.source
        self.session.add(row)
        return Outcome(self.addon, self.scope.institution_id, key, name, "created")

    def _renew(self, present: ExternalId, entry: Mapping[str, Any]) -> Outcome | None:
        renew, record = _renewers.get(entry["model"]), None
        if renew is not None:
            record = self.session.get(models[entry["model"]], present.record_id)
        if renew is None or record is None:
            return None
        name = str(entry["id"])
        successor = renew(self.session, record, name, entry.get("values") or {}, self._resolver(name))
        if successor is None:
            return restore_record(self.session, present, record)
        self.session.flush()
        present.record_id, present.withdrawn = successor.id, False
        return outcome_of(present, "renewed")


def _external_id(session: Session, addon: str, name: str, institution_id: int) -> ExternalId | None:
    statement = select(ExternalId).where(
        ExternalId.institution_id == institution_id, ExternalId.addon == addon, ExternalId.name == name
    )
    return session.scalar(statement)


def _find(session: Session, addon: str, name: str, institution_id: int) -> int | None:
    present = _external_id(session, addon, name, institution_id)
    return present.record_id if present is not None else None


def record_by_external_id(session: Session, model: type[Model], reference: str, institution_id: int) -> Model | None:
    """The record that ``addon.name`` points to, or None."""
    addon, _, name = reference.partition(".")
    found = _find(session, addon, name, institution_id)
    return None if found is None else session.get(model, found)


def external_names(session: Session, model: type[Model], institution_id: int) -> dict[int, str]:
    """``addon.name`` of every record of ``model`` that data files brought to the institution, by id."""
    statement = select(ExternalId).where(
        ExternalId.institution_id.in_((institution_id, SHARED_INSTITUTION_ID)),
        ExternalId.model == model.__model_key__,
    )
    return {item.record_id: f"{item.addon}.{item.name}" for item in session.scalars(statement)}
