"""A place where somebody is signed in: a browser, or a program with a token."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from app import clock
from app.database.base import Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l

KINDS = {"browser": _l("Browser"), "program": _l("Program")}


class UserSession(Model):
    """Cookie and tokens carry a secret of which only the hash is kept; without this row neither opens anything.

    ``roles`` are those held when it began, or since: losing one of them ends the session.
    """

    __not_institution_owned__ = "read before an institution is active, by the secret of whoever asks"
    __constraints__ = (unique("secret_hash"),)

    user_id: Mapped[int] = reference("ab_user.id", label=_l("Person"), ondelete="CASCADE")
    secret_hash: Mapped[str] = column(String(64), label=_l("Hash of the secret"))
    kind: Mapped[str] = column(String(20), label=_l("Kind"), choices=KINDS, default="browser")
    created_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Signed in"), default=clock.now)
    seen_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Last seen"), default=clock.now)
    user_agent: Mapped[str] = column(String(300), label=_l("Device"), default="", server_default="")
    address: Mapped[str] = column(String(45), label=_l("Address"), default="", server_default="")
    roles: Mapped[list[Any]] = column(JSONB, label=_l("Roles"), default=list, server_default="[]")
