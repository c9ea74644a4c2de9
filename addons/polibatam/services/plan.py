"""Rules of plans, their participants and monitoring."""

from typing import Any

from addons.polibatam.models.activity_plan import ActivityPlan
from addons.polibatam.models.monitoring import Monitoring
from addons.polibatam.models.plan_participant import PlanParticipant
from app.addon import Invalid, RecordService, today_here
from app.addon import lazy_gettext as _l


class ActivityPlanService(RecordService):
    """What was coordinated stays as it was coordinated."""

    model = ActivityPlan

    def before_update(self, record: Any) -> None:
        """A plan that was coordinated is planned again before it changes."""
        if record.state == "coordinated" and self.session.is_modified(record):
            raise Invalid(_l("This plan was coordinated; plan it again before you change it."))


class PlanParticipantService(RecordService):
    """A participant is a partner or a unit."""

    model = PlanParticipant

    def check(self, record: Any) -> None:
        """Refuse both and neither."""
        if (record.partner is None) == (record.unit is None):
            message = _l("Enter either the partner or the internal unit.")
            raise Invalid(message, {"partner": [message]})


class MonitoringService(RecordService):
    """Monitoring happened on its day."""

    model = Monitoring

    def check(self, record: Any) -> None:
        """Refuse a day to come, an impossible year, and an end before the begin."""
        errors: dict[str, list[Any]] = {}
        if record.monitored_on and record.monitored_on > today_here():
            errors["monitored_on"] = [_l("This day is still to come.")]
        if record.year is not None and not 2000 <= record.year <= 2100:
            errors["year"] = [_l("Write the year with four digits.")]
        if record.starts_on and record.ends_on and record.ends_on < record.starts_on:
            errors["ends_on"] = [_l("The last day is before the first.")]
        if errors:
            raise Invalid(_l("The monitoring cannot be saved like this."), errors)
