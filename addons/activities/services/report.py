"""Rules of reports: only what was held is reported, once, and the report moves its activity on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect

from addons.activities.models.activity import Activity, first_day
from addons.activities.models.report import Report
from app.addon import (
    Attachment,
    Conflict,
    Invalid,
    RecordService,
    SinergiError,
    as_system,
    service_of,
    today_here,
)
from app.addon import lazy_gettext as _l


class ReportService(RecordService):
    """Reporting on activities (SOP Kendal, output of step 10)."""

    model = Report

    def check(self, record: Report) -> None:
        """Numbers and dates that can be true."""
        errors: dict[str, list[Any]] = {}
        if record.participants_count is not None and record.participants_count < 0:
            errors["participants_count"] = [_l("The number cannot be negative.")]
        if record.reported_on and record.reported_on > today_here():
            errors["reported_on"] = [_l("A report cannot be dated in the future.")]
        elif record.reported_on and record.activity is not None and record.reported_on < first_day(record.activity):
            errors["reported_on"] = [_l("A report cannot be dated before its activity.")]
        if record.activity is not None and record.case is not None and record.activity.case not in (None, record.case):
            errors["case"] = [_l("The activity belongs to another case.")]
        if errors:
            raise Invalid(_l("The report cannot be saved like this."), errors)

    def before_create(self, record: Report, extra: Mapping[str, Any]) -> None:
        """Refuse a report on what was not held; take case, title, date and number where nothing else was said."""
        _require_open_case(record.activity)
        if record.activity.state not in ("held", "reported"):
            message = _l("Only an activity that was held can be reported.")
            raise Invalid(message, {"activity": [message]}, code="activity_not_held")
        if record.case is None:
            record.case = record.activity.case
        record.title = record.title or record.activity.title
        record.reported_on = record.reported_on or today_here()
        if record.participants_count is None:
            record.participants_count = record.activity.present

    def after_create(self, record: Report, extra: Mapping[str, Any]) -> None:
        """The activity is reported now."""
        if record.activity.state == "held":
            with as_system(self.session, "a report moves its activity on, whoever may change the activity"):
                service_of(Activity).transition(record.activity, "report")

    def before_update(self, record: Report) -> None:
        """A report stays with its activity, and as it was when the case of its activity was closed."""
        _require_open_case(record.activity)
        if inspect(record).attrs.activity.history.has_changes():
            message = _l("A report stays with its activity; archive it and write a new one.")
            raise Invalid(message, {"activity": [message]})

    def archive(self, record: Report) -> None:
        """Withdraw a report, while the case of its activity is open."""
        _require_open_case(record.activity)
        super().archive(record)

    def restore(self, record: Report) -> None:
        """Bring a report back, while the case of its activity is open."""
        _require_open_case(record.activity)
        super().restore(record)

    def check_files(self, record: Report, removed: Attachment | None = None) -> None:
        """The files of a report close with the case of its activity."""
        _require_open_case(record.activity)

    def explain(self, constraint: str, record: Report) -> SinergiError | None:
        """Each activity has one report."""
        if constraint != "uq_activities_report_activity_id_active":
            return None
        message = _l("This activity has a report already.")
        return Conflict(message, {"activity": [message]}, code="already_reported")


def _require_open_case(activity: Activity) -> None:
    # A report may stand in no case itself; its activity's decides.
    if activity.case is not None and activity.case.state == "closed":
        message = _l("The case of this activity is closed; its report no longer changes.")
        raise Conflict(message, {"activity": [message]}, code="case_closed")
