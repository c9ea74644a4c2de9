"""The confirmation of what was read with doubt or added by us."""

from collections.abc import Mapping
from typing import Any

from addons.procedures.models.confirmation import Confirmation
from addons.procedures.models.procedure import Procedure
from addons.procedures.models.procedure_executor import ProcedureExecutor
from app.addon import Invalid, RecordService, clock, current_scope, read_text
from app.addon import lazy_gettext as _l

LONGEST_STEP = 60_000
"""The longest standard time that is believed, in minutes."""
LONGEST_VALUE = 2000


class ConfirmationService(RecordService):
    """Clearing "perlu konfirmasi": by somebody with the right, with the value that holds, once."""

    model = Confirmation

    def confirm(self, confirmation: Confirmation, value: Any) -> Confirmation:
        """Set the confirmed value where it belongs and note who confirmed it. Raises `Invalid` for a value that does
        not fit.
        """
        value = read_text(value, "value", longest=LONGEST_VALUE)
        with self.saving(confirmation):
            self.transition(confirmation, "confirm")
            put_in_place(confirmation, value or "")
            scope = current_scope(self.session)
            confirmation.confirmed_value = value
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
    step, field = confirmation.step, confirmation.field
    if step is not None and field == "standard_minutes":
        step.standard_minutes = _minutes(text)
    elif step is not None and field == "executor":
        step.executor = _executor_called(confirmation.procedure, text)
    elif step is not None and field in {"activity", "remark"} and text:
        setattr(step, field, text)
    elif field.startswith("identity."):
        key = field.removeprefix("identity.")
        confirmation.procedure.identity = {**confirmation.procedure.identity, key: text or None}


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


def _executor_called(procedure: Procedure, name: str) -> ProcedureExecutor:
    for executor in procedure.executors:
        if name.casefold() in {executor.name.casefold(), executor.key}:
            return executor
    message = _l("The procedure has no executor of this name.")
    raise Invalid(message, {"value": [message]})


def current_value(confirmation: Confirmation) -> str:
    """What now stands where the confirmed value will go, to begin with when confirming."""
    step, field = confirmation.step, confirmation.field
    if step is not None and field in {"standard_minutes", "activity", "remark"}:
        value = getattr(step, field)
    elif step is not None and field == "executor":
        value = step.executor.name
    elif field.startswith("identity."):
        value = confirmation.procedure.identity.get(field.removeprefix("identity."))
    else:
        value = confirmation.literal
    return "" if value is None or isinstance(value, (list, dict)) else str(value)


def _minutes(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) <= LONGEST_STEP:
        message = _l("The standard time is a whole number of minutes, or empty when it is not set.")
        raise Invalid(message, {"value": [message]})
    return int(text)
