"""The papers that were ticked on a task."""

from sqlalchemy.orm import Mapped, relationship

from addons.procedures.models.step_paper import StepPaper
from addons.procedures.models.task import Task
from app.addon import Audited, InstitutionOwned, Model, reference, unique
from app.addon import lazy_gettext as _l


class TaskPaper(InstitutionOwned, Audited, Model):
    """A paper that was at hand: who ticked it and when stand in the audit columns."""

    __title__ = _l("Ticked paper")
    __plural__ = _l("Ticked papers")
    __constraints__ = (unique("task_id", "paper_id"),)

    task_id: Mapped[int] = reference("procedures_task.id", label=_l("Task"), ondelete="CASCADE")
    paper_id: Mapped[int] = reference("procedures_step_paper.id", label=_l("Paper"))

    task: Mapped[Task] = relationship()
    paper: Mapped[StepPaper] = relationship()
