"""Somebody was asked by mail to join an institution."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from app.database.base import Audited, Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l


class Invitation(Audited, Model):
    """The account and the roles come into being when the link of the mail is used, not before: whether an address has
    an account already is told to nobody.
    """

    __not_institution_owned__ = (
        "found by the secret of its link; the service confines reading to the active institution"
    )
    __title__ = _l("Invitation")
    __plural__ = _l("Invitations")
    __display__ = "email"
    __constraints__ = (unique("secret_hash"),)

    institution_id: Mapped[int] = reference("institution.id", label=_l("Institution"))
    email: Mapped[str] = column(String(120), label=_l("E-mail"))
    first_name: Mapped[str] = column(String(64), label=_l("First name"))
    last_name: Mapped[str] = column(String(64), label=_l("Last name"))
    roles: Mapped[list[Any]] = column(JSONB, label=_l("Roles"), default=list, server_default="[]")
    secret_hash: Mapped[str] = column(String(64), label=_l("Hash of the secret"))
    expires_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Valid until"))
    accepted_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Accepted"))
    withdrawn_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Withdrawn"))
    user_id: Mapped[int | None] = reference("ab_user.id", label=_l("Person"), ondelete="SET NULL")
