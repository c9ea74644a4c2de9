"""Rules of office hours."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from addons.organization.models.work_schedule import SOLE_SCHEDULE, WEEKDAYS, WorkSchedule
from addons.organization.services.office_hours import parse_hours, write_hours
from app.addon import Conflict, Invalid, RecordService, SinergiError, current_scope, declare_hook, send
from app.addon import lazy_gettext as _l

CALENDAR_CHANGED = "organization.calendar_changed"

declare_hook(
    CALENDAR_CHANGED,
    "Sent when office hours or holidays of the institution changed, with first= and last= (dates, inclusive; last may "
    "be None for no end), inside the transaction of the change. Whoever stored durations of these days counts anew.",
)


class WorkScheduleService(RecordService):
    """One regular schedule at a time; a special one, with an end, stands in for it."""

    model = WorkSchedule

    def check(self, record: Any) -> None:
        """Refuse hours that are none and dates in the wrong order; write the hours the one way they are shown."""
        errors: dict[str, list[object]] = {}
        for name in WEEKDAYS:
            try:
                setattr(record, name, write_hours(parse_hours(getattr(record, name))) or None)
            except Invalid as error:
                errors[name] = [error.message]
        if record.date_from and record.date_to and record.date_to < record.date_from:
            errors["date_to"] = [_l("The last day is before the first.")]
        if record.kind == "special" and record.date_to is None:
            errors["date_to"] = [_l("Special office hours end: enter the last day.")]
        if not any(getattr(record, name) for name in WEEKDAYS) and not errors:
            errors["monday"] = [_l("Enter the hours of at least one day.")]
        if errors:
            raise Invalid(_l("Some values cannot be accepted."), errors)

    def after_create(self, record: Any, extra: Any) -> None:
        """New hours: their days are counted anew."""
        tell_calendar_changed(self.session, record.date_from, record.date_to)

    def update(self, record: Any, values: Any, version: int | None = None) -> Any:
        """Changed hours: the days of before and of now are counted anew."""
        before = (record.date_from, record.date_to)
        changed = super().update(record, values, version)
        after = (record.date_from, record.date_to)
        last = None if None in (before[1], after[1]) else max(before[1], after[1])
        tell_calendar_changed(self.session, min(before[0], after[0]), last)
        return changed

    def archive(self, record: Any) -> None:
        """Hours out of use: their days are counted anew."""
        super().archive(record)
        tell_calendar_changed(self.session, record.date_from, record.date_to)

    def restore(self, record: Any) -> None:
        """Hours in use again: their days are counted anew."""
        super().restore(record)
        tell_calendar_changed(self.session, record.date_from, record.date_to)

    def explain(self, constraint: str, record: Any) -> SinergiError | None:  # the kernel's signature
        """Two schedules of a kind on one day."""
        if constraint == SOLE_SCHEDULE:
            message = _l("Other office hours of this kind hold in this time; end them first.")
            return Conflict(message, {"date_from": [message]}, code="schedule_overlaps")
        return None


def tell_calendar_changed(session: Session, first: date, last: date | None) -> None:
    """Tell whoever stored durations that the office hours of these days are others now."""
    scope = current_scope(session)
    if scope is not None and scope.institution_id is not None:
        send(CALENDAR_CHANGED, scope.institution_id, first=first, last=last)
