"""A role given to a person in one institution, for a time."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from app.database.base import Audited, Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l


class RoleAssignment(Audited, Model):
    """``role`` is the code of a role from an addon's ``security/roles.csv``; both dates are inclusive, None is open."""

    __not_institution_owned__ = "read before an institution is active; the service confines writes to the active one"
    __affects_access__ = True
    __display__ = "role"
    __title__ = _l("Role assignment")
    __plural__ = _l("Role assignments")
    __constraints__ = (unique("institution_id", "user_id", "role"),)
    __actions__: ClassVar[dict[str, Any]] = {"view_as": _l("View as this person")}

    institution_id: Mapped[int] = reference("institution.id", label=_l("Institution"))
    user_id: Mapped[int] = reference("ab_user.id", label=_l("Person"), ondelete="CASCADE")
    role: Mapped[str] = column(String(100), label=_l("Role"))
    date_from: Mapped[date | None] = column(label=_l("From"))
    date_to: Mapped[date | None] = column(label=_l("Until"))
