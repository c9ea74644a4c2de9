"""Rounds: every contact with a partner in the making, or with AGE, is an entry of its own (IK 1a, 1b and 2a)."""

from datetime import date

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped

from addons.procedures.models.joins_case import JoinsCase
from app.addon import Record, column, index
from app.addon import lazy_gettext as _l

COUNTERPARTS = {
    "partner": _l("Prospective partner"),
    "age": _l("AGE (Airlangga Global Engagement)"),
}


class NegotiationRound(JoinsCase, Record):
    """One round of coordination or negotiation: with whom, and what came of it."""

    __title__ = _l("Negotiation round")
    __plural__ = _l("Negotiation rounds")
    __display__ = "topic"
    __constraints__ = (index("held_on"),)

    topic: Mapped[str] = column(String(300), label=_l("Subject"))
    held_on: Mapped[date] = column(label=_l("Held on"))
    counterpart: Mapped[str] = column(
        String(20), label=_l("With"), choices=COUNTERPARTS, default="partner", server_default="partner"
    )
    people: Mapped[str | None] = column(String(300), label=_l("Those present"))
    outcome: Mapped[str] = column(Text, multiline=True, label=_l("What was agreed"))
    still_open: Mapped[str | None] = column(Text, multiline=True, label=_l("Still open"))
