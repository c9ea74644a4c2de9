"""Roles of positions: rights follow the post, not the person."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, relationship

from addons.organization.models.position import Position
from addons.organization.services.role_titles import RoleTitles
from app.addon import Record, column, reference, unique_active
from app.addon import lazy_gettext as _l

ROLES = RoleTitles()


class PositionRole(Record):
    """One role that a position carries; its holders have it for the dates they hold the position."""

    __title__ = _l("Role of a position")
    __plural__ = _l("Roles of positions")
    __display__ = "role_title"
    __affects_access__ = True
    __constraints__ = (unique_active("position_id", "role"),)

    position_id: Mapped[int] = reference("organization_position.id", label=_l("Position"))
    position: Mapped[Position] = relationship()
    role: Mapped[str] = column(String(100), label=_l("Role"), choices=ROLES)

    @property
    def role_title(self) -> str:
        """The title of the role, or its code when the role's addon is off."""
        return ROLES.get(self.role, self.role)
