"""What an institution decides for itself about rooms."""

from datetime import timedelta

from app.addon import declare_setting
from app.addon import lazy_gettext as _l

declare_setting(
    "rooms.opens_at",
    "time",
    None,
    _l("Rooms open at"),
    help=_l("Bookings that begin earlier are refused. Empty: at any hour."),
)
declare_setting(
    "rooms.closes_at",
    "time",
    None,
    _l("Rooms close at"),
    help=_l("Bookings that end later are refused. Empty: at any hour."),
)
declare_setting(
    "rooms.longest_booking",
    "duration",
    None,
    _l("Longest booking"),
    help=_l("Longer bookings are refused. Empty: as long as one likes."),
    minimum=timedelta(minutes=15),
    maximum=timedelta(days=31),
)
