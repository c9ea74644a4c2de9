"""Dispositions: what a superior wants done with a letter (sheet layout: formats 3.2)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, object_session, relationship

from addons.correspondence.models.disposition_recipient import RECIPIENT_STATES, DispositionRecipient
from addons.correspondence.models.letter import Letter
from addons.organization.models.position import Position
from addons.organization.services.holder import positions_of
from addons.procedures.models.joins_case import JoinsCase
from app.addon import Conflict, Links, Record, Transition, check, clock, column, current_scope, index, reference, unique
from app.addon import lazy_gettext as _l

INSTRUCTIONS = {
    "opinion": _l("Give opinion and advice"),
    "process": _l("Process further"),
    "coordinate": _l("Coordinate or confirm"),
    "attend": _l("Attend"),
    "represent": _l("Represent me"),
    "answer": _l("Prepare an answer"),
    "discuss": _l("Discuss with me"),
    "inform": _l("For information"),
    "file": _l("Keep on file"),
}

STATES = RECIPIENT_STATES


def own_rows(disposition: Disposition, *states: str) -> list[DispositionRecipient]:
    """The recipients of ``disposition`` in one of ``states`` whose position the present person holds today."""
    scope = current_scope(object_session(disposition))
    held = None if scope.is_system else {item.id for item in positions_of(scope.user_id, clock.today(scope.timezone))}
    return [row for row in disposition.recipients if row.state in states and (held is None or row.position_id in held)]


def require_unread(disposition: Disposition) -> None:
    """Only who holds a receiving position today may receive (SOP Kendal, step 3)."""
    _require_receiver(disposition, "unread")


def require_read(disposition: Disposition) -> None:
    """Only who holds a receiving position today, and has read it, may finish."""
    _require_receiver(disposition, "read")


def _require_receiver(disposition: Disposition, state: str) -> None:
    if own_rows(disposition, state):
        return
    if own_rows(disposition, *RECIPIENT_STATES):
        raise Conflict(_l("This is no longer possible: the state has changed."), code="state_changed")
    raise Conflict(_l("Only a holder of the receiving position can do this."), code="not_the_receiver")


def holds_position(session: Session, position_id: int | None) -> bool:
    """Whether the present person holds that position today; the system may act for any."""
    scope = current_scope(session)
    return scope.is_system or any(
        position.id == position_id for position in positions_of(scope.user_id, clock.today(scope.timezone))
    )


def not_the_giver() -> Conflict:
    """The answer to whoever does what only the giver may."""
    return Conflict(_l("Only a holder of the position that gave the disposition can do this."), code="not_the_giver")


def require_giver(disposition: Disposition) -> None:
    """Only who holds the position that gave a disposition may take it back, where it is still unread."""
    if not holds_position(object_session(disposition), disposition.from_position_id):
        raise not_the_giver()
    if all(row.state != "unread" for row in disposition.recipients):
        raise Conflict(_l("Every recipient has read this disposition; it cannot be withdrawn."), code="state_changed")


def stamp_receipt(disposition: Disposition) -> None:
    """Note when the disposition was received, and where."""
    moment = clock.now()
    for row in own_rows(disposition, "unread"):
        row.state, row.received_at = "read", moment
    disposition.received_at = disposition.received_at or moment
    disposition.state = common_state(disposition)


def stamp_end(disposition: Disposition) -> None:
    """Note when the disposition was carried out, and where; it is done when every recipient is."""
    moment = clock.now()
    for row in own_rows(disposition, "read"):
        row.state, row.finished_at = "done", moment
    disposition.state = common_state(disposition)
    if disposition.state == "done":
        disposition.finished_at = moment


def withdraw_unread(disposition: Disposition) -> None:
    """Take the disposition back from those who have not read it."""
    for row in disposition.recipients:
        if row.state == "unread":
            row.state = "withdrawn"
    disposition.state = common_state(disposition)
    if disposition.state == "done":
        disposition.finished_at = max(row.finished_at for row in disposition.recipients if row.finished_at is not None)


def common_state(disposition: Disposition) -> str:
    """What the states of the recipients come to: read as soon as one has read, done when all are done."""
    states = {row.state for row in disposition.recipients} - {"withdrawn"}
    if not states:
        return "withdrawn"
    if states == {"unread"} or states == {"done"}:
        return states.pop()
    return "read"


def _others(disposition: Disposition) -> list[Position]:
    return [row.position for row in disposition.recipients if row.position is not disposition.to_position]


def _set_others(disposition: Disposition, positions: list[Position]) -> None:
    kept = [row for row in disposition.recipients if row.position in positions or row.place == 0]
    present = [row.position for row in kept]
    new = [position for position in positions if position not in present]
    begin = max((row.place for row in kept), default=0) + 1
    rows = [DispositionRecipient(position=item, place=begin + place) for place, item in enumerate(new)]
    disposition.recipients = [*kept, *rows]


class Disposition(JoinsCase, Record):
    """An instruction on a letter, from one position to others; forwarding makes a disposition under its parent.

    ``state`` says what the states of all recipients come to.
    """

    __title__ = _l("Disposition")
    __plural__ = _l("Dispositions")
    __display__ = "number"
    __steps_after_case__ = ("receive", "finish", "withdraw")
    __void_states__ = ("withdrawn",)
    __constraints__ = (
        unique("number"),
        index("disposed_on"),
        check("other_position", "from_position_id <> to_position_id"),
        check("due_on", "due_on IS NULL OR due_on >= disposed_on"),
    )
    __transitions__ = (
        Transition("receive", _l("Receive"), ("unread", "read"), "read", guard=require_unread, effect=stamp_receipt),
        Transition("finish", _l("Finish"), ("read",), "done", guard=require_read, effect=stamp_end),
        Transition(
            "withdraw",
            _l("Withdraw"),
            ("unread", "read"),
            "withdrawn",
            guard=require_giver,
            effect=withdraw_unread,
            confirm=_l("Withdraw this disposition? Who has not read it will no longer see it as work to do."),
            primary=False,
        ),
    )

    number: Mapped[str] = column(String(60), label=_l("Disposition number"), required=False)
    disposed_on: Mapped[date] = column(Date, label=_l("Disposed on"), required=False)
    letter_id: Mapped[int] = reference("correspondence_letter.id", label=_l("Letter"))
    parent_id: Mapped[int | None] = reference(
        "correspondence_disposition.id",
        label=_l("Forwards the disposition"),
        help=_l("When you pass on a disposition that you received."),
    )
    from_position_id: Mapped[int] = reference(
        "organization_position.id",
        label=_l("From position"),
        help=_l("A position that you hold. Left empty, your first one is taken."),
        required=False,
    )
    to_position_id: Mapped[int] = reference("organization_position.id", label=_l("To position"))
    instruction: Mapped[list[str]] = column(JSONB, label=_l("Instructions"), choices=INSTRUCTIONS)
    note: Mapped[str | None] = column(Text, label=_l("Note"), multiline=True)
    due_on: Mapped[date | None] = column(Date, label=_l("Due on"))
    state: Mapped[str] = column(
        String(20), label=_l("State"), choices=STATES, default="unread", server_default="unread"
    )
    received_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Received at"))
    finished_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Finished at"))
    signatory_lines: Mapped[str | None] = column(Text, label=_l("Signs as"), multiline=True)
    signatory_name: Mapped[str | None] = column(String(200), label=_l("Signatory"), personal="name")
    signatory_rank: Mapped[str | None] = column(String(100), label=_l("Rank of the signatory"))
    signatory_nip: Mapped[str | None] = column(String(30), label=_l("NIP of the signatory"), personal=True)

    letter: Mapped[Letter] = relationship()
    parent: Mapped[Disposition | None] = relationship(remote_side="Disposition.id")
    from_position: Mapped[Position] = relationship(foreign_keys="Disposition.from_position_id")
    to_position: Mapped[Position] = relationship(foreign_keys="Disposition.to_position_id")
    recipients: Mapped[list[DispositionRecipient]] = relationship(
        back_populates="disposition",
        order_by="DispositionRecipient.place",
        cascade="all, delete-orphan",
        lazy="selectin",
    )
    also_to = Links(
        _others,
        _set_others,
        target=Position,
        label=_l("Also to"),
        help=_l("Further positions that receive the same disposition."),
    )

    def keeps_personal(self) -> Any:
        """What stands on an official paper stays there."""
        return _l("It stands on a disposition sheet, which is an archive of the institution (UU 43/2009).")
