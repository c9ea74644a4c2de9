"""How often somebody tried, by account and by address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, String
from sqlalchemy.orm import Mapped

from app.database.base import Model
from app.database.columns import column, unique
from app.i18n import lazy_gettext as _l


class SignInAttempt(Model):
    """The attempts under one ``key`` that came to nothing, and until when no further one is taken."""

    __not_institution_owned__ = "whoever tries to sign in belongs to no institution yet"
    __constraints__ = (unique("key"),)

    key: Mapped[str] = column(String(100), label=_l("Account or address"))
    count: Mapped[int] = column(label=_l("Attempts"), default=0, server_default="0")
    last_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Last attempt"))
    blocked_until: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Blocked until"))
