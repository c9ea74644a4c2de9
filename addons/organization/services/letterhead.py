"""Which letterhead a paper carries."""

from typing import Any

from sqlalchemy import select

from addons.organization.models.letterhead import Letterhead
from addons.organization.models.unit import Unit
from app.addon import as_system, db


def letterhead_of(unit_id: int | None) -> Letterhead | None:
    """The letterhead of the unit, else of the nearest unit above it that has one."""
    session = db.session()
    with as_system(session, "a paper carries its letterhead, whoever prints it"):
        found = {item.unit_id: item for item in session.scalars(select(Letterhead).where(Letterhead.active))}
        parents = {unit.id: unit.parent_id for unit in session.scalars(select(Unit))}
    passed: set[int] = set()
    while unit_id is not None and unit_id not in passed:
        if unit_id in found:
            return found[unit_id]
        passed.add(unit_id)
        unit_id = parents.get(unit_id)
    return None


def letterhead_lines(unit: Unit | None, letterhead: Letterhead | None) -> dict[str, Any]:
    """The letterhead as print templates take it; without one, the unit's bare name."""
    if letterhead is None:
        return {"authority": None, "name": str(unit or ""), "address": None, "contact": None}
    return {name: getattr(letterhead, name) for name in ("authority", "name", "address", "contact")}
