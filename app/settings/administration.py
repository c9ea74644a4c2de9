"""Setting things: what an administrator changes for the active institution, by page or command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.access import require
from app.access.administration import institution_here
from app.database.base import Archivable, models
from app.errors import Conflict, Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.registry.addon_enablement import AddonEnablement
from app.registry.enablement import enabled_addons
from app.settings.declared import Setting, settings_of
from app.settings.values import values_of


@dataclass(frozen=True, slots=True)
class Held:
    """A setting with what holds here; ``is_changed`` tells that the institution chose it."""

    setting: Setting
    value: Any
    is_changed: bool


def addons_with_settings(session: Session) -> list[str]:
    """The enabled addons that let the institution set something, by name."""
    require(AddonEnablement, "read", session)
    return sorted(name for name in enabled_addons(institution_here(session), session) if settings_of(name))


def held(session: Session, addon: str) -> list[Held]:
    """Every setting of ``addon`` with what holds in the active institution. Raises `NotFound`."""
    if addon not in addons_with_settings(session):
        raise NotFound(_l("This addon is not enabled here, or there is nothing to set."))
    chosen = values_of(session, institution_here(session))
    return [Held(item, chosen.get(item.name, item.default), item.name in chosen) for item in settings_of(addon)]


def row_of(session: Session, addon: str, *, lock: bool = False) -> AddonEnablement:
    """Where the settings of ``addon`` are kept for the active institution."""
    statement = select(AddonEnablement).where(
        AddonEnablement.institution_id == institution_here(session), AddonEnablement.addon == addon
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.scalars(statement).one()


def change_settings(
    session: Session,
    addon: str,
    values: Mapping[str, Any],
    *,
    to_default: Iterable[str] = (),
    seen: datetime | None = None,
) -> list[str]:
    """Set ``values`` (key → value) in the active institution, and ``to_default`` back; returns the keys that changed.

    What equals the default is not kept: it follows the addon when that changes its mind. With ``seen`` (when the row
    was last changed), only if nobody changed it since. Raises `Invalid` with the keys, `Conflict`, `NotFound`.
    """
    require(AddonEnablement, "write", session)
    before = {item.setting.key: item for item in held(session, addon)}
    if unknown := [key for key in (*values, *to_default) if key not in before]:
        raise NotFound(_l("There is no setting %(name)s.", name=f"{addon}.{unknown[0]}"))
    wanted = {**values, **{key: before[key].setting.default for key in to_default}}
    errors = {key: [text] for key, value in wanted.items() if (text := _refusal(session, before[key].setting, value))}
    if errors:
        raise Invalid(_l("Some values cannot be accepted."), errors)
    row = row_of(session, addon, lock=True)
    if seen is not None and row.changed_at != seen:
        raise Conflict(_l("Somebody else changed these settings in the meantime."), code="stale")
    present = row.settings if isinstance(row.settings, dict) else {}
    kept = {key: value for key, value in present.items() if key not in wanted}
    kept |= {
        key: before[key].setting.stored(value) for key, value in wanted.items() if value != before[key].setting.default
    }
    if kept != row.settings:
        row.settings = kept
        session.flush()
    return [key for key, value in wanted.items() if value != before[key].value]


def _refusal(session: Session, declared: Setting, value: Any) -> Any:
    """Why ``value`` may not be set, or None."""
    if value is None or value == "":
        return _l("This field is required.") if declared.is_required else None
    if not declared.holds(value):
        return bounds(declared) or _l("This value may not be set.")
    if declared.kind == "record":
        target = models[declared.target]
        statement = select(target.id).where(target.id == value)
        statement = statement.where(target.active) if issubclass(target, Archivable) else statement
        return None if session.scalar(statement) is not None else _l("Not a valid choice.")
    return None


def bounds(declared: Setting) -> Any:
    """In one sentence, between what a value must lie; None where there is no bound."""
    first, last = (_shown(declared, item) for item in (declared.minimum, declared.maximum))
    if first and last:
        return _l("From %(first)s to %(last)s.", first=first, last=last)
    if first:
        return _l("At least %(first)s.", first=first)
    return _l("At most %(last)s.", last=last) if last else None


def _shown(declared: Setting, value: Any) -> str:
    return "" if value is None else str(declared.stored(value))
