"""Roles that an institution makes for itself, beside those its addons ship."""

from __future__ import annotations

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session

from app.access.cache import cached
from app.database.base import Audited, Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l

PREFIX = "own."
"""The first letters of the code of an institution's own role; the rest is its id."""


class InstitutionRole(Audited, Model):
    """A role with a name and no shipped rights: everything it may is a change of the institution."""

    __not_institution_owned__ = "read before an institution is active; the service confines writes to the active one"
    __affects_access__ = True
    __title__ = _l("Own role")
    __plural__ = _l("Own roles")
    __constraints__ = (unique("institution_id", "name"),)

    institution_id: Mapped[int] = reference("institution.id", label=_l("Institution"))
    name: Mapped[str] = column(String(100), label=_l("Name"))

    @property
    def code(self) -> str:
        """What assignments and rights call it."""
        return f"{PREFIX}{self.id}"


def own_roles(session: Session, institution_id: int) -> dict[str, str]:
    """The institution's own roles: code → name."""

    def look_up() -> dict[str, str]:
        statement = select(InstitutionRole).where(InstitutionRole.institution_id == institution_id)
        return {role.code: role.name for role in session.scalars(statement.order_by(InstitutionRole.name))}

    return cached(session, ("own roles", institution_id), look_up)
