
from addons.shelf.models.shelf import Shelf

from app.addon import ModelView, after, extend_view

extend_view("partners.Partner", after("name", "shelf_label"))


class ShelfView(ModelView):
    model, resource = Shelf, "shelf"
    list_columns = form_columns = search_columns = order_columns = ("label",)
    default_order = "label"
