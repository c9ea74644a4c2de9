"""What an administrator does with the outbox: look, read, send again."""

from __future__ import annotations

from flask import current_app
from sqlalchemy.orm import Session

from app.access.access import require
from app.errors import Conflict
from app.i18n import lazy_gettext as _l
from app.jobs.administration import Found, administering, page_of, row_of
from app.jobs.queue import defer
from app.mail.outbox import SEND, new_message_id
from app.mail.outgoing_mail import STATES, OutgoingMail


def mails(session: Session, state: str = "", page: int = 0) -> Found:
    """The outbox, newest first."""
    require(OutgoingMail, "read", session)
    return page_of(session, OutgoingMail, state, page, STATES)


def mail_of(session: Session, mail_id: int) -> OutgoingMail:
    """One mail. Raises `NotFound`."""
    require(OutgoingMail, "read", session)
    mail: OutgoingMail = row_of(session, OutgoingMail, mail_id)
    return mail


def shows_text(mail: OutgoingMail) -> bool:
    """Whether an administrator may read it: a one-time link would open somebody else's account."""
    return not mail.confidential or not current_app.config["SETTINGS"].production


def send_again(session: Session, mail_id: int) -> None:
    """Queue a mail once more. Raises `Conflict` while it is on its way, and when its text is gone."""
    require(OutgoingMail, "write", session)
    with administering(session, OutgoingMail, mail_id, "an administrator sends a mail again"):
        mail = session.get_one(OutgoingMail, mail_id, with_for_update=True)
        if mail.state == "sending":
            raise Conflict(_l("This mail is being sent just now."), code="state")
        if not mail.body:
            raise Conflict(_l("The text of this mail was confidential and is gone."), code="gone")
        if mail.state == "sent":
            # The same number again would make the recipient's server drop it as a double.
            mail.message_id = new_message_id()
        mail.state, mail.attempts, mail.last_error, mail.reply_code, mail.sent_at = "queued", 0, "", None, None
        defer(session, SEND, key=str(mail.id), mail_id=mail.id)
