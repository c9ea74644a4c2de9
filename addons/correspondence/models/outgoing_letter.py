"""Outgoing letters: written, examined, numbered when approved, sent (formats 3.3 to 3.5; SOP Kendal, step 7)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, String, Text
from sqlalchemy.orm import Mapped, relationship

from addons.correspondence.models.letter import CHANNELS, NATURES, URGENCIES, Letter
from addons.correspondence.services import outgoing_steps as steps
from addons.organization.models.holder import KINDS
from addons.organization.models.position import Position
from addons.partners.models.partner import Partner
from addons.procedures.models.joins_case import JoinsCase
from app.addon import Record, Transition, check, column, index, reference, unique
from app.addon import lazy_gettext as _l

STATES = {
    "draft": _l("Draft"),
    "review": _l("In review"),
    "approved": _l("Approved"),
    "sent": _l("Sent"),
}


class OutgoingLetter(JoinsCase, Record):
    """A letter that the institution writes; its number is taken when it is approved."""

    __title__ = _l("Outgoing letter")
    __plural__ = _l("Outgoing letters")
    __display__ = "subject"
    __constraints__ = (
        unique("number"),
        unique("agenda_number"),
        index("letter_date"),
        check("state", "state IN ('draft', 'review', 'approved', 'sent')"),
        check(
            "numbered",
            "state IN ('draft', 'review') OR (number IS NOT NULL AND agenda_number IS NOT NULL"
            " AND letter_date IS NOT NULL)",
        ),
        check("sent_on", "state <> 'sent' OR sent_on >= letter_date"),
    )
    __transitions__ = (
        Transition(
            "submit",
            _l("Give for review"),
            ("draft",),
            "review",
            guard=steps.require_class_code_of_number,
            effect=steps.clear_note,
        ),
        Transition(
            "approve",
            _l("Approve and number"),
            ("review",),
            "approved",
            guard=steps.require_complete,
            effect=steps.take_numbers,
            confirm=_l("Approve this letter? It gets its number and can no longer be changed."),
        ),
        Transition(
            "send", _l("Record the sending"), ("approved",), "sent", guard=steps.require_sending, asks=steps.SENDING
        ),
        Transition(
            "return_to_draft",
            _l("Return with a note"),
            ("review",),
            "draft",
            guard=steps.require_note,
            primary=False,
            asks=("return_note",),
        ),
    )

    number: Mapped[str | None] = column(String(120), label=_l("Letter number"))
    agenda_number: Mapped[str | None] = column(String(60), label=_l("Agenda number"))
    letter_date: Mapped[date | None] = column(
        Date, label=_l("Letter date"), help=_l("Left empty, it is the day of the approval.")
    )
    place: Mapped[str] = column(
        String(100),
        label=_l("Place"),
        help=_l("Left empty, it is taken from the letterhead."),
        required=False,
    )
    class_code: Mapped[str | None] = column(
        String(40), label=_l("Class code"), help=_l("From the classification of records; part of the number.")
    )
    nature: Mapped[str] = column(
        String(20), label=_l("Nature"), choices=NATURES, default="ordinary", server_default="ordinary"
    )
    urgency: Mapped[str] = column(
        String(20), label=_l("Urgency"), choices=URGENCIES, default="ordinary", server_default="ordinary"
    )
    enclosure: Mapped[str | None] = column(String(200), label=_l("Enclosures"))
    subject: Mapped[str] = column(String(300), label=_l("Subject"))
    reply_to_id: Mapped[int | None] = reference("correspondence_letter.id", label=_l("Replies to the letter"))
    addressee_id: Mapped[int | None] = reference("partners_partner.id", label=_l("Addressee (partner)"))
    addressee_name: Mapped[str] = column(
        String(200),
        label=_l("Addressee as written"),
        help=_l("Such as: Head of SD Contoh. Left empty, the partner's name is taken."),
        required=False,
    )
    addressee_address: Mapped[str | None] = column(
        Text, label=_l("Address of the addressee"), multiline=True, help=_l("As it stands under the name.")
    )
    body: Mapped[str] = column(Text, label=_l("Text"), multiline=True, help=_l("A blank line begins a new paragraph."))
    signing_position_id: Mapped[int] = reference("organization_position.id", label=_l("Signed by the position"))
    on_behalf_of_id: Mapped[int | None] = reference(
        "organization_position.id",
        label=_l("On behalf of (a.n.)"),
        help=_l("The position one or two steps above, when it does not sign itself."),
    )
    copies: Mapped[str | None] = column(Text, label=_l("Copies to"), multiline=True, help=_l("One addressee per line."))
    state: Mapped[str] = column(String(20), label=_l("State"), choices=STATES, default="draft", server_default="draft")
    return_note: Mapped[str | None] = column(Text, label=_l("What is to be changed"), multiline=True)
    signatory_lines: Mapped[str | None] = column(Text, label=_l("Signs as"), multiline=True)
    signatory_kind: Mapped[str | None] = column(String(20), label=_l("Signs in the capacity"), choices=KINDS)
    signatory_name: Mapped[str | None] = column(String(200), label=_l("Signatory"), personal="name")
    signatory_rank: Mapped[str | None] = column(String(100), label=_l("Rank of the signatory"))
    signatory_nip: Mapped[str | None] = column(String(30), label=_l("NIP of the signatory"), personal=True)
    sent_on: Mapped[date | None] = column(Date, label=_l("Sent on"), help=_l("Left empty, it is today."))
    channel: Mapped[str | None] = column(String(20), label=_l("Sent by"), choices=CHANNELS)
    receipt: Mapped[str | None] = column(
        String(200), label=_l("Receipt"), help=_l("Who took it, or the number of the consignment.")
    )

    reply_to: Mapped[Letter | None] = relationship()
    addressee: Mapped[Partner | None] = relationship()
    signing_position: Mapped[Position] = relationship(foreign_keys="OutgoingLetter.signing_position_id")
    on_behalf_of: Mapped[Position | None] = relationship(foreign_keys="OutgoingLetter.on_behalf_of_id")

    def keeps_personal(self) -> Any:
        """What stands on an official paper stays there."""
        if self.number is None:
            return None
        return _l("It stands under a numbered letter, which is an archive of the institution (UU 43/2009).")
