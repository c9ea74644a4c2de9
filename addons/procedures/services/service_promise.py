"""Rules of service promises."""

from typing import Any

from addons.organization.services.working_calendar import OFFICE_HOURS
from addons.procedures.models.promise_event import CASE_CANCELLED, CASE_OPENED, OF_STEPS
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
        for name in ("start", "stop"):
            if getattr(record, f"{name}_event") not in OF_STEPS:
                setattr(record, f"{name}_step", None)
        begin, end = (record.start_event, record.start_step or None), (record.stop_event, record.stop_step or None)
        if begin == end:
            errors["stop_event"] = [_l("A promise ends with something else than it begins with.")]
        if record.start_event == CASE_CANCELLED or record.stop_event == CASE_OPENED:
            errors["stop_event"] = [_l("A promise begins before the case ends, and ends after it was opened.")]
        if record.kind is not None and not record.is_of_requests:
            errors["kind"] = [_l("Kinds belong to requests; this promise begins with an event of a case.")]
        if record.procedure is not None and record.is_of_requests:
            errors["procedure"] = [_l("A request has no procedure yet; this promise begins with one.")]
        if record.limit_unit == "days" and record.clock_mode == OFFICE_HOURS:
            errors["clock_mode"] = [_l("Days are counted as working days, calendar days or round the clock.")]
        if errors:
            raise Invalid(_l("The promise cannot be kept like this."), errors)
