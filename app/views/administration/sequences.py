"""Number sequences: how the numbers of papers look, set by the institution's administrator."""

from __future__ import annotations

from app.records.sequence import Sequence
from app.views.model_view import ModelView


class SequenceView(ModelView):
    """The patterns of all registers, each with a preview."""

    model = Sequence
    resource = "sequence"
    icon = "hash"
    sequence = 93
    list_columns = ("title", "code", "pattern", "reset", "preview")
    form_columns = ("code", "pattern", "reset")
    show_columns = ("title", "code", "pattern", "reset", "preview")
    search_columns = ("code", "pattern")
    filter_columns = ("reset",)
    order_columns = ("code",)
    default_order = "code"
