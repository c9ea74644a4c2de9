"""Messages on a case: written by whoever may read it, also after it was closed."""

from typing import Any

from sqlalchemy import select

from addons.procedures.models.case import Case
from addons.procedures.models.case_message import CaseMessage
from app.addon import Invalid, has_words, read_text, require
from app.addon import lazy_gettext as _l

LONGEST = 5000


def post_message(session: Any, case: Case, text: Any) -> CaseMessage:
    """Write ``text`` into the thread of ``case``. Raises `Forbidden`, or `Invalid` for an empty or too long message."""
    require(Case, "read", session, case)
    text = read_text(text, "text", longest=LONGEST)
    if not has_words(text):
        message = _l("Write a message of at most %(longest)d signs.", longest=LONGEST)
        raise Invalid(message, {"text": [message]})
    written = CaseMessage(case_id=case.id, text=text)
    session.add(written)
    session.flush()
    return written


def messages_of(session: Any, case: Case) -> list[CaseMessage]:
    """The messages of ``case``, oldest first."""
    return list(session.scalars(select(CaseMessage).where(CaseMessage.case_id == case.id).order_by(CaseMessage.id)))
