"""Screens of kinds of requests."""

from addons.procedures.models.request_kind import RequestKind
from app.addon import ModelView


class RequestKindView(ModelView):
    """What can be asked for: shared kinds, and those an institution adds."""

    model = RequestKind
    resource = "request_kind"
    icon = "tag"
    sequence = 91
    list_columns = ("name", "case_kind")
    form_columns = ("name", "case_kind")
    search_columns = ("name",)
    order_columns = ("name",)
    default_order = "name"
