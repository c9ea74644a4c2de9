"""Incoming letters, as the agenda book of incoming letters holds them (formats 3.3)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.partners.models.partner import Partner
from addons.procedures.models.case import Case
from addons.procedures.models.joins_case import JoinsCase
from addons.procedures.models.procedure import Procedure
from addons.procedures.models.request import Request
from app.addon import Record, check, column, index, reference, today_here, unique
from app.addon import lazy_gettext as _l

NATURES = {
    "ordinary": _l("Ordinary"),
    "limited": _l("Limited"),
    "secret": _l("Secret"),
    "top_secret": _l("Top secret"),
}
URGENCIES = {
    "ordinary": _l("Ordinary"),
    "urgent": _l("Urgent"),
    "very_urgent": _l("Very urgent"),
}

CHANNELS = {
    "in_person": _l("Delivered in person"),
    "post": _l("Post or courier"),
    "email": _l("E-mail"),
    "message": _l("Instant message"),
    "application": _l("Correspondence application"),
}


class Letter(JoinsCase, Record):
    """A letter that was received and entered in the agenda.

    ``__case_reference__`` names the column by which other addons may cite the case's papers, as the room-use book does.
    """

    __title__ = _l("Incoming letter")
    __plural__ = _l("Incoming letters")
    __display__ = "subject"
    __case_reference__ = "letter_number"
    __constraints__ = (
        unique("agenda_number"),
        index("received_on"),
        check("letter_date", "letter_date IS NULL OR letter_date <= received_on"),
    )

    agenda_number: Mapped[str] = column(String(60), label=_l("Agenda number"), required=False)
    received_on: Mapped[date] = column(Date, label=_l("Received on"), default=today_here)
    letter_number: Mapped[str | None] = column(String(100), label=_l("Letter number"))
    letter_date: Mapped[date | None] = column(Date, label=_l("Letter date"))
    sender_id: Mapped[int | None] = reference("partners_partner.id", label=_l("Sender (partner)"))
    sender_name: Mapped[str] = column(
        String(200),
        label=_l("Sender as written"),
        help=_l("As it stands on the letter. Left empty, the partner's name is taken."),
        required=False,
    )
    subject: Mapped[str] = column(String(300), label=_l("Subject"))
    nature: Mapped[str] = column(
        String(20), label=_l("Nature"), choices=NATURES, default="ordinary", server_default="ordinary"
    )
    urgency: Mapped[str] = column(
        String(20), label=_l("Urgency"), choices=URGENCIES, default="ordinary", server_default="ordinary"
    )
    channel: Mapped[str | None] = column(String(20), label=_l("Received by"), choices=CHANNELS)
    enclosure: Mapped[str | None] = column(String(200), label=_l("Enclosures"))
    note: Mapped[str | None] = column(Text, label=_l("Note"), multiline=True)
    procedure_id: Mapped[int | None] = reference(
        "procedures_procedure.id",
        label=_l("Open a case under procedure"),
        help=_l("Opens a new case with this letter. Leave it empty when the letter belongs to a case already."),
    )

    request_id: Mapped[int | None] = reference("procedures_request.id", label=_l("Service request"))

    sender: Mapped[Partner | None] = relationship()
    request: Mapped[Request | None] = relationship()
    procedure: Mapped[Procedure | None] = relationship()


def open_case_of(letter: Letter) -> Case | None:
    """The case that papers about ``letter`` join by themselves: nothing joins one that is closed."""
    return letter.case if letter.case is not None and letter.case.state == "open" else None
