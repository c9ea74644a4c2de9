"""Who carries out steps of a procedure."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, relationship

from addons.organization.models.position import Position
from addons.procedures.models.procedure import Procedure
from app.addon import InstitutionOwned, Model, column, reference, unique
from app.addon import lazy_gettext as _l


class ProcedureExecutor(InstitutionOwned, Model):
    """A column of the form's executors: a position of the institution, or an outside party such as the applicant."""

    __title__ = _l("Executor")
    __plural__ = _l("Executors")
    __constraints__ = (unique("procedure_id", "key"),)

    procedure_id: Mapped[int] = reference("procedures_procedure.id", label=_l("Procedure"), ondelete="CASCADE")
    key: Mapped[str] = column(String(60), label=_l("Key"))
    name: Mapped[str] = column(String(200), label=_l("Name"))
    place: Mapped[int] = column(label=_l("Order"))
    position_id: Mapped[int | None] = reference("organization_position.id", label=_l("Position"))
    is_external: Mapped[bool] = column(label=_l("Outside party"), default=False, server_default="false")

    procedure: Mapped[Procedure] = relationship(back_populates="executors")
    position: Mapped[Position | None] = relationship()
