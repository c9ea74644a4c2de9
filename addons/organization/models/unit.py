"""Units: the parts an institution consists of."""

from typing import Optional

from sqlalchemy import String
from sqlalchemy.orm import Mapped, relationship

from app.addon import Record, column, reference, unique, unique_active
from app.addon import lazy_gettext as _l


class Unit(Record):
    """A part of the institution (unit kerja), such as a division; units form a tree."""

    __title__ = _l("Unit")
    __plural__ = _l("Units")
    __constraints__ = (unique_active("name"), unique("code"))

    name: Mapped[str] = column(String(200), label=_l("Name"))
    code: Mapped[str | None] = column(String(40), label=_l("Code"))
    parent_id: Mapped[int | None] = reference("organization_unit.id", label=_l("Part of"))
    parent: Mapped[Optional["Unit"]] = relationship(remote_side="Unit.id")
