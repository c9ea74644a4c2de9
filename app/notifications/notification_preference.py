"""How a person wants to hear of notifications in an institution."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from app.database.base import InstitutionOwned, Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l


class NotificationPreference(InstitutionOwned, Model):
    """Without a row, notifications stand in the application only."""

    __title__ = _l("Notification preference")
    __plural__ = _l("Notification preferences")
    __display__ = "id"
    __constraints__ = (unique("user_id"),)

    user_id: Mapped[int] = reference("ab_user.id", label=_l("Person"), ondelete="CASCADE")
    by_mail: Mapped[bool] = column(label=_l("Copy by mail"), default=False, server_default="false")
