"""One-time form tokens: sending a form twice saves it once."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from sqlalchemy import DateTime, String, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session

from app import clock
from app.database.base import Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l

_TOKEN = re.compile(r"^[A-Za-z0-9_-]{20,60}$")


class FormToken(Model):
    """A form that was sent; ``location`` is where the first sending ended."""

    __not_institution_owned__ = "tells only that a form was sent, by whom"
    __constraints__ = (unique("token"),)

    token: Mapped[str] = column(String(60), label=_l("Token"))
    user_id: Mapped[int] = reference("ab_user.id", label=_l("Person"), ondelete="CASCADE")
    location: Mapped[str] = column(String(300), label=_l("Location"), default="", server_default="")
    used_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Used at"), default=clock.now)


def new_token() -> str:
    """A token for a form about to be shown."""
    return secrets.token_urlsafe(24)


def claim(session: Session, token: str, user_id: int) -> bool:
    """Use ``token``; False when it was used before. A second sending waits for the first one's commit here."""
    if not _TOKEN.match(token):
        return True
    statement = insert(FormToken).values(token=token, user_id=user_id, used_at=clock.now(), location="")
    return session.execute(statement.on_conflict_do_nothing().returning(FormToken.id)).first() is not None


def remember_location(session: Session, token: str, location: str) -> None:
    """Note where the sending of ``token`` ended, for those who send it again."""
    if (row := session.scalar(select(FormToken).where(FormToken.token == token))) is not None:
        row.location = location[:300]


def location_of(session: Session, token: str, user_id: int) -> str:
    """Where the first sending of ``token`` by this person ended, or ``""``."""
    return (
        session.scalar(select(FormToken.location).where(FormToken.token == token, FormToken.user_id == user_id)) or ""
    )
