"""Delegates: people who do a task without holding its position."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import Mapped, relationship

from addons.procedures.models.task import Task
from app.addon import Audited, InstitutionOwned, Model, column, index, reference
from app.addon import lazy_gettext as _l


class TaskDelegate(InstitutionOwned, Audited, Model):
    """A person to whom a holder gave the task, or whom the head named because nobody held the position."""

    __title__ = _l("Delegate")
    __plural__ = _l("Delegates")
    __constraints__ = (index("user_id", "date_to"),)

    task_id: Mapped[int] = reference("procedures_task.id", label=_l("Task"), ondelete="CASCADE")
    user_id: Mapped[int] = reference("ab_user.id", label=_l("Person"))
    date_to: Mapped[date] = column(label=_l("Until"), help=_l("The last day, included."))
    reason: Mapped[str] = column(Text, label=_l("Reason"))
    ended_at: Mapped[datetime | None] = column(
        DateTime(timezone=True), label=_l("Ended at"), help=_l("When the case was handed over before the last day.")
    )

    task: Mapped[Task] = relationship(back_populates="delegates")
    user: Mapped[Any] = relationship("User", foreign_keys=[user_id])

    def is_over(self, today: date) -> bool:
        """Whether the person may no longer do the task ``today``."""
        return self.ended_at is not None or self.date_to < today
