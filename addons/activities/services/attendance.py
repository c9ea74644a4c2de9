"""Rules of attendance: from the day of the activity on, each person once, in the case of the activity."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import inspect

from addons.activities.models.activity import Activity, first_day, local_day
from addons.activities.models.attendance import Attendance
from addons.activities.models.report import Report
from app.addon import Conflict, Forbidden, Invalid, RecordService, SinergiError, clock, db, require, today_here
from app.addon import lazy_gettext as _l


def one_line(text: str | None) -> str | None:
    """``text`` with single spaces, or None when nothing is left of it."""
    return " ".join((text or "").split()) or None


def key_of(name: str | None, organisation: str | None) -> str:
    """What two entries of the same person have in common, however they were typed."""
    return f"{one_line(name) or ''}|{one_line(organisation) or ''}".lower()


def described(name: str | None, organisation: str | None) -> str:
    """``Siti Contoh (SD Contoh 1)``."""
    return f"{name} ({organisation})" if organisation else str(name)


def closed_because(activity: Activity) -> Any:
    """Why nobody can be put on the list of ``activity`` now, or None.

    Once the activity is reported, its list is corrected only by those who may withdraw (archive) the report.
    """
    if not activity.active:
        return _l("This activity is archived; restore it first.")
    if activity.state == "cancelled":
        return _l("This activity was cancelled; it has no attendance.")
    if activity.case is not None and activity.case.state == "closed":
        return _l("The case of this activity is closed; its attendance no longer changes.")
    if activity.state == "planned" and first_day(activity) > today_here():
        return _l("Attendance is entered from the day of the activity on.")
    if activity.state == "reported" and not _may_correct():
        return _l("This activity is reported; only who may archive its report still corrects the attendance.")
    return None


def _may_correct() -> bool:
    try:
        require(Report, "archive", db.session())
    except Forbidden:
        return False
    return True


def require_open(activity: Activity) -> None:
    """Refuse a change of the list of ``activity``. Raises `Conflict`."""
    if reason := closed_because(activity):
        raise Conflict(reason, {"activity": [reason]}, code="attendance_closed")


class AttendanceService(RecordService):
    """Keeping attendance (SOP Kendal, step 10)."""

    model = Attendance

    def check(self, record: Attendance) -> None:
        """An arrival on a day of the activity, not in the future, and a case that is the activity's."""
        errors: dict[str, list[Any]] = {}
        if record.activity is not None and (trouble := _arrival_trouble(record.activity, record.arrived_at)):
            errors["arrived_at"] = [trouble]
        if record.activity is not None and record.case is not None and record.activity.case not in (None, record.case):
            errors["case"] = [_l("The activity belongs to another case.")]
        if errors:
            raise Invalid(_l("The attendance cannot be saved like this."), errors)

    def before_create(self, record: Attendance, extra: Mapping[str, Any]) -> None:
        """Take the case from the activity, and the present time while the activity has not ended."""
        require_open(record.activity)
        if record.case is None:
            record.case = record.activity.case
        if record.arrived_at is None and clock.now() <= record.activity.ends_at:
            record.arrived_at = clock.now()
        _tidy(record)

    def before_update(self, record: Attendance) -> None:
        """An entry stays with its activity, and is changed while the list is open."""
        if inspect(record).attrs.activity.history.has_changes():
            message = _l("An entry stays with its activity; archive it and enter it again.")
            raise Invalid(message, {"activity": [message]})
        require_open(record.activity)
        _tidy(record)

    def archive(self, record: Attendance) -> None:
        """Take a person off the list, while it is open."""
        require_open(record.activity)
        super().archive(record)

    def restore(self, record: Attendance) -> None:
        """Put a person back on the list, while it is open."""
        require_open(record.activity)
        super().restore(record)

    def explain(self, constraint: str, record: Attendance) -> SinergiError | None:
        """Each person is on a list once."""
        if constraint != "uq_activities_attendance_activity_id_person_key_active":
            return None
        message = _l(
            "%(person)s is on the list already. If it is another person of the same name, write what tells them apart "
            "behind the name, such as the class.",
            person=described(record.name, record.organisation),
        )
        return Conflict(message, {"name": [message]}, code="already_present")


def _arrival_trouble(activity: Activity, arrived_at: datetime | None) -> Any:
    if arrived_at is None:
        return None
    if arrived_at > clock.now():
        return _l("Nobody has arrived in the future.")
    if not first_day(activity) <= local_day(activity, arrived_at) <= local_day(activity, activity.ends_at):
        return _l("The arrival must lie on a day of the activity.")
    return None


def _tidy(record: Attendance) -> None:
    record.name, record.organisation = one_line(record.name) or "", one_line(record.organisation)
    record.person_key = key_of(record.name, record.organisation)
