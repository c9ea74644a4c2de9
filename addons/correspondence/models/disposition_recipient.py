"""Those to whom a disposition goes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, String
from sqlalchemy.orm import Mapped, relationship

from addons.organization.models.position import Position
from app.addon import Audited, InstitutionOwned, Model, check, column, index, reference
from app.addon import lazy_gettext as _l

RECIPIENT_STATES = {
    "unread": _l("Unread"),
    "read": _l("Read"),
    "done": _l("Done"),
    "withdrawn": _l("Withdrawn"),
}


class DispositionRecipient(InstitutionOwned, Audited, Model):
    """One position to which a disposition was given, with the moments at which it was read and carried out there."""

    __title__ = _l("Recipient")
    __plural__ = _l("Recipients")
    __display__ = "title"
    __told__ = ("state",)
    __constraints__ = (
        # Named by hand: the name made from the columns is longer than PostgreSQL takes.
        index("disposition_id", "position_id", name="uq_correspondence_recipient", unique=True),
        check("state", "state IN ('unread', 'read', 'done', 'withdrawn')"),
    )

    disposition_id: Mapped[int] = reference(
        "correspondence_disposition.id", label=_l("Disposition"), ondelete="CASCADE"
    )
    position_id: Mapped[int] = reference("organization_position.id", label=_l("Position"))
    place: Mapped[int] = column(label=_l("Order"), default=0, server_default="0")
    state: Mapped[str] = column(
        String(20), label=_l("State"), choices=RECIPIENT_STATES, default="unread", server_default="unread"
    )
    received_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Received at"))
    finished_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Finished at"))

    disposition: Mapped[Disposition] = relationship(back_populates="recipients")
    position: Mapped[Position] = relationship(lazy="joined", innerjoin=True)

    @property
    def title(self) -> str:
        """``D-0009/2026: Kepala Bidang``."""
        return f"{self.disposition.number}: {self.position}"
