"""Screens of notes."""

from addons.dummy.models.note import Note

from app.addon import ModelView


class NoteView(ModelView):
    """Notes about partners."""

    model = Note
    resource = "dummy_note"
    icon = "tag"
    list_columns = ("title", "partner", "mood", "state")
    form_columns = ("title", "partner", "mood")
    search_columns = ("title", "partner.name")
    filter_columns = ("mood", "partner")
    order_columns = ("title",)
    default_order = "title"
