"""What an institution has set: read once per change, kept with the version of rights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.cache import cached
from app.database.scope import current_scope
from app.database.session import db
from app.errors import AddonError, NoActiveInstitution
from app.registry.addon_enablement import AddonEnablement
from app.settings.declared import settings


@dataclass(frozen=True, slots=True)
class Trouble:
    """A stored ``value`` that nobody can use: ``reason`` says why, and the default holds instead."""

    name: str
    value: Any
    reason: str


def setting(name: str, session: Session | None = None) -> Any:
    """What the active institution has set for ``name`` (``"addon.key"``), else the default.

    No statement is needed but the first after a change. Raises `AddonError` for a setting that nobody declares.
    """
    if name not in settings:
        raise AddonError(f"There is no setting {name}.", code="setting_unknown")
    session = session or db.session()
    scope = current_scope(session)
    if scope is None:
        raise NoActiveInstitution(f"the setting {name} belongs to an institution")
    return values_of(session, scope.institution_id).get(name, settings[name].default)


def values_of(session: Session, institution_id: int) -> dict[str, Any]:
    """What the institution has set other than the default, by name; what cannot be used is left out."""

    def look_up() -> dict[str, Any]:
        rows = session.execute(
            select(AddonEnablement.addon, AddonEnablement.settings).where(
                AddonEnablement.institution_id == institution_id
            )
        )
        return {name: value for addon, stored in rows for name, value in _readable(addon, stored)}

    return cached(session, ("settings", institution_id), look_up)


def _readable(addon: str, stored: Any) -> Iterator[tuple[str, Any]]:
    for key, value in stored.items() if isinstance(stored, Mapping) else ():
        declared = settings.get(f"{addon}.{key}")
        if declared is not None:
            try:
                yield declared.name, declared.read(value)
            except ValueError:
                continue


def troubles(addon: str, stored: Any) -> list[Trouble]:
    """What is wrong with the ``stored`` settings of ``addon``: for the diagnosis."""
    if not isinstance(stored, Mapping):
        return [Trouble(addon, stored, "the settings are no JSON object")]
    usable = dict(_readable(addon, stored))
    return [
        Trouble(name, value, "its value may not be set" if name in settings else "no addon declares it")
        for key, value in stored.items()
        if (name := f"{addon}.{key}") not in usable
    ]
