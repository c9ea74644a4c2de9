"""Screens of the roles that positions carry."""

from addons.organization.models.position_role import PositionRole
from app.addon import ModelView


class PositionRoleView(ModelView):
    """Which rights follow which position."""

    model = PositionRole
    resource = "position_role"
    icon = "user-shield"
    sequence = 40
    list_columns = ("position", "role")
    form_columns = ("position", "role")
    search_columns = ("role", "position.title")
    filter_columns = ("position", "role")
    order_columns = ("role",)
    default_order = "role"
