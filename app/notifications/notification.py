"""A line that tells one person what happened or waits, in one institution."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, String, text
from sqlalchemy.orm import Mapped

from app import clock
from app.database.base import InstitutionOwned, Model
from app.database.columns import column, index, reference, unique
from app.i18n import lazy_gettext as _l

LONGEST_TEXT = 500
LONGEST_ADDRESS = 500
LONGEST_KEY = 200


class Notification(InstitutionOwned, Model):
    """Only ``user_id`` sees it. ``key`` keeps news from being told twice; ``url`` is a path of ours or empty."""

    __title__ = _l("Notification")
    __plural__ = _l("Notifications")
    __display__ = "text"
    __constraints__ = (
        unique("user_id", "key"),
        index("user_id", "id"),
        index("user_id", name="ix_notification_unread", postgresql_where=text("read_at IS NULL")),
    )

    user_id: Mapped[int] = reference("ab_user.id", label=_l("Person"), ondelete="CASCADE")
    addon: Mapped[str] = column(String(60), label=_l("Addon"), default="kernel", server_default="kernel")
    text: Mapped[str] = column(String(LONGEST_TEXT), label=_l("Text"))
    url: Mapped[str] = column(String(LONGEST_ADDRESS), label=_l("Page"), default="", server_default="")
    key: Mapped[str | None] = column(String(LONGEST_KEY), label=_l("Key"))
    created_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("When"), default=clock.now)
    read_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Read"))
