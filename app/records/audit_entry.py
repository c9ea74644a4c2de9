"""The audit trail: written by database triggers, read by "Riwayat". The application may only read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, ForeignKey, String, func, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database.base import InstitutionOwned, Model
from app.database.columns import column, index
from app.i18n import lazy_gettext as _l


class AuditEntry(InstitutionOwned, Model):
    """One insert, update or delete of one row; ``old`` and ``new`` hold the changed columns only."""

    __title__ = _l("History")
    __plural__ = _l("History")
    __constraints__ = (index("table_name", "record_id", "id"),)

    # Rows of tables without an institution have none here either: no institution ever reads them.
    institution_id: Mapped[int | None] = mapped_column(  # type: ignore[assignment]  # wider than the mixin's, see above
        ForeignKey("institution.id", ondelete="RESTRICT"), nullable=True, index=True
    )
    table_name: Mapped[str] = column(String(80), label=_l("Table"))
    record_id: Mapped[int] = column(label=_l("Record"))
    operation: Mapped[str] = column(String(10), label=_l("Operation"))
    old: Mapped[dict[str, Any] | None] = column(JSONB, label=_l("Before"))
    new: Mapped[dict[str, Any] | None] = column(JSONB, label=_l("After"))
    user_id: Mapped[int | None] = column(label=_l("Person"))
    request_id: Mapped[str | None] = column(String(40), label=_l("Request"))
    at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("When"), server_default=func.clock_timestamp())


def history_of(session: Session, record: Model, limit: int = 50) -> list[AuditEntry]:
    """What happened to ``record``, newest first."""
    statement = (
        select(AuditEntry)
        .where(AuditEntry.table_name == record.__tablename__, AuditEntry.record_id == record.id)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return list(session.scalars(statement))


def changed_since(session: Session, mark: Model, records: Sequence[Model]) -> list[tuple[Model, str, frozenset[str]]]:
    """What was written to ``records`` after the last change of ``mark``: (record, ``INSERT``, ``UPDATE`` or ``DELETE``,
    columns). By the order of writing, so no clock is asked.
    """
    own = (AuditEntry.table_name == mark.__tablename__, AuditEntry.record_id == mark.id)
    last = session.scalar(select(func.max(AuditEntry.id)).where(*own)) or 0
    known = {(record.__tablename__, record.id): record for record in records}
    statement = select(AuditEntry).where(
        tuple_(AuditEntry.table_name, AuditEntry.record_id).in_(list(known)), AuditEntry.id > last
    )
    return [
        (known[item.table_name, item.record_id], item.operation, frozenset({**(item.old or {}), **(item.new or {})}))
        for item in session.scalars(statement.order_by(AuditEntry.id))
    ]


def histories_of(session: Session, records: Sequence[Model], limit: int = 300) -> list[AuditEntry]:
    """What happened to any of ``records``, newest first."""
    keys = [(record.__tablename__, record.id) for record in records]
    if not keys:
        return []
    statement = (
        select(AuditEntry)
        .where(tuple_(AuditEntry.table_name, AuditEntry.record_id).in_(keys))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return list(session.scalars(statement))
