"""The case (berkas): one number that holds the whole thread of a cooperation."""

from datetime import datetime

from sqlalchemy import DateTime, String
from sqlalchemy.orm import Mapped, relationship

from addons.partners.models.partner import Partner
from addons.procedures.models.procedure import Procedure
from app.addon import Record, Transition, column, index, reference, unique
from app.addon import lazy_gettext as _l

STATES = {"open": _l("Open"), "closed": _l("Closed")}


class Case(Record):
    """A case that runs through a procedure; letters, dispositions, bookings and activities join it."""

    __title__ = _l("Case")
    __plural__ = _l("Cases")
    __display__ = "number"
    __constraints__ = (unique("number"), index("opened_at"))
    __transitions__ = (Transition("close", _l("Close the case"), ("open",), "closed"),)

    number: Mapped[str] = column(String(60), label=_l("Case number"), required=False)
    title: Mapped[str] = column(String(300), label=_l("Subject"))
    procedure_id: Mapped[int] = reference("procedures_procedure.id", label=_l("Procedure"))
    partner_id: Mapped[int | None] = reference("partners_partner.id", label=_l("Partner"))
    state: Mapped[str] = column(String(20), label=_l("State"), choices=STATES, default="open", server_default="open")
    opened_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Opened at"), required=False)
    closed_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Closed at"))

    procedure: Mapped[Procedure] = relationship()
    partner: Mapped[Partner | None] = relationship()
    tasks: Mapped[list["Task"]] = relationship(back_populates="case", order_by="Task.id")  # type: ignore[name-defined]  # declared in task.py
