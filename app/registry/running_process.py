"""The processes that serve pages, do jobs or carry out requests, each with the set of addons that it has loaded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, String, func
from sqlalchemy.orm import Mapped

from app.database.base import Model
from app.database.columns import column, unique
from app.i18n import lazy_gettext as _l


class RunningProcess(Model):
    """A heartbeat; times are the database's, so that clocks of several machines need not agree."""

    __not_institution_owned__ = "processes serve every institution"
    __constraints__ = (unique("host", "process"),)

    kind: Mapped[str] = column(String(20), label=_l("Kind"))
    host: Mapped[str] = column(String(200), label=_l("Host"))
    process: Mapped[int] = column(label=_l("Process"))
    registry_version: Mapped[int] = column(label=_l("Registry version"))
    problem: Mapped[str] = column(String(500), label=_l("Problem"), default="", server_default="")
    started_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Started at"), server_default=func.now())
    seen_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Seen at"), server_default=func.now())
