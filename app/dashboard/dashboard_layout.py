"""How a person has arranged the overview of an institution."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from app.database.base import InstitutionOwned, Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l


class DashboardLayout(InstitutionOwned, Model):
    """``cards``: the names of cards in the person's order; ``hidden``: those that are not wanted. Cards that it does
    not name come after the others.
    """

    __title__ = _l("Arrangement of the overview")
    __plural__ = _l("Arrangements of the overview")
    __display__ = "id"
    __constraints__ = (unique("user_id"),)

    user_id: Mapped[int] = reference("ab_user.id", label=_l("Person"), ondelete="CASCADE")
    cards: Mapped[list[Any]] = column(JSONB, label=_l("Order"), default=list, server_default="[]")
    hidden: Mapped[list[Any]] = column(JSONB, label=_l("Hidden"), default=list, server_default="[]")
