"""What an institution changed of the rights a role is shipped with."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from app.database.base import Audited, Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l


class AccessOverride(Audited, Model):
    """One cell of the grid that differs from the shipped state; deleting the row restores it."""

    __not_institution_owned__ = "read before an institution is active; the service confines writes to the active one"
    __affects_access__ = True
    __display__ = "operation"
    __title__ = _l("Changed right")
    __plural__ = _l("Changed rights")
    __constraints__ = (unique("institution_id", "role", "model", "operation"),)

    institution_id: Mapped[int] = reference("institution.id", label=_l("Institution"))
    role: Mapped[str] = column(String(100), label=_l("Role"))
    model: Mapped[str] = column(String(100), label=_l("Model"))
    operation: Mapped[str] = column(String(120), label=_l("Operation"))
    allowed: Mapped[bool] = column(label=_l("Allowed"))
    scope: Mapped[str] = column(String(100), label=_l("Rows"), default="", server_default="")
    """Which rows an allowed operation reaches: the name of a scope, or nothing for all of them."""
