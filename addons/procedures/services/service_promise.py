"""Rules of service promises."""

from typing import Any

from addons.organization.services.working_calendar import OFFICE_HOURS
from addons.procedures.models.service_promise import ServicePromise
from app.addon import Invalid, RecordService
from app.addon import lazy_gettext as _l


class ServicePromiseService(RecordService):
    """A promise has two different ends and a limit that its way of counting can hold."""

    model = ServicePromise

    def check(self, record: Any) -> None:
        """Refuse a promise that could never be kept or broken."""
        errors: dict[str, list[Any]] = {}
        if record.limit_value is not None and not 0 < record.limit_value <= 10_000:
            errors["limit_value"] = [_l("The limit lies between 1 and 10,000.")]
        if record.start_event == record.stop_event:
            errors["stop_event"] = [_l("A promise ends with something else than it begins with.")]
        if record.limit_unit == "days" and record.clock_mode == OFFICE_HOURS:
            errors["clock_mode"] = [_l("Days are counted as working days, calendar days or round the clock.")]
        if errors:
            raise Invalid(_l("The promise cannot be kept like this."), errors)
