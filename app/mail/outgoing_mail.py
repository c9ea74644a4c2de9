"""The outbox: every mail that was ever to leave, and what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, String, Text
from sqlalchemy.orm import Mapped

from app.database.base import Audited, InstitutionOwned, Model
from app.database.columns import column, index
from app.i18n import lazy_gettext as _l

STATES = {
    "queued": _l("Queued"),
    "sending": _l("Being sent"),
    "sent": _l("Sent"),
    "failed": _l("Failed"),
}

ERRORS = {
    "": "",
    "no_server": _l("No mail server is configured: the mail waits here."),
    "unreachable": _l("The mail server could not be reached."),
    "certificate": _l("The certificate of the mail server could not be trusted."),
    "encryption": _l("The mail server does not offer the encryption that is configured."),
    "login": _l("The mail server refused the user name or the password."),
    "sender": _l("The mail server refused the sender."),
    "recipient": _l("The mail server refused the recipient."),
    "refused": _l("The mail server refused the mail."),
    "unknown": _l("It broke off while it was being sent; whether it arrived is unknown. Ask before you send it again."),
}
"""What a sending can come to; the reply of the server itself is not kept, but for its number."""


class OutgoingMail(InstitutionOwned, Audited, Model):
    """One mail to one address.

    What is ``confidential`` (a one-time link) is shown to nobody and forgotten once it was sent.
    """

    __title__ = _l("Mail")
    __plural__ = _l("Mails")
    __display__ = "subject"
    __constraints__ = (index("state", "id"),)

    recipient: Mapped[str] = column(String(254), label=_l("To"))
    subject: Mapped[str] = column(String(200), label=_l("Subject"))
    body: Mapped[str] = column(Text, label=_l("Text"), multiline=True)
    html: Mapped[str | None] = column(Text, label=_l("Text as HTML"))
    confidential: Mapped[bool] = column(label=_l("Confidential"), default=False, server_default="false")
    state: Mapped[str] = column(
        String(20), label=_l("State"), choices=STATES, default="queued", server_default="queued"
    )
    attempts: Mapped[int] = column(label=_l("Attempts"), default=0, server_default="0")
    last_error: Mapped[str] = column(String(20), label=_l("Last error"), default="", server_default="")
    reply_code: Mapped[int | None] = column(label=_l("Number of the server's answer"))
    tried_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Last attempt"))
    sent_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Sent"))
    message_id: Mapped[str] = column(String(40), label=_l("Message number"))
