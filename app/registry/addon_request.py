"""What was asked for on the page "Addons", for the owner's agent to carry out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from app.database.base import Model
from app.database.columns import column, index, reference
from app.i18n import lazy_gettext as _l

ASKED, PLANNED, CONFIRMED, RUNNING = "asked", "planned", "confirmed", "running"
DONE, REFUSED, CANCELLED = "done", "refused", "cancelled"
OPEN_STATES = (ASKED, PLANNED, CONFIRMED, RUNNING)
COMMANDS = {"install": _l("Install"), "upgrade": _l("Upgrade"), "retire": _l("Retire"), "purge": _l("Purge")}


class AddonRequest(Model):
    """A command for one addon: asked for, planned by the agent, confirmed by the person, run, and how it ended."""

    __not_institution_owned__ = "addons are installed per database"
    __title__ = _l("Addon request")
    __display__ = "addon"
    __constraints__ = (index("state"),)

    command: Mapped[str] = column(String(20), label=_l("Command"), choices=COMMANDS)
    addon: Mapped[str] = column(String(40), label=_l("Addon"))
    state: Mapped[str] = column(String(20), label=_l("State"), default=ASKED, server_default=ASKED)
    forced: Mapped[bool] = column(label=_l("In spite of what needs it"), default=False, server_default="false")
    plan: Mapped[dict[str, Any]] = column(JSONB, label=_l("Plan"), default=dict, server_default="{}")
    steps: Mapped[list[Any]] = column(JSONB, label=_l("Steps"), default=list, server_default="[]")
    log: Mapped[str] = column(Text, label=_l("Log"), default="", server_default="")
    asked_by_id: Mapped[int | None] = reference("ab_user.id", label=_l("Asked by"), ondelete="SET NULL")
    asked_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Asked at"), server_default=func.now())
    finished_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Finished at"))
