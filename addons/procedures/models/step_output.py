"""What a step must bring forth."""

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, relationship

from addons.procedures.models.procedure_step import ProcedureStep
from app.addon import InstitutionOwned, Model, column, reference
from app.addon import lazy_gettext as _l

FILE = "file"
ON_RETURN = {
    "any": _l("The same again is enough"),
    "changed": _l("Something must have changed"),
    "new": _l("A new one"),
}
"""What a later visit to the step asks for."""


class StepOutput(InstitutionOwned, Model):
    """An output: a record of the model ``kind`` that joined the case, or a file on the task; perhaps on one branch
    only, perhaps only in certain ``states``, such as an agreement that is signed.
    """

    __title__ = _l("Output")
    __plural__ = _l("Outputs")

    step_id: Mapped[int] = reference("procedures_procedure_step.id", label=_l("Step"), ondelete="CASCADE")
    name: Mapped[str] = column(String(300), label=_l("Name"))
    kind: Mapped[str] = column(String(100), label=_l("Kind"), default=FILE, server_default=FILE)
    states: Mapped[list[str]] = column(
        JSONB, label=_l("Accepted states"), default=list, server_default="[]", help=_l("Empty accepts any state.")
    )
    on_return: Mapped[str] = column(
        String(20), label=_l("When the step comes again"), choices=ON_RETURN, default="any", server_default="any"
    )
    is_mandatory: Mapped[bool] = column(label=_l("Mandatory"), default=True, server_default="true")
    branch_key: Mapped[str | None] = column(String(40), label=_l("Only on the branch"))
    place: Mapped[int] = column(label=_l("Order"))

    step: Mapped[ProcedureStep] = relationship(back_populates="outputs")
