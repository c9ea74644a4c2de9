"""Rules of dispositions: who may give one, what may be forwarded, and that a received one stays as it was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import object_session

from addons.correspondence.models.disposition import Disposition, holds_position, not_the_giver
from addons.correspondence.models.disposition_recipient import DispositionRecipient
from addons.correspondence.models.letter import open_case_of
from addons.correspondence.services.giver import freeze_giver
from addons.correspondence.services.letter import take_dispositions_along
from addons.organization.services.holder import holders_of, positions_of
from app.addon import (
    Conflict,
    Invalid,
    RecordService,
    Transition,
    access_of,
    clock,
    current_access,
    current_scope,
    declare_register,
    next_number,
    today_here,
)
from app.addon import lazy_gettext as _l

NUMBER = declare_register("correspondence.disposition", _l("Dispositions"))
GIVEN = ("letter", "parent", "from_position", "to_position", "recipients", "instruction", "note", "due_on")
"""What was given with a disposition and no longer changes once it was received."""


class DispositionService(RecordService):
    """Giving dispositions (SOP Kendal, steps 2 and 3)."""

    model = Disposition

    def check(self, record: Disposition) -> None:
        """The receiver is another position, the due date is ahead, and a forwarded disposition is one's own."""
        errors: dict[str, list[Any]] = {}
        if record.from_position is not None and record.from_position is record.to_position:
            errors["to_position"] = [_l("A disposition goes to another position.")]
        self._address(record)
        if record.from_position is not None and record.from_position in record.also_to:
            errors["also_to"] = [_l("A disposition goes to another position.")]
        given_on = record.disposed_on or today_here()
        if record.due_on and record.due_on < given_on:
            errors["due_on"] = [_l("The due date lies before the disposition.")]
        if record.letter is not None and record.letter.case not in (None, record.case) and record.case is not None:
            errors["case"] = [_l("The letter belongs to another case.")]
        if record.parent is not None and (trouble := self._forwarding_trouble(record)):
            errors["parent"] = [trouble]
        if errors:
            raise Invalid(_l("The disposition cannot be given like this."), errors)

    def before_create(self, record: Disposition, extra: Mapping[str, Any]) -> None:
        """Complete giver, date and case; the number comes last."""
        self._check_giver(record)
        self._require_holders(record)
        if record.case is None:
            record.case = open_case_of(record.letter)
        self._bring_letter(record)
        record.disposed_on = today_here()
        freeze_giver(record, current_scope(self.session).user_id, record.disposed_on)
        record.number = next_number(self.session, NUMBER, record.disposed_on)

    def before_update(self, record: Disposition) -> None:
        """Only the giver changes what was given, and nobody once it was received; its case may be set all the time."""
        attributes = inspect(record).attrs
        is_given_anew = any(attributes[name].history.has_changes() for name in GIVEN)
        if is_given_anew:
            self._require_giver(record)
            if record.state != "unread":
                message = _l("This disposition was received or withdrawn and can no longer be changed.")
                raise Conflict(message, code="state_changed")
        if attributes.case.history.has_changes():
            self._bring_letter(record)
        if attributes.recipients.history.has_changes() or attributes.to_position.history.has_changes():
            self._require_holders(record)
        if attributes.from_position.history.has_changes():
            self._check_giver(record)
        # A correction by the operator leaves the block of whoever gave it.
        user_id = current_scope(self.session).user_id
        if attributes.from_position.history.has_changes() or (is_given_anew and user_id is not None):
            freeze_giver(record, user_id, today_here())

    def archive(self, record: Disposition) -> None:
        """Put away what was given by mistake; what somebody has read was an instruction and stays."""
        self._require_giver_or_administrator(record)
        if record.state not in ("unread", "withdrawn"):
            message = _l("This disposition was received; it can no longer be archived.")
            raise Conflict(message, code="state_changed")
        super().archive(record)

    def restore(self, record: Disposition) -> None:
        """Bring back what was put away: by who may put it away, and where it still fits its letter."""
        self._require_giver_or_administrator(record)
        self.check(record)
        super().restore(record)

    def _require_giver_or_administrator(self, record: Disposition) -> None:
        if not holds_position(self.session, record.from_position_id) and not _administers():
            raise not_the_giver()

    def _bring_letter(self, record: Disposition) -> None:
        # A disposition and its letter are papers of one case, whichever of them joins it first.
        if record.case is not None and record.letter.case is None:
            record.letter.case = record.case
            take_dispositions_along(record.letter)

    def _require_giver(self, record: Disposition) -> None:
        # As it was given: a new giving position does not make it the disposition of whoever holds that one.
        before = inspect(record).attrs.from_position.history.deleted
        if not holds_position(self.session, before[0].id if before else record.from_position_id):
            raise not_the_giver()

    def _address(self, record: Disposition) -> None:
        """Let the first recipient be the position the disposition is addressed to."""
        if record.to_position is None:
            return
        rows = {row.position: row for row in record.recipients}
        row = rows.pop(record.to_position, None) or DispositionRecipient(position=record.to_position)
        others = [other for other in rows.values() if other.place != 0]
        row.place = 0
        if [*record.recipients] != [row, *others]:
            record.recipients = [row, *others]

    def _require_holders(self, record: Disposition) -> None:
        """Refuse a recipient that nobody would read it for."""
        errors: dict[str, list[Any]] = {}
        for row in record.recipients:
            if trouble := _unread_because(row.position):
                errors.setdefault("to_position" if row.place == 0 else "also_to", []).append(trouble)
        if errors:
            raise Invalid(_l("The disposition cannot be given like this."), errors)

    def _check_giver(self, record: Disposition) -> None:
        scope = current_scope(self.session)
        if scope.is_system and record.from_position is not None:
            return
        held = positions_of(scope.user_id, clock.today(scope.timezone)) if scope.user_id else []
        if record.from_position is None and held:
            record.from_position = self._giver_of_parent(record, held) or held[0]
            self.check(record)
        if record.from_position is None:
            raise _not_held(_l("You hold no position, so you cannot give a disposition."))
        if not scope.is_system and all(position.id != record.from_position.id for position in held):
            raise _not_held(_l("You do not hold this position."))

    def _giver_of_parent(self, record: Disposition, held: list[Any]) -> Any:
        if record.parent is None:
            return None
        received = {row.position_id for row in record.parent.recipients}
        return next((position for position in held if position.id in received), None)

    def _forwarding_trouble(self, record: Disposition) -> Any:
        parent = record.parent
        if parent.id == record.id:
            return _l("A disposition cannot forward itself.")
        if record.letter is not None and parent.letter_id != record.letter.id:
            return _l("This disposition belongs to another letter.")
        if parent.state not in ("read", "done"):
            return _l("Only a disposition that was received can be forwarded.")
        if record.from_position is None:
            return None
        states = {row.state for row in parent.recipients if row.position_id == record.from_position.id}
        if not states:
            return _l("This disposition was not addressed to the position that forwards it.")
        if not states & {"read", "done"}:
            return _l("Only a disposition that was received can be forwarded.")
        return None


def _unread_because(position: Any) -> Any:
    """Why nobody would read what is given to ``position`` today, or None."""
    holders = holders_of(position.id, today_here())
    if not holders:
        return _l(
            "Nobody holds the position %(position)s today. Enter a holder, or choose another position.",
            position=position,
        )
    if not any(access_of(holder.user_id).may(Disposition, "receive") for holder in holders):
        return _l(
            "Who holds the position %(position)s may not receive dispositions. Give the position a role that may, or "
            "choose another position.",
            position=position,
        )
    return None


def _administers() -> bool:
    access = current_access()
    return access.is_platform or "kernel.administrator" in access.roles


def _not_held(message: Any) -> Invalid:
    return Invalid(message, {"from_position": [message]})


@dataclass(frozen=True, slots=True)
class Branch:
    """A disposition in the tree, and those that forward it."""

    disposition: Disposition
    forwarded: list[Branch]


def tree_of(disposition: Disposition) -> Branch:
    """The tree of dispositions on the letter to which ``disposition`` belongs, from the first one that the present
    person may see.
    """
    session = object_session(disposition)
    statement = select(Disposition).where(Disposition.letter_id == disposition.letter_id, Disposition.active)
    found = list(session.scalars(statement.order_by(Disposition.id)))
    known = {item.id: item for item in (*found, disposition)}
    root, seen = disposition, {disposition.id}
    while root.parent_id in known and root.parent_id not in seen:
        root = known[root.parent_id]
        seen.add(root.id)
    return _branch(root, list(known.values()), set())


def _branch(disposition: Disposition, everything: list[Disposition], seen: set[int]) -> Branch:
    seen.add(disposition.id)
    below = [item for item in everything if item.parent_id == disposition.id and item.id not in seen]
    return Branch(disposition, [_branch(item, everything, seen) for item in below])


def may_step(disposition: Disposition, step: Transition) -> bool:
    """Whether the present person could take ``step`` now."""
    if step.guard is None:
        return True
    try:
        step.guard(disposition)
    except Conflict:
        return False
    return True
