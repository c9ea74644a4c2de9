"""What has to be there before a plan counts as coordinated."""

from typing import Any

from app.addon import Conflict, Invalid, has_words
from app.addon import lazy_gettext as _l


def refuse_uncoordinated(plan: Any) -> None:
    """PR.28.3 coordinates with partner and internal units; what came of it is written down."""
    sides = [item for item in plan.participants if item.active]
    if not any(item.partner_id for item in sides):
        raise Conflict(_l("Enter the partner among the participants first."), code="no_partner")
    if not any(item.unit_id for item in sides):
        raise Conflict(_l("Enter the internal units concerned among the participants first."), code="no_unit")
    if not has_words(plan.minutes):
        message = _l("Write the minutes first.")
        raise Invalid(message, {"minutes": [message]}, code="not_ready")
