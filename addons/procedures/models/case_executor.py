"""Who carries out the steps of a case that was handed over to another unit."""

from sqlalchemy.orm import Mapped, relationship

from addons.organization.models.position import Position
from addons.procedures.models.case import Case
from addons.procedures.models.procedure_executor import ProcedureExecutor
from app.addon import Audited, InstitutionOwned, Model, reference, unique
from app.addon import lazy_gettext as _l


class CaseExecutor(InstitutionOwned, Audited, Model):
    """In this case the position does what the procedure gives to the executor."""

    __title__ = _l("Executor of a case")
    __plural__ = _l("Executors of cases")
    __constraints__ = (unique("case_id", "executor_id"),)

    case_id: Mapped[int] = reference("procedures_case.id", label=_l("Case"), ondelete="CASCADE")
    executor_id: Mapped[int] = reference("procedures_procedure_executor.id", label=_l("Executor"))
    position_id: Mapped[int] = reference("organization_position.id", label=_l("Position"))

    case: Mapped[Case] = relationship()
    executor: Mapped[ProcedureExecutor] = relationship()
    position: Mapped[Position] = relationship()
