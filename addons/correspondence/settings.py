"""What an institution decides for itself about correspondence."""

from app.addon import declare_setting
from app.addon import lazy_gettext as _l

declare_setting(
    "correspondence.blank_recipient_lines",
    "integer",
    5,
    _l("Lines for recipients on an empty disposition sheet"),
    help=_l("So many numbered lines has a sheet that is filled in by hand."),
    minimum=1,
    maximum=12,
)
