"""Screens of the clocks of service promises."""

from addons.procedures.models.promise_clock import PromiseClock
from app.addon import ModelView


class PromiseClockView(ModelView):
    """What was promised to whom until when; kept by the system."""

    model = PromiseClock
    resource = "promise_clock"
    icon = "clock"
    sequence = 7
    list_columns = ("promise", "state_name", "request", "case", "due_at", "stopped_at")
    show_columns = (
        "promise",
        "request",
        "case",
        "clock_mode",
        "started_at",
        "due_at",
        "stopped_at",
        "seconds",
        "state_name",
    )
    filter_columns = ("promise", "request", "case", "due_at", "stopped_at", "started_at")
    order_columns = ("due_at", "started_at", "seconds")
    default_order = "-started_at"
    may_add = False
    may_edit = False
