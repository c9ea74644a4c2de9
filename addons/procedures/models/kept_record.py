"""Records that a procedure keeps (pencatatan dan pendataan, Permenpan-RB 35/2012)."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, relationship

from addons.procedures.models.procedure import Procedure
from app.addon import InstitutionOwned, Model, column, reference, unique
from app.addon import lazy_gettext as _l


class KeptRecord(InstitutionOwned, Model):
    """One paper or book that every case leaves something in. ``kind`` names the model or book that holds it here;
    without one it is kept on paper.
    """

    __title__ = _l("Kept record")
    __plural__ = _l("Kept records")
    __constraints__ = (unique("procedure_id", "place"),)

    procedure_id: Mapped[int] = reference("procedures_procedure.id", label=_l("Procedure"), ondelete="CASCADE")
    name: Mapped[str] = column(String(300), label=_l("Name"))
    kind: Mapped[str | None] = column(String(100), label=_l("Kind"))
    place: Mapped[int] = column(label=_l("Order"))

    procedure: Mapped[Procedure] = relationship(back_populates="kept_records")
