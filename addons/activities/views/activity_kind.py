"""Screens of activity kinds."""

from addons.activities.models.activity_kind import ActivityKind
from app.addon import ModelView


class ActivityKindView(ModelView):
    """The kinds of activities: shared ones, and those an institution adds."""

    model = ActivityKind
    resource = "activity_kind"
    icon = "tag"
    sequence = 90
    list_columns = ("name", "source")
    form_columns = ("name",)
    search_columns = ("name",)
    filter_columns = ("source",)
    order_columns = ("name",)
    default_order = "name"
