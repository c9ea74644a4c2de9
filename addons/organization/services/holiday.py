"""Rules of holidays."""

from typing import Any

from addons.organization.models.holiday import Holiday
from addons.organization.services.national_holiday import national_holidays
from addons.organization.services.work_schedule import tell_calendar_changed
from app.addon import Invalid, RecordService
from app.addon import lazy_gettext as _l


class HolidayService(RecordService):
    """A day is entered once; a working day in spite of a holiday needs the holiday."""

    model = Holiday

    def check(self, record: Any) -> None:
        """Refuse what says nothing new: work on a day that is no holiday, and a national holiday again."""
        if record.day is None:
            return
        national = national_holidays(record.day.year).get(record.day)
        if record.kind == "workday" and national is None:
            message = _l("This day is no national holiday, so it needs no exception.")
            raise Invalid(message, {"day": [message]})
        if record.kind != "workday" and national is not None:
            message = _l("This day is off already: %(title)s.", title=national.title)
            raise Invalid(message, {"day": [message]})

    def after_create(self, record: Any, extra: Any) -> None:
        """A new day: it is counted anew."""
        tell_calendar_changed(self.session, record.day, record.day)

    def update(self, record: Any, values: Any, version: int | None = None) -> Any:
        """A changed day: the old and the new one are counted anew."""
        before = record.day
        changed = super().update(record, values, version)
        tell_calendar_changed(self.session, min(before, record.day), max(before, record.day))
        return changed

    def archive(self, record: Any) -> None:
        """A day withdrawn: it is counted anew."""
        super().archive(record)
        tell_calendar_changed(self.session, record.day, record.day)

    def restore(self, record: Any) -> None:
        """A day brought back: it is counted anew."""
        super().restore(record)
        tell_calendar_changed(self.session, record.day, record.day)
