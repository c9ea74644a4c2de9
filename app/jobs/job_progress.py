"""How far a job is: written while it runs, in transactions of its own, so that others see it meanwhile."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped

from app.database.base import InstitutionOwned, Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l


class JobProgress(InstitutionOwned, Model):
    """``done`` of ``total`` parts (``total`` is empty while nobody knows), and when somebody asked the job to stop.

    Not columns of `JobRun`: its row is locked while the job runs.
    """

    __title__ = _l("Progress")
    __plural__ = _l("Progress")
    __display__ = "id"
    __constraints__ = (unique("run_id"),)

    run_id: Mapped[int] = reference("job_run.id", label=_l("Job"), ondelete="CASCADE")
    done: Mapped[int] = column(label=_l("Done"), default=0, server_default="0")
    total: Mapped[int | None] = column(label=_l("Of"))
    cancel_asked_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Cancellation asked for"))

    @property
    def percent(self) -> int | None:
        """Whole percents; None while the total is unknown."""
        return min(100, self.done * 100 // self.total) if self.total else None
