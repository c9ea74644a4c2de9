"""Screens of office hours."""

from addons.organization.models.work_schedule import WEEKDAYS, WorkSchedule
from app.addon import ModelView


class WorkScheduleView(ModelView):
    """The office hours of the week, and special ones for a time."""

    model = WorkSchedule
    resource = "work_schedule"
    icon = "clock"
    sequence = 60
    list_columns = ("title", "kind", "date_from", "date_to", "monday", "friday")
    form_columns = ("title", "kind", "date_from", "date_to", *WEEKDAYS)
    search_columns = ("title",)
    filter_columns = ("kind", "date_from")
    order_columns = ("title", "date_from")
    default_order = "-date_from"
