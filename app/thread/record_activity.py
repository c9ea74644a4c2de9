"""Activities planned on records: who does what until when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import DateTime, String
from sqlalchemy.orm import Mapped

from app.database.base import Audited, InstitutionOwned, Model
from app.database.columns import check, column, index, reference
from app.i18n import lazy_gettext as _l
from app.i18n.formats import today_here

OUTCOMES = {"open": _l("To be done"), "done": _l("Done"), "cancelled": _l("Cancelled")}


class RecordActivity(InstitutionOwned, Audited, Model):
    """Something to do about the record ``model`` + ``record_id``; the deadline is a whole day."""

    __title__ = _l("Planned activity")
    __plural__ = _l("Planned activities")
    __display__ = "id"
    __constraints__ = (
        check("outcome", "outcome IN ('open', 'done', 'cancelled')"),
        index("model", "record_id", "id", name="ix_record_activity_thread"),
        index("assignee_id", "outcome", "deadline", name="ix_record_activity_work"),
    )

    model: Mapped[str] = column(String(100), label=_l("Model"))
    record_id: Mapped[int] = column(label=_l("Record"))
    summary: Mapped[str] = column(String(200), label=_l("What is to be done"), personal="name")
    deadline: Mapped[date] = column(label=_l("Deadline"))
    assignee_id: Mapped[int] = reference("ab_user.id", label=_l("Assigned to"), ondelete="CASCADE")
    outcome: Mapped[str] = column(
        String(20), label=_l("Outcome"), choices=OUTCOMES, default="open", server_default="open"
    )
    settled_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Done at"))
    settled_by_id: Mapped[int | None] = reference("ab_user.id", label=_l("Done by"), ondelete="SET NULL")

    @property
    def is_overdue(self) -> bool:
        """Whether it is open behind its deadline."""
        return self.outcome == "open" and self.deadline < today_here()
