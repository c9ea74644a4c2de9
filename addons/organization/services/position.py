"""Rules of positions."""

from typing import Any

from addons.organization.models.position import Position
from addons.organization.services.links import refuse_loop
from app.addon import RecordService


class PositionService(RecordService):
    """Positions report upwards, never in a circle."""

    model = Position

    def check(self, record: Any) -> None:
        """Refuse a position that is its own superior, directly or through others."""
        refuse_loop(self.session, record, "superior")
