"""What an institution decides for itself about requests and reminders."""

from datetime import timedelta

from addons.organization.services.working_calendar import CALENDAR_DAYS, ROUND_THE_CLOCK, WORKING_DAYS
from app.addon import declare_setting
from app.addon import lazy_gettext as _l

declare_setting(
    "procedures.day_kind",
    "choice",
    WORKING_DAYS,
    _l("Days of service promises"),
    help=_l("How a promise in days is counted that does not say so itself."),
    choices={
        WORKING_DAYS: _l("Working days"),
        CALENDAR_DAYS: _l("Calendar days, to the end of the last one"),
        ROUND_THE_CLOCK: _l("24 hours each"),
    },
)
declare_setting(
    "procedures.escalate_after",
    "duration",
    timedelta(hours=1),
    _l("The superior is told after"),
    help=_l("So long after the limit, in office hours. Empty: the superior is not told."),
    minimum=timedelta(0),
    maximum=timedelta(days=30),
    may_be_empty=True,
)
declare_setting(
    "procedures.reminds_by_mail",
    "boolean",
    True,
    _l("Reminders also go by mail"),
    help=_l("Otherwise they stand under the bell only."),
)
