"""Rules of incoming letters: dates that hold, a sender, a gapless agenda number, the case that a letter opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect, select

from addons.correspondence.models.disposition import Disposition
from addons.correspondence.models.letter import Letter
from addons.procedures.services.case import open_case
from app.addon import (
    Conflict,
    Invalid,
    RecordService,
    SinergiError,
    as_system,
    current_access,
    current_scope,
    db,
    declare_register,
    next_number,
    today_here,
)
from app.addon import lazy_gettext as _l

AGENDA = declare_register("correspondence.incoming", _l("Agenda book, incoming"))

IDENTITY = ("agenda_number", "received_on", "letter_number", "letter_date", "sender", "sender_name", "subject")
"""By which a letter is known; the dispositions on it and its case rest on that."""


class LetterService(RecordService):
    """Registering incoming letters (SOP Kendal, step 1)."""

    model = Letter

    def check(self, record: Letter) -> None:
        """Dates not in the wrong order, a sender, and one way at most to a case."""
        errors: dict[str, list[Any]] = {}
        today = today_here()
        if record.received_on and record.received_on > today:
            errors["received_on"] = [_l("A letter cannot be received in the future.")]
        if record.letter_date and record.received_on and record.letter_date > record.received_on:
            errors["letter_date"] = [_l("A letter cannot be dated after the day it was received.")]
        if record.sender is None and not record.sender_name:
            errors["sender_name"] = [_l("Choose a partner or write the sender's name.")]
        if not record.id and record.procedure is not None and record.case is not None:
            errors["procedure"] = [_l("The letter joins a case already; leave the procedure empty.")]
        if errors:
            raise Invalid(_l("The letter cannot be registered like this."), errors)

    def before_create(self, record: Letter, extra: Mapping[str, Any]) -> None:
        """Complete the sender and, last, take the agenda number of the year in which the letter was received."""
        self._complete_sender(record)
        record.agenda_number = next_number(self.session, AGENDA, record.received_on)

    def after_create(self, record: Letter, extra: Mapping[str, Any]) -> None:
        """Open the case that was asked for."""
        if record.procedure is not None and record.case is None:
            record.case = open_case(record.procedure, title=record.subject, partner=record.sender, origin="letter")

    def before_update(self, record: Letter) -> None:
        """Keep the agenda number true: it belongs to the year of receipt. What joins a case brings its dispositions."""
        self._complete_sender(record)
        self._keep_identity(record)
        self._take_dispositions_along(record)
        before = inspect(record).attrs.received_on.history.deleted
        if before and before[0].year != record.received_on.year:
            words = {"number": record.agenda_number, "year": before[0].year}
            message = _l("Agenda number %(number)s belongs to %(year)d.", **words)
            raise Invalid(message, {"received_on": [message]})

    def archive(self, record: Letter) -> None:
        """A letter registered by mistake may be put away, as long as nothing was done with it."""
        if record.procedure_id is not None and record.case is not None:
            message = _l("This letter opened case %(number)s; it can no longer be archived.", number=record.case.number)
            raise Conflict(message, code="letter_in_use")
        if self._was_disposed(record):
            message = _l("There are dispositions on this letter. Withdraw or archive them first.")
            raise Conflict(message, code="letter_in_use")
        super().archive(record)

    def _keep_identity(self, record: Letter) -> None:
        attributes = inspect(record).attrs
        scope = current_scope(self.session)
        if scope.is_system or not any(attributes[name].history.has_changes() for name in IDENTITY):
            return
        if record.case is not None and record.case.state != "open":
            words = {"number": record.case.number}
            message = _l("Case %(number)s is closed; who sent the letter, when and about what stays.", **words)
            raise Conflict(message, code="case_closed")
        if not current_access().may(Letter, "archive") and self._was_disposed(record):
            message = _l("This letter was disposed. Only who may archive letters corrects its sender, number or dates.")
            raise Conflict(message, code="letter_in_use")

    def _was_disposed(self, record: Letter) -> bool:
        statement = select(Disposition.id).where(
            Disposition.letter_id == record.id, Disposition.active, Disposition.state != "withdrawn"
        )
        with as_system(self.session, "what was disposed stays as it was read, whoever may read the dispositions"):
            return self.session.scalar(statement.limit(1)) is not None

    def explain(self, constraint: str, record: Letter) -> SinergiError | None:
        """A double agenda number comes from a pattern without its period, never from the person who registers."""
        if constraint != "uq_correspondence_letter_agenda_number":
            return None
        message = _l("This agenda number has been given before. The pattern of the sequence must name the year.")
        return Conflict(message, code="agenda_number_taken")

    def _take_dispositions_along(self, record: Letter) -> None:
        if inspect(record).attrs.case.history.has_changes():
            take_dispositions_along(record)

    def _complete_sender(self, record: Letter) -> None:
        if not record.sender_name and record.sender is not None:
            record.sender_name = record.sender.name


def take_dispositions_along(letter: Letter) -> None:
    """Let the dispositions on ``letter`` join its case: often a letter is disposed first and becomes a case later.

    Raises `Invalid` when one of them belongs to another case.
    """
    session = db.session()
    with as_system(session, "a letter's dispositions join its case, whoever may read them"):
        found = session.scalars(select(Disposition).where(Disposition.letter_id == letter.id, Disposition.active)).all()
        for disposition in found:
            if disposition.case not in (None, letter.case):
                words = {"number": disposition.number, "case": disposition.case.number}
                message = _l("Disposition %(number)s on this letter belongs to case %(case)s.", **words)
                raise Invalid(message, {"case": [message]})
            disposition.case = letter.case
