"""Rules of units."""

from typing import Any

from addons.organization.models.unit import Unit
from addons.organization.services.links import refuse_loop
from app.addon import RecordService


class UnitService(RecordService):
    """Units form a tree."""

    model = Unit

    def check(self, record: Any) -> None:
        """Refuse a unit that is part of itself."""
        refuse_loop(self.session, record, "parent")
