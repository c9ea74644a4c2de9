
from sqlalchemy import String
from sqlalchemy.orm import Mapped

from app.addon import Record, column, reference, unique_active


class Shelf(Record):
    __title__, __plural__, __display__ = "Shelf", "Shelves", "label"
    __constraints__ = (unique_active("label"),)
    label: Mapped[str] = column(String(40), label="Label")
    above_id: Mapped[int | None] = reference("shelf_shelf.id", label="Above")
