"""Ways on which requests come in, as data."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from app.addon import Record, column, unique_active
from app.addon import lazy_gettext as _l


class RequestChannel(Record):
    """A way in (kanal): mail, WhatsApp, telephone, visit. The usual ones are shared by all institutions."""

    __title__ = _l("Channel")
    __plural__ = _l("Channels")
    __constraints__ = (unique_active("name"),)

    name: Mapped[str] = column(String(120), label=_l("Name"))
    code: Mapped[str | None] = column(
        String(40), label=_l("Code"), help=_l("By which other parts know the channel, such as “letter”.")
    )
