"""Delegates: people who do a task without holding its position."""

from datetime import date
from typing import Any

from sqlalchemy import Text
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

    task: Mapped[Task] = relationship(back_populates="delegates")
    user: Mapped[Any] = relationship("User", foreign_keys=[user_id])
