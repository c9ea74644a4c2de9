"""The run log: one row per job that was asked for, whoever or whatever asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from app.database.base import Audited, InstitutionOwned, Model
from app.database.columns import column, index, unique
from app.i18n import lazy_gettext as _l

STATES = {
    "queued": _l("Queued"),
    "running": _l("Running"),
    "waiting": _l("Will be tried again"),
    "succeeded": _l("Done"),
    "failed": _l("Failed"),
    "cancelled": _l("Cancelled"),
}

ENDED = frozenset({"succeeded", "failed", "cancelled"})


class JobRun(InstitutionOwned, Audited, Model):
    """One job with its arguments and how it went. Jobs of the platform itself belong to "bersama".

    ``about`` is what it is about, in the words of whoever asked for it: no personal data. ``fault`` is the kind of an
    error nobody foresaw, ``error`` the sentence of one that was foreseen; ``page`` is the address of what it made.
    """

    __title__ = _l("Job")
    __plural__ = _l("Jobs")
    __constraints__ = (unique("name", "planned_for"), index("state", "id"))

    name: Mapped[str] = column(String(128), label=_l("Job"))
    about: Mapped[str] = column(String(200), label=_l("About"), default="", server_default="")
    arguments: Mapped[dict[str, Any]] = column(JSONB, label=_l("Arguments"), default=dict, server_default="{}")
    state: Mapped[str] = column(
        String(20), label=_l("State"), choices=STATES, default="queued", server_default="queued"
    )
    attempts: Mapped[int] = column(label=_l("Attempts"), default=0, server_default="0")
    planned_for: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Planned for"))
    next_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Next attempt"))
    started_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Started"))
    finished_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Finished"))
    error: Mapped[str] = column(String(500), label=_l("Error"), default="", server_default="")
    fault: Mapped[str] = column(String(100), label=_l("Fault"), default="", server_default="")
    page: Mapped[str] = column(String(300), label=_l("Page"), default="", server_default="")
    lock: Mapped[str] = column(String(200), label=_l("Lock"), default="", server_default="")
    queue_id: Mapped[int | None] = column(BigInteger, label=_l("Number in the queue"))

    @property
    def seconds(self) -> float | None:
        """How long the last attempt took."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()
