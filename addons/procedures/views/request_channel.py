"""Screens of channels."""

from addons.procedures.models.request_channel import RequestChannel
from app.addon import ModelView


class RequestChannelView(ModelView):
    """The ways on which requests come in: shared ones, and those an institution adds."""

    model = RequestChannel
    resource = "request_channel"
    icon = "tag"
    sequence = 92
    list_columns = ("name",)
    form_columns = ("name",)
    search_columns = ("name",)
    order_columns = ("name",)
    default_order = "name"
