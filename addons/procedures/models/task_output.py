"""The outputs of a task: typed links to what joined the case, or to files on the task."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, relationship

from addons.procedures.models.step_output import StepOutput
from addons.procedures.models.task import Task
from app.addon import Audited, InstitutionOwned, Model, column, reference, unique
from app.addon import lazy_gettext as _l


class TaskOutput(InstitutionOwned, Audited, Model):
    """``model`` + ``record_id`` is what the task brought forth for ``output``."""

    __title__ = _l("Task output")
    __plural__ = _l("Task outputs")
    __constraints__ = (unique("task_id", "output_id"),)

    task_id: Mapped[int] = reference("procedures_task.id", label=_l("Task"), ondelete="CASCADE")
    output_id: Mapped[int] = reference("procedures_step_output.id", label=_l("Output"))
    model: Mapped[str] = column(String(100), label=_l("Kind"))
    record_id: Mapped[int] = column(label=_l("Record"))

    task: Mapped[Task] = relationship()
    output: Mapped[StepOutput] = relationship()
