"""The second factor of an account: one-time codes of an authenticator app, and recovery codes on paper."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, String
from sqlalchemy.orm import Mapped

from app import clock
from app.database.base import Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l


class SecondFactor(Model):
    """The secret that the app shares with us, encrypted; it counts once a first code was confirmed.

    ``last_step`` is the half minute of the last code that was taken: none is taken twice, nor an older one.
    """

    __not_institution_owned__ = "an account's, in whichever institutions the person works"
    __constraints__ = (unique("user_id"),)

    user_id: Mapped[int] = reference("ab_user.id", label=_l("Person"), ondelete="CASCADE")
    secret: Mapped[str] = column(String(200), label=_l("Secret, encrypted"))
    last_step: Mapped[int] = column(label=_l("Last step"), default=0, server_default="0")
    created_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Begun"), default=clock.now)
    confirmed_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Confirmed"))


class RecoveryCode(Model):
    """One of the codes for whoever lost the app; each works once."""

    __not_institution_owned__ = "an account's, in whichever institutions the person works"
    __constraints__ = (unique("user_id", "code_hash"),)

    user_id: Mapped[int] = reference("ab_user.id", label=_l("Person"), ondelete="CASCADE")
    code_hash: Mapped[str] = column(String(64), label=_l("Hash of the code"))
    used_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Used at"))
