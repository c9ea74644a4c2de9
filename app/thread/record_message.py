"""Messages on records: what people tell each other about one."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from app.database.base import Audited, InstitutionOwned, Model
from app.database.columns import column, index
from app.i18n import lazy_gettext as _l


class RecordMessage(InstitutionOwned, Audited, Model):
    """One message in the thread of the record ``model`` + ``record_id``. It is neither changed nor taken back; the next
    one corrects it.
    """

    __title__ = _l("Message")
    __plural__ = _l("Messages")
    __display__ = "id"
    __constraints__ = (index("model", "record_id", "id", name="ix_record_message_thread"),)

    model: Mapped[str] = column(String(100), label=_l("Model"))
    record_id: Mapped[int] = column(label=_l("Record"))
    text: Mapped[str] = column(Text, label=_l("Message"), personal="name")
    mentions: Mapped[list[int]] = column(JSONB, label=_l("Mentioned"), default=list, server_default="[]")
    """The ids of the people whom the text names."""
