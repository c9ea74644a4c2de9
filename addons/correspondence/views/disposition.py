"""Screens of dispositions."""

from addons.correspondence.models.disposition import Disposition
from app.addon import ModelView, Related


class DispositionView(ModelView):
    """Dispositions given and received."""

    model = Disposition
    resource = "disposition"
    icon = "mail-forward"
    sequence = 20
    list_columns = ("number", "disposed_on", "letter", "from_position", "to_position", "instruction", "due_on", "state")
    form_columns = ("letter", "parent", "from_position", "to_position", "instruction", "note", "due_on", "case")
    show_columns = ("number", "disposed_on", *form_columns, "received_at", "finished_at")
    search_columns = ("number", "letter.subject", "note")
    filter_columns = ("state", "to_position", "from_position", "letter", "disposed_on", "due_on")
    order_columns = ("disposed_on", "number", "due_on")
    default_order = "-disposed_on"
    related = (Related("correspondence.Disposition", "parent"),)
