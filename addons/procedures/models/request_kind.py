"""Kinds of requests, as data."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from addons.procedures.models.case import KINDS
from app.addon import Record, column, unique_active
from app.addon import lazy_gettext as _l


class RequestKind(Record):
    """What is asked for; a service promise may hold for one kind only."""

    __title__ = _l("Kind of request")
    __plural__ = _l("Kinds of requests")
    __constraints__ = (unique_active("name"),)

    name: Mapped[str] = column(String(120), label=_l("Name"))
    case_kind: Mapped[str | None] = column(
        String(20), label=_l("Kind of the case"), choices=KINDS, help=_l("That of the cases which such requests open.")
    )
