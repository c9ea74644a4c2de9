"""Screens of activities."""

from addons.activities.models.activity import Activity
from app.addon import ModelView, Related


class ActivityView(ModelView):
    """Activities with their reports."""

    model = Activity
    resource = "activity"
    icon = "users-group"
    sequence = 10
    list_columns = ("starts_at", "title", "kind", "partner", "place", "participants", "state")
    form_columns = (
        "title", "kind", "partner", "agreement", "booking", "starts_at", "ends_at", "place", "participants", "unit",
        "description", "case",
    )  # fmt: skip
    search_columns = ("title", "place", "partner.name")
    filter_columns = ("state", "kind", "partner", "agreement", "unit", "starts_at", "case")
    order_columns = ("starts_at",)
    default_order = "-starts_at"
    related = (Related("activities.Report", "activity"),)
    attachments = True
