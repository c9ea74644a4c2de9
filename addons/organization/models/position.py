"""Positions: the posts in a unit that people hold for a time."""

from typing import Optional

from sqlalchemy import String
from sqlalchemy.orm import Mapped, relationship

from addons.organization.models.unit import Unit
from app.addon import Record, column, reference, unique_active
from app.addon import lazy_gettext as _l


class Position(Record):
    """A post (jabatan) such as Kepala Dinas. Work is given to positions; whoever holds one on the day does it."""

    __title__ = _l("Position")
    __plural__ = _l("Positions")
    __display__ = "title"
    __affects_access__ = True
    __constraints__ = (unique_active("unit_id", "title"),)

    title: Mapped[str] = column(String(200), label=_l("Position title"))
    unit_id: Mapped[int] = reference("organization_unit.id", label=_l("Unit"))
    unit: Mapped[Unit] = relationship()
    superior_id: Mapped[int | None] = reference("organization_position.id", label=_l("Superior"))
    superior: Mapped[Optional["Position"]] = relationship(remote_side="Position.id")
