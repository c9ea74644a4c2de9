"""Screens of positions."""

from addons.organization.models.position import Position
from app.addon import Lines, ModelView, Related


class PositionView(ModelView):
    """Positions with their holders and the roles they carry."""

    model = Position
    resource = "position"
    icon = "briefcase"
    sequence = 20
    list_columns = ("title", "unit", "superior")
    form_columns = ("title", "unit", "superior")
    search_columns = ("title", "unit.name")
    filter_columns = ("unit", "superior")
    order_columns = ("title",)
    default_order = "title"
    lines = (Lines("holders", "organization.Holder", "position", ("user", "kind", "date_from", "date_to")),)
    related = (Related("organization.Holder", "position"), Related("organization.PositionRole", "position"))
