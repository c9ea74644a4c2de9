"""What an institution decides for itself about agreements."""

from app.addon import declare_setting
from app.addon import lazy_gettext as _l

declare_setting(
    "agreements.signed_days_ago",
    "integer",
    365,
    _l("Signing dates reach back (days)"),
    help=_l("A date of signing further back from the day on which the agreement was entered is refused."),
    minimum=0,
    maximum=36500,
)
