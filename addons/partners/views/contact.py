"""Screens of contacts."""

from addons.partners.models.contact import Contact
from app.addon import ModelView


class ContactView(ModelView):
    """The people to reach at partners."""

    model = Contact
    resource = "contact"
    icon = "phone"
    sequence = 20
    list_columns = ("name", "partner", "position", "email", "phone")
    form_columns = ("partner", "name", "position", "email", "phone", "note")
    search_columns = ("name", "partner.name", "email")
    filter_columns = ("partner",)
    order_columns = ("name",)
    default_order = "name"
