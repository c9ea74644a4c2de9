"""Rules of outgoing letters: to whom, replies, and that an approved letter says what it said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from addons.correspondence.models.letter import open_case_of
from addons.correspondence.models.outgoing_letter import OutgoingLetter
from addons.correspondence.services.outgoing_steps import require_class_code
from addons.organization.services.letterhead import letterhead_of
from addons.organization.services.signature import titles_between
from app.addon import Attachment, Conflict, Invalid, RecordService, SinergiError, current_access, current_scope
from app.addon import lazy_gettext as _l

CONTENT = (
    "letter_date", "place", "class_code", "nature", "urgency", "enclosure", "subject", "reply_to", "addressee",
    "addressee_name", "addressee_address", "body", "signing_position", "on_behalf_of", "copies", "sent_on", "channel",
)  # fmt: skip
"""What no longer changes once a letter was approved."""

APPROVED = ("approved", "sent")


def may_examine(session: Session) -> bool:
    """Whether the present person examines letters: approves them or returns them."""
    scope = current_scope(session)
    return scope.is_system or current_access().may(OutgoingLetter, "approve")


class OutgoingLetterService(RecordService):
    """Writing outgoing letters (SOP Kendal, steps 5 to 7)."""

    model = OutgoingLetter

    def check(self, record: OutgoingLetter) -> None:
        """An addressee, a case that fits the answered letter, and a position that may sign for the other."""
        errors: dict[str, list[Any]] = {}
        answered = record.reply_to
        if record.addressee is None and not record.addressee_name and answered is None:
            errors["addressee_name"] = [_l("Choose a partner or write the addressee's name.")]
        if answered is not None and record.case is not None and answered.case not in (None, record.case):
            errors["case"] = [_l("The letter belongs to another case.")]
        if errors:
            raise Invalid(_l("The letter cannot be written like this."), errors)
        if record.state not in APPROVED:
            require_class_code(record)
        if record.signing_position is not None:
            titles_between(record.signing_position, record.on_behalf_of)

    def before_create(self, record: OutgoingLetter, extra: Mapping[str, Any]) -> None:
        """Take from the answered letter and the letterhead what was left empty."""
        self._complete(record)

    def before_update(self, record: OutgoingLetter) -> None:
        """Once approved, only the receipt and the case may still be set; in review, only who examines changes."""
        attributes = inspect(record).attrs
        if any(attributes[name].history.has_changes() for name in CONTENT):
            self._require_changeable(record)
        self._complete(record)

    def _require_changeable(self, record: OutgoingLetter) -> None:
        if record.state in APPROVED:
            raise Conflict(_l("This letter was approved and can no longer be changed."), code="state_changed")
        if record.state == "review" and not may_examine(self.session):
            message = _l("This letter is being examined. To change it, have it returned to draft.")
            raise Conflict(message, code="in_review")

    def archive(self, record: OutgoingLetter) -> None:
        """A letter that was approved and not sent may be given up; its number stays in the book, marked."""
        if record.state == "sent":
            raise Conflict(_l("This letter was sent; it can no longer be archived."), code="letter_sent")
        super().archive(record)

    def check_files(self, record: OutgoingLetter, removed: Attachment | None = None) -> None:
        """An approved letter keeps its files; the signed scan may still be added."""
        if removed is not None and record.state in APPROVED:
            raise Conflict(_l("This letter was approved; its files stay with it."), code="state_changed")

    def explain(self, constraint: str, record: OutgoingLetter) -> SinergiError | None:
        """A double number comes from two sequences with one pattern, never from the person who approves."""
        if constraint not in {
            "uq_correspondence_outgoing_letter_number",
            "uq_correspondence_outgoing_letter_agenda_number",
        }:
            return None
        message = _l(
            "This number has been given before, from another sequence. Let the patterns differ, such as by {unit}."
        )
        return Conflict(message, code="number_taken")

    def _complete(self, record: OutgoingLetter) -> None:
        answered = record.reply_to
        if answered is not None and record.state in (None, "draft", "review"):
            if record.addressee is None and not record.addressee_name:
                record.addressee, record.addressee_name = answered.sender, answered.sender_name
            if record.case is None:
                record.case = open_case_of(answered)
        if not record.addressee_name and record.addressee is not None:
            record.addressee_name = record.addressee.name
        if not record.place and record.signing_position is not None:
            record.place = self._usual_place(record)

    def _usual_place(self, record: OutgoingLetter) -> str:
        letterhead = letterhead_of(record.signing_position.unit_id)
        if letterhead is None:
            message = _l("Write the place, or set up a letterhead for the unit.")
            raise Invalid(message, {"place": [message]})
        return letterhead.place
