"""Who is told of news about a record."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from app.database.base import InstitutionOwned, Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l


class RecordFollower(InstitutionOwned, Model):
    """A person follows a record, or wants to be told no more of one that they made."""

    __title__ = _l("Follower")
    __plural__ = _l("Followers")
    __display__ = "id"
    __constraints__ = (unique("model", "record_id", "user_id"),)

    model: Mapped[str] = column(String(100), label=_l("Model"))
    record_id: Mapped[int] = column(label=_l("Record"))
    user_id: Mapped[int] = reference("ab_user.id", label=_l("Person"), ondelete="CASCADE")
    follows: Mapped[bool] = column(label=_l("Follows"), default=True, server_default="true")
