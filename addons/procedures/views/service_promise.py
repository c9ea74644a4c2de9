"""Screens of service promises."""

from addons.procedures.models.service_promise import ServicePromise
from app.addon import ModelView


class ServicePromiseView(ModelView):
    """Within what time something must have happened, and who is reminded."""

    model = ServicePromise
    resource = "service_promise"
    icon = "clock"
    sequence = 90
    list_columns = ("title", "code", "kind", "limit_value", "limit_unit", "clock_mode", "position")
    form_columns = (
        "title", "code", "kind", "start_event", "stop_event", "limit_value", "limit_unit", "clock_mode", "position",
    )  # fmt: skip
    search_columns = ("title", "code")
    filter_columns = ("kind", "position")
    order_columns = ("title", "code")
    default_order = "title"
