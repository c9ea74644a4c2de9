"""Screens of service promises."""

from addons.procedures.models.promise_event import OF_REQUESTS, OF_STEPS
from addons.procedures.models.service_promise import ServicePromise
from app.addon import ModelView, When


class ServicePromiseView(ModelView):
    """Within what time something must have happened, and who is reminded."""

    model = ServicePromise
    resource = "service_promise"
    icon = "clock"
    sequence = 90
    list_columns = ("title", "start_event", "stop_event", "limit_value", "limit_unit", "clock_mode", "position")
    form_columns = (
        "title", "code", "start_event", "start_step", "stop_event", "stop_step", "kind", "procedure", "limit_value",
        "limit_unit", "clock_mode", "without_pauses", "position",
    )  # fmt: skip
    shown_when = {
        "start_step": When("start_event", OF_STEPS),
        "stop_step": When("stop_event", OF_STEPS),
        "kind": When("start_event", tuple(OF_REQUESTS)),
    }
    search_columns = ("title", "code")
    filter_columns = ("kind", "procedure", "position")
    order_columns = ("title", "code")
    default_order = "title"
