"""Rules of dispositions: who may give one, what may be forwarded, and that a received one stays as it was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect

from addons.correspondence.models.disposition import Disposition
from addons.organization.services.holder import positions_of
from app.addon import Conflict, Invalid, RecordService, clock, current_scope, next_number, today_here
from app.addon import lazy_gettext as _l

GIVEN = ("letter", "parent", "from_position", "to_position", "instruction", "note", "due_on")
"""What was given with a disposition and no longer changes once it was received."""


class DispositionService(RecordService):
    """Giving dispositions (SOP Kendal, steps 2 and 3)."""

    model = Disposition

    def check(self, record: Disposition) -> None:
        """The receiver is another position, the due date is ahead, and a forwarded disposition is one's own."""
        errors: dict[str, list[Any]] = {}
        if record.from_position is not None and record.from_position is record.to_position:
            errors["to_position"] = [_l("A disposition goes to another position.")]
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
        if record.case is None:
            record.case = record.letter.case
        record.disposed_on = today_here()
        record.number = next_number(self.session, "correspondence.disposition", record.disposed_on)

    def before_update(self, record: Disposition) -> None:
        """Once received (or withdrawn), a disposition says what it said; only its case may still be set."""
        attributes = inspect(record).attrs
        if record.state != "unread" and any(attributes[name].history.has_changes() for name in GIVEN):
            message = _l("This disposition was received or withdrawn and can no longer be changed.")
            raise Conflict(message, code="state_changed")
        if attributes.from_position.history.has_changes():
            self._check_giver(record)

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
        return next((position for position in held if position.id == record.parent.to_position_id), None)

    def _forwarding_trouble(self, record: Disposition) -> Any:
        parent = record.parent
        if parent.id == record.id:
            return _l("A disposition cannot forward itself.")
        if record.letter is not None and parent.letter_id != record.letter.id:
            return _l("This disposition belongs to another letter.")
        if parent.state not in ("read", "done"):
            return _l("Only a disposition that was received can be forwarded.")
        if record.from_position is not None and parent.to_position_id != record.from_position.id:
            return _l("This disposition was not addressed to the position that forwards it.")
        return None


def _not_held(message: Any) -> Invalid:
    return Invalid(message, {"from_position": [message]})
