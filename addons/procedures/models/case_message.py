"""Messages on a case: what people tell each other about it."""

from sqlalchemy import Text
from sqlalchemy.orm import Mapped

from app.addon import Audited, InstitutionOwned, Model, column, index, reference
from app.addon import lazy_gettext as _l


class CaseMessage(InstitutionOwned, Audited, Model):
    """One message in the thread of a case. It is neither changed nor taken back; the next one corrects it."""

    __title__ = _l("Message")
    __plural__ = _l("Messages")
    __constraints__ = (index("case_id", "id", name="ix_procedures_case_message_thread"),)

    case_id: Mapped[int] = reference("procedures_case.id", label=_l("Case"), ondelete="CASCADE")
    text: Mapped[str] = column(Text, label=_l("Message"))
