"""Requests to erase a person's data (UU 27/2022): which records, asked for by whom, and whether it was done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from app.database.base import Audited, InstitutionOwned, Model
from app.database.columns import column, index
from app.i18n import lazy_gettext as _l


class Erasure(InstitutionOwned, Audited, Model):
    """One request. It names records and columns, never the person."""

    __title__ = _l("Erasure of personal data")
    __plural__ = _l("Erasures of personal data")
    __display__ = "id"
    __constraints__ = (index("state"),)

    state: Mapped[str] = column(
        String(20),
        label=_l("State"),
        choices={"requested": _l("Waits for the operator"), "done": _l("Done")},
        default="requested",
        server_default="requested",
    )
    reason: Mapped[str] = column(Text, label=_l("Reason"))
    targets: Mapped[list[dict[str, Any]]] = column(JSONB, label=_l("Records"))
    """``{"model": key, "id": number, "columns": [names], "files": whether its files go, too}`` for every record."""

    done_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Done at"))
    counts: Mapped[dict[str, int]] = column(JSONB, label=_l("Erased"), default=dict, server_default="{}")
