"""What a report must say before it goes to the head."""

from typing import Any

from app.addon import Invalid, has_words
from app.addon import lazy_gettext as _l


def refuse_empty_report(report: Any) -> None:
    """The head decides on results: a report without them is none."""
    if not has_words(report.outcome):
        message = _l("Write the results before the report goes to the head.")
        raise Invalid(message, {"outcome": [message]}, code="not_ready")
