"""Pauses of tasks: time in which the executor waits for somebody else, which is no handling time."""

from datetime import datetime

from sqlalchemy import DateTime, String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.procedures.models.task import Task
from app.addon import Audited, InstitutionOwned, Model, check, column, reference
from app.addon import lazy_gettext as _l

REASONS = {
    "partner": _l("Waiting for the partner"),
    "unit": _l("Waiting for another unit"),
    "leader": _l("Waiting for a decision of the head"),
    "applicant": _l("Waiting for the applicant"),
    "other": _l("Another reason"),
}


class TaskPause(InstitutionOwned, Audited, Model):
    """One pause of a task, from ``begun_at`` to ``ended_at`` (None: it still lasts). Who paused and who resumed stand
    in the audit columns.
    """

    __title__ = _l("Pause")
    __plural__ = _l("Pauses")
    __display__ = "reason"
    __constraints__ = (check("order", "ended_at >= begun_at"),)

    task_id: Mapped[int] = reference("procedures_task.id", label=_l("Task"), ondelete="CASCADE")
    reason: Mapped[str] = column(String(20), label=_l("Reason"), choices=REASONS)
    note: Mapped[str | None] = column(Text, label=_l("Note"))
    begun_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Begun at"))
    ended_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Ended at"))

    task: Mapped[Task] = relationship(back_populates="pauses")

    @property
    def text(self) -> str:
        """Why, with the note: ``Waiting for the partner: the director is abroad``."""
        return f"{REASONS[self.reason]}: {self.note}" if self.note else str(REASONS[self.reason])
