"""Dispositions: what a superior wants done with a letter (sheet layout: formats 3.2)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, DateTime, String, Text
from sqlalchemy.orm import Mapped, object_session, relationship

from addons.correspondence.models.letter import Letter
from addons.organization.models.position import Position
from addons.organization.services.holder import positions_of
from addons.procedures.models.joins_case import JoinsCase
from app.addon import Conflict, Record, Transition, check, clock, column, current_scope, index, reference, unique
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

STATES = {
    "unread": _l("Unread"),
    "read": _l("Read"),
    "done": _l("Done"),
    "withdrawn": _l("Withdrawn"),
}


def require_receiver(disposition: Disposition) -> None:
    """Only who holds the receiving position today may receive and finish (SOP Kendal, step 3)."""
    if not _acts_as(disposition, disposition.to_position_id):
        raise Conflict(_l("Only a holder of the receiving position can do this."), code="not_the_receiver")


def require_giver(disposition: Disposition) -> None:
    """Only who holds the position that gave a disposition may take it back."""
    if not _acts_as(disposition, disposition.from_position_id):
        raise Conflict(_l("Only a holder of the position that gave the disposition can do this."), code="not_the_giver")


def _acts_as(disposition: Disposition, position_id: int) -> bool:
    scope = current_scope(object_session(disposition))
    if scope.is_system:
        return True
    held = positions_of(scope.user_id, clock.today(scope.timezone))
    return any(position.id == position_id for position in held)


def stamp_receipt(disposition: Disposition) -> None:
    """Note when the disposition was received."""
    disposition.received_at = clock.now()


def stamp_end(disposition: Disposition) -> None:
    """Note when the disposition was carried out."""
    disposition.finished_at = clock.now()


class Disposition(JoinsCase, Record):
    """An instruction on a letter, from one position to another; forwarding makes a disposition under its parent."""

    __title__ = _l("Disposition")
    __plural__ = _l("Dispositions")
    __display__ = "number"
    __constraints__ = (
        unique("number"),
        index("disposed_on"),
        check("other_position", "from_position_id <> to_position_id"),
        check("due_on", "due_on IS NULL OR due_on >= disposed_on"),
    )
    __transitions__ = (
        Transition("receive", _l("Receive"), ("unread",), "read", guard=require_receiver, effect=stamp_receipt),
        Transition("finish", _l("Finish"), ("read",), "done", guard=require_receiver, effect=stamp_end),
        Transition(
            "withdraw",
            _l("Withdraw"),
            ("unread",),
            "withdrawn",
            guard=require_giver,
            confirm=_l("Withdraw this disposition? The receiver will no longer see it as work to do."),
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
    instruction: Mapped[str] = column(String(20), label=_l("Instruction"), choices=INSTRUCTIONS)
    note: Mapped[str | None] = column(Text, label=_l("Note"), multiline=True)
    due_on: Mapped[date | None] = column(Date, label=_l("Due on"))
    state: Mapped[str] = column(
        String(20), label=_l("State"), choices=STATES, default="unread", server_default="unread"
    )
    received_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Received at"))
    finished_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Finished at"))

    letter: Mapped[Letter] = relationship()
    parent: Mapped[Disposition | None] = relationship(remote_side="Disposition.id")
    from_position: Mapped[Position] = relationship(foreign_keys="Disposition.from_position_id")
    to_position: Mapped[Position] = relationship(foreign_keys="Disposition.to_position_id")
