"""Screens of plans, their participants and monitoring."""

from typing import Any

from addons.polibatam.models.activity_plan import ActivityPlan
from addons.polibatam.models.monitoring import Monitoring
from addons.polibatam.models.plan_participant import PlanParticipant
from app.addon import ModelView, Related, today_here


class ActivityPlanView(ModelView):
    """Activity plans with who takes part."""

    model = ActivityPlan
    resource = "activity_plan"
    icon = "calendar-event"
    sequence = 10
    list_columns = ("planned_on", "title", "kind", "case", "state")
    form_columns = ("title", "kind", "planned_on", "place", "description", "minutes", "case")
    search_columns = ("title", "description", "minutes")
    filter_columns = ("kind", "state", "planned_on", "case")
    order_columns = ("planned_on",)
    default_order = "-planned_on"
    related = (Related("polibatam.PlanParticipant", "plan"),)
    attachments = True


class PlanParticipantView(ModelView):
    """Who takes part in a plan."""

    model = PlanParticipant
    resource = "plan_participant"
    icon = "users"
    in_menu = False
    list_columns = ("side", "person", "plan")
    form_columns = ("plan", "partner", "unit", "person")
    search_columns = ("partner.name", "unit.name", "person")
    filter_columns = ("plan", "partner", "unit")
    eager = ("partner", "unit")


class MonitoringView(ModelView):
    """Monitoring by quarter (BO.28.1.2)."""

    model = Monitoring
    resource = "monitoring"
    icon = "chart-bar"
    sequence = 20
    list_columns = ("year", "quarter", "title", "partner", "unit", "level", "status")
    form_columns = (
        "title", "partner", "phone", "starts_on", "ends_on", "unit", "field", "level", "year", "quarter", "benefit",
        "evidence", "status", "person_in_charge", "monitored_on", "case",
    )  # fmt: skip
    search_columns = ("title", "partner.name", "benefit", "evidence")
    filter_columns = ("year", "quarter", "unit", "level", "partner", "case")
    order_columns = ("year", "monitored_on")
    default_order = "-monitored_on"
    attachments = True

    def prefill(self, form: Any) -> dict[str, Any]:  # noqa: ARG002  # the kernel's signature
        """Monitoring is of the present quarter."""
        today = today_here()
        return {"monitored_on": today, "year": today.year, "quarter": str((today.month + 2) // 3)}
