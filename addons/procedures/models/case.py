"""The case (berkas): one number that holds the whole thread of a cooperation."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import DateTime, String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.organization.models.unit import Unit
from addons.partners.models.partner import Partner
from addons.procedures.models.procedure import Procedure
from addons.procedures.services import case_reasons as reasons
from app.addon import Record, Transition, column, index, reference, unique
from app.addon import lazy_gettext as _l

STATES = {"open": _l("Open"), "closed": _l("Closed"), "cancelled": _l("Cancelled")}
KINDS = {
    "new": _l("New cooperation"),
    "renewal": _l("Renewal"),
    "activity": _l("Activity"),
    "other": _l("Other"),
}
ORIGINS = {
    "letter": _l("Letter"),
    "request": _l("Service request"),
    "own": _l("Our own initiative"),
    "earlier": _l("Taken over from before"),
}
"""What made the case begin."""
AS_IT_BEGINS = timedelta(minutes=5)
"""How long after its beginning a case may be entered without being a late entry."""


class Case(Record):
    """A case that runs through a procedure; letters, dispositions, bookings and activities join it."""

    __title__ = _l("Case")
    __plural__ = _l("Cases")
    __display__ = "number"
    __constraints__ = (unique("number"), index("opened_at"))
    __transitions__ = (
        Transition("close", _l("Close the case"), ("open",), "closed"),
        Transition(
            "cancel", _l("Cancel the case"), ("open",), "cancelled", primary=False, guard=reasons.refuse_cancelling,
            asks=("cancel_reason",),
            confirm=_l("Cancel this case? What waits in it ends."),
        ),
        Transition(
            "reopen", _l("Open again"), ("closed", "cancelled"), "open", primary=False, guard=reasons.refuse_reopening,
            asks=("reopen_reason",),
        ),
    )  # fmt: skip
    __actions__: ClassVar[dict[str, Any]] = {"hand_over": _l("Hand over to another unit")}

    number: Mapped[str] = column(String(60), label=_l("Case number"), required=False)
    title: Mapped[str] = column(String(300), label=_l("Subject"))
    procedure_id: Mapped[int] = reference("procedures_procedure.id", label=_l("Procedure"))
    partner_id: Mapped[int | None] = reference("partners_partner.id", label=_l("Partner"))
    kind: Mapped[str] = column(
        String(20),
        label=_l("Kind of the case"),
        help=_l(
            "Empty: that of the request; renewal when the subject says so or an agreement with the partner ends soon;"
            " else new cooperation."
        ),
        choices=KINDS,
        required=False,
        server_default="new",
    )
    origin: Mapped[str] = column(
        String(20), label=_l("Origin of the case"), choices=ORIGINS, default="own", server_default="own"
    )
    unit_id: Mapped[int | None] = reference("organization_unit.id", label=_l("Unit in charge"))
    state: Mapped[str] = column(String(20), label=_l("State"), choices=STATES, default="open", server_default="open")
    opened_at: Mapped[datetime] = column(
        DateTime(timezone=True),
        label=_l("Opened at"),
        help=_l("Of a case that began on paper, when it really began. Left empty, it is now."),
        required=False,
    )
    closed_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Closed at"))
    cancel_reason: Mapped[str | None] = column(Text, multiline=True, label=_l("Reason for cancelling"))
    reopen_reason: Mapped[str | None] = column(Text, multiline=True, label=_l("Reason for opening again"))

    procedure: Mapped[Procedure] = relationship()
    partner: Mapped[Partner | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    tasks: Mapped[list["Task"]] = relationship(back_populates="case", order_by="Task.id")  # type: ignore[name-defined]  # declared in task.py

    @property
    def entered_late_at(self) -> datetime | None:
        """When a case that had begun on paper was entered; None for one that began as it was entered."""
        return self.created_at if self.created_at - self.opened_at > AS_IT_BEGINS else None
