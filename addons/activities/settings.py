"""What an institution decides for itself about activities."""

from app.addon import declare_setting
from app.addon import lazy_gettext as _l

declare_setting(
    "activities.attendance_rows",
    "integer",
    20,
    _l("Rows of an empty attendance list"),
    help=_l("So many rows has a list for signing when nobody said how many people are expected."),
    minimum=1,
    maximum=300,
)
