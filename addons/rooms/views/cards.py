"""What the overview tells of rooms."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from addons.rooms.models.booking import Booking
from app.addon import card_lines, current_scope, dashboard_card, db, format_times, seen, today_here, view_of
from app.addon import lazy_gettext as _l

MOST = 10


@dashboard_card(
    "rooms.this_week", _l("Room bookings of this week"), "rooms.Booking", icon="calendar-event", sequence=40
)
def this_week() -> tuple[str, dict[str, Any]]:
    """The bookings from Monday to Sunday in the institution's own time."""
    today, scope, view = today_here(), current_scope(db.session), view_of(Booking)
    zone = ZoneInfo(scope.timezone if scope else "Asia/Jakarta")
    monday = datetime.combine(today - timedelta(days=today.weekday()), time(), zone)
    wanted = select(Booking).where(
        Booking.active,
        Booking.state != "cancelled",
        Booking.ends_at > monday,
        Booking.starts_at < monday + timedelta(7),
    )
    wanted = wanted.options(joinedload(Booking.room)).order_by(Booking.starts_at, Booking.id).limit(MOST)
    lines = [
        (f"{seen(item).room}: {item}", view.url("show", pk=item.id), format_times(item.starts_at, item.ends_at))
        for item in db.session.scalars(wanted)
    ]
    return card_lines(lines, none=_l("No room is booked this week."), more=view.url() if lines else None)
