"""The confirmation of what was read with doubt or added by us."""

from collections.abc import Mapping
from typing import Any

from addons.procedures.models.confirmation import Confirmation
from addons.procedures.models.procedure import Procedure
from addons.procedures.services.confirmed_place import place_of
from app.addon import Conflict, RecordService, clock, current_scope, read_text
from app.addon import lazy_gettext as _l

LONGEST_VALUE = 2000
OVER = ("superseded", "withdrawn")
"""States of versions on whose paper nobody works any more."""


class ConfirmationService(RecordService):
    """Clearing "perlu konfirmasi": by somebody with the right, with the value that holds, once."""

    model = Confirmation

    def confirm(self, confirmation: Confirmation, value: Any) -> Confirmation:
        """Set the confirmed value where it belongs and note who confirmed it. Raises `Invalid` for a value that does
        not fit.
        """
        value = read_text(value, "value", longest=LONGEST_VALUE)
        if confirmation.procedure.state in OVER:
            message = _l("This version is over. Confirm the value in the one that is in force.")
            raise Conflict(message, code="version_over")
        with self.saving(confirmation):
            self.transition(confirmation, "confirm")
            put_in_place(confirmation, value or "")
            scope = current_scope(self.session)
            # As it was written: "besok" is another day for whoever carries it over into the next edition.
            confirmation.confirmed_value = current_value(confirmation) or value
            confirmation.confirmed_at = clock.now()
            confirmation.confirmed_by_id = scope.user_id if scope else None
        return confirmation

    def act(self, confirmation: Confirmation, name: str, values: Mapping[str, Any]) -> Confirmation:
        """Confirm with ``{"value": …}``, from the API."""
        self.find_transition(name)
        value = values.get("value")
        return self.confirm(confirmation, str(value) if isinstance(value, int) else value)


def put_in_place(confirmation: Confirmation, text: str) -> None:
    """Write the confirmed value where it belongs; values that are only told about have no place of their own."""
    place = place_of(confirmation)
    if place is not None:
        place.write(text)


def carry_over(old: Procedure, new: Procedure, *, with_values: bool = True) -> None:
    """Take over into the ``new`` edition what was confirmed in the ``old`` one, wherever the doubt is still there;
    without the values where these were taken over already.
    """
    confirmed = {_doubt(item): item for item in old.confirmations if item.state == "confirmed"}
    for confirmation in new.confirmations:
        before = confirmed.get(_doubt(confirmation))
        if before is not None and before.literal == confirmation.literal:
            if with_values:
                put_in_place(confirmation, before.confirmed_value or "")
            for name in ("state", "confirmed_value", "confirmed_at", "confirmed_by_id"):
                setattr(confirmation, name, getattr(before, name))


def _doubt(confirmation: Confirmation) -> tuple[str | None, str]:
    return (confirmation.step.key if confirmation.step else None, confirmation.field)


def current_value(confirmation: Confirmation) -> str | None:
    """What now stands where the confirmed value will go, to begin with when confirming; None where it has no place."""
    place = place_of(confirmation)
    return None if place is None else place.value
