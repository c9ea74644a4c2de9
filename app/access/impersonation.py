"""The log of "viewing as": which administrator looked at the system as whom, from when until when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped

from app.database.base import InstitutionOwned, Model
from app.database.columns import column, index, reference
from app.i18n import lazy_gettext as _l


class Impersonation(InstitutionOwned, Model):
    """One time that somebody looked as another person; without an end, the session was left or expired."""

    __title__ = _l("Viewing as somebody else")
    __plural__ = _l("Viewing as somebody else")
    __display__ = "id"
    __constraints__ = (index("began_at"),)

    actor_id: Mapped[int] = reference("ab_user.id", label=_l("Who looked"), ondelete="CASCADE")
    user_id: Mapped[int] = reference("ab_user.id", label=_l("As whom"), ondelete="CASCADE")
    began_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Begun"))
    ended_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Ended"))
