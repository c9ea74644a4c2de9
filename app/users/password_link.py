"""Links by which somebody sets a new password, sent to the address of the account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, String
from sqlalchemy.orm import Mapped

from app import clock
from app.database.base import Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l


class PasswordLink(Model):
    """Somebody asked for a link to ``email``. It is made, and belongs to a person, only when an account has that
    address: asking takes the same steps either way.
    """

    __not_institution_owned__ = "used by people who cannot sign in"
    __constraints__ = (unique("secret_hash"),)

    email: Mapped[str] = column(String(254), label=_l("E-mail"))
    user_id: Mapped[int | None] = reference("ab_user.id", label=_l("Person"), ondelete="CASCADE")
    secret_hash: Mapped[str | None] = column(String(64), label=_l("Hash of the secret"))
    created_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Asked for"), default=clock.now)
    expires_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Valid until"))
    used_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Used at"))
