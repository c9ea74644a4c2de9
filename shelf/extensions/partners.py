
from sqlalchemy import String
from sqlalchemy.orm import Mapped

from app.addon import column, extends


@extends("partners.Partner")
class PartnerShelf:
    shelf_label: Mapped[str | None] = column(String(40), label="Shelf")
