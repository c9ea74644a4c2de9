"""Notes: the smallest model that uses a text, a choice, a link and a life cycle."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, relationship

from addons.partners.models.partner import Partner
from app.addon import Record, Transition, column, reference, unique_active
from app.addon import lazy_gettext as _l

MOODS = {"good": _l("Good"), "bad": _l("Bad")}
STATES = {"open": _l("Open"), "closed": _l("Closed")}


class Note(Record):
    """What somebody noticed about a partner."""

    __title__ = _l("Note")
    __plural__ = _l("Notes")
    __display__ = "title"
    __constraints__ = (unique_active("title"),)
    __transitions__ = (Transition("close", _l("Close"), ("open",), "closed"),)

    title: Mapped[str] = column(String(200), label=_l("Title"))
    mood: Mapped[str] = column(String(10), label=_l("Mood"), choices=MOODS, default="good", server_default="good")
    partner_id: Mapped[int | None] = reference("partners_partner.id", label=_l("Partner"))
    partner: Mapped[Partner | None] = relationship()
    state: Mapped[str] = column(String(10), label=_l("State"), choices=STATES, default="open", server_default="open")
