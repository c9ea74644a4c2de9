"""What the overview tells of agreements."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from addons.agreements.models.agreement import Agreement
from app.addon import card_lines, dashboard_card, db, format_date, today_here, view_of
from app.addon import lazy_gettext as _l

MOST = 8
DAYS = 90


@dashboard_card(
    "agreements.ending",
    _l("Agreements that end within 90 days"),
    "agreements.Agreement",
    icon="certificate",
    sequence=30,
)
def ending() -> tuple[str, dict[str, Any]]:
    """Agreements in force with their last day, the nearest first."""
    today, view = today_here(), view_of(Agreement)
    wanted = select(Agreement).where(
        Agreement.active, Agreement.state == "active", Agreement.ends_on.between(today, today + timedelta(days=DAYS))
    )
    found = db.session.scalars(wanted.order_by(Agreement.ends_on, Agreement.id).limit(MOST))
    lines = [(item, view.url("show", pk=item.id), format_date(item.ends_on)) for item in found]
    return card_lines(lines, none=_l("No agreement ends within 90 days."), more=view.url() if lines else None)
