"""Rules of activities: a time that holds, inside the booked time, and links that belong together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect, select

from addons.activities.models.activity import Activity
from addons.activities.models.attendance import Attendance
from addons.activities.models.report import Report
from app.addon import Conflict, Invalid, RecordService, db
from app.addon import lazy_gettext as _l

SETTLED = ("starts_at", "ends_at", "booking", "kind", "partner")
"""What no longer changes once an activity was held, reported or cancelled."""


class ActivityService(RecordService):
    """Planning activities (SOP Kendal, steps 4, 5 and 10)."""

    model = Activity

    def check(self, record: Activity) -> None:
        """An end after the start, a live booking around it, and at least one participant."""
        errors: dict[str, list[Any]] = {}
        if record.starts_at and record.ends_at and record.ends_at <= record.starts_at:
            errors["ends_at"] = [_l("The end must lie after the start.")]
        elif trouble := _booking_trouble(record):
            errors["booking"] = [trouble]
        if record.participants is not None and record.participants < 1:
            errors["participants"] = [_l("At least one participant is needed.")]
        if errors:
            raise Invalid(_l("The activity cannot be planned like this."), errors)

    def before_create(self, record: Activity, extra: Mapping[str, Any]) -> None:
        """Take time, place and case from the booking where nothing else was said."""
        self._complete_time(record)
        self._complete_place(record)
        if record.case is None and record.booking is not None:
            record.case = record.booking.case

    def before_update(self, record: Activity) -> None:
        """What was held stays as it was held; its description, case and agreement may still be completed."""
        attributes = inspect(record).attrs
        if record.state != "planned" and any(attributes[name].history.has_changes() for name in SETTLED):
            raise Conflict(
                _l("This activity was held or cancelled; its time, booking, kind and partner no longer change."),
                code="state_changed",
            )
        self._complete_place(record)
        _join_case(record)

    def _complete_time(self, record: Activity) -> None:
        if record.booking is not None:
            record.starts_at = record.starts_at or record.booking.starts_at
            record.ends_at = record.ends_at or record.booking.ends_at
        missing = [name for name in ("starts_at", "ends_at") if getattr(record, name) is None]
        if missing:
            message = _l("Without a room booking, the time is needed.")
            raise Invalid(message, {name: [message] for name in missing})
        self.check(record)

    def _complete_place(self, record: Activity) -> None:
        if not record.place and record.booking is not None:
            record.place = record.booking.room.name


def _join_case(record: Activity) -> None:
    """Attendance and report join the case that their activity joins."""
    if record.case is None or not inspect(record).attrs.case.history.has_changes():
        return
    for model in (Attendance, Report):
        for item in db.session.scalars(select(model).where(model.activity_id == record.id, model.case_id.is_(None))):
            item.case = record.case


def _booking_trouble(record: Activity) -> Any:
    booking = record.booking
    if booking is None or record.state not in (None, "planned") or not (record.starts_at and record.ends_at):
        return None
    if booking.state == "cancelled" or not booking.active:
        return _l("This booking was cancelled.")
    if record.starts_at < booking.starts_at or record.ends_at > booking.ends_at:
        return _l("The activity does not lie within the booked time.")
    return None
