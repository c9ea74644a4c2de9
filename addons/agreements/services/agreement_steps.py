"""What the steps in an agreement's life ask for, and what they leave behind."""

from datetime import timedelta
from typing import Any

from addons.agreements.services.filed_scan import has_filed_scan, last_number
from app.addon import Conflict, Invalid, db, format_date, has_words, local, setting, today_here
from app.addon import lazy_gettext as _l


def refuse_signing(agreement: Any) -> None:
    """An agreement counts as signed when the day has come, our number (formats 3.4) and both signatories are there,
    and the scan is filed.
    """
    if agreement.signed_on is None:
        raise _missing("signed_on", _l("Record the date of signing first."))
    if agreement.signed_on > today_here():
        raise _missing("signed_on", _l("The date of signing is still to come."))
    # A signing further back from the day on which its agreement was entered is a slip of the hand.
    earliest = local(agreement.created_at).date() - timedelta(days=setting("agreements.signed_days_ago"))
    if agreement.signed_on < earliest:
        message = _l("This agreement cannot have been signed before %(day)s.", day=format_date(earliest))
        raise _missing("signed_on", message)
    refuse_incomplete(agreement)
    if not has_filed_scan(db.session(), agreement.id, agreement.reopened_after):
        raise Conflict(_l("Add the signed scan first, under “Versions”."), code="not_ready")


def refuse_incomplete(agreement: Any) -> None:
    """A paper that is signed bears our number and names who signs for both sides."""
    if not has_words(agreement.number):
        raise _missing("number", _l("Record our number of the agreement first."))
    sides = [agreement.side(role) for role in ("own", "partner")]
    if not all(side is not None and side.signatory for side in sides):
        raise Conflict(_l("Name who signs for us and for the partner first, under “Parties”."), code="not_ready")


def refuse_activation(agreement: Any) -> None:
    """An agreement is in force from its first day to its last."""
    if agreement.starts_on is None:
        raise _missing("starts_on", _l("Record the first day in force first."))
    if agreement.starts_on > today_here():
        message = _l("This agreement is in force only from %(day)s.", day=format_date(agreement.starts_on))
        raise Conflict(message, {"starts_on": [message]}, code="too_early")
    if agreement.ends_on is not None and agreement.ends_on < today_here():
        message = _l("The last day of this agreement, %(day)s, is over.", day=format_date(agreement.ends_on))
        raise Conflict(message, {"ends_on": [message]}, code="too_late")


def refuse_end(agreement: Any) -> None:
    """An agreement ends by itself only when its last day is over."""
    if agreement.ends_on is None:
        message = _l("This agreement names no last day; it can only be terminated.")
        raise Conflict(message, {"ends_on": [message]}, code="no_end")
    if agreement.ends_on >= today_here():
        message = _l(
            "This agreement is in force until %(day)s; to end it earlier, terminate it.",
            day=format_date(agreement.ends_on),
        )
        raise Conflict(message, {"ends_on": [message]}, code="too_early")


def refuse_termination(agreement: Any) -> None:
    """Whoever ends an agreement early says why."""
    if not has_words(agreement.termination_reason):
        raise _missing("termination_reason", _l("Record the reason for the early end first."))


def stamp_end(agreement: Any) -> None:
    """Keep the day on which the end was recorded."""
    agreement.ended_on = today_here()


def refuse_reopening(agreement: Any) -> None:
    """Whoever takes a signed agreement back says why."""
    if not has_words(agreement.reopen_reason):
        raise _missing("reopen_reason", _l("Say why the agreement goes back to draft."))


def supersede_scan(agreement: Any) -> None:
    """What was filed until now no longer counts: the next signing needs a scan of its own."""
    agreement.reopened_after = last_number(db.session(), agreement.id)


def _missing(column: str, message: object) -> Invalid:
    return Invalid(message, {column: [message]}, code="not_ready")
