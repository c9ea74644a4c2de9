"""What has to be said when a case ends before its time, or begins again."""

from typing import Any

from app.addon import Invalid, has_words
from app.addon import lazy_gettext as _l


def refuse_cancelling(case: Any) -> None:
    """Whoever cancels a case says why."""
    if not has_words(case.cancel_reason):
        message = _l("Say why the case is cancelled.")
        raise Invalid(message, {"cancel_reason": [message]})


def refuse_reopening(case: Any) -> None:
    """Whoever opens a case again says why."""
    if not has_words(case.reopen_reason):
        message = _l("Say why the case is opened again.")
        raise Invalid(message, {"reopen_reason": [message]})
