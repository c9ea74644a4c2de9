"""Rules of units."""

from typing import Any

from sqlalchemy import select

from addons.organization.models.unit import Unit
from addons.organization.services.links import refuse_loop
from app.addon import RecordService, db


class UnitService(RecordService):
    """Units form a tree."""

    model = Unit

    def check(self, record: Any) -> None:
        """Refuse a unit that is part of itself."""
        refuse_loop(self.session, record, "parent")


def unit_codes() -> set[str]:
    """The codes of the units of the active institution."""
    return {code for code in db.session.scalars(select(Unit.code).where(Unit.active)) if code}
