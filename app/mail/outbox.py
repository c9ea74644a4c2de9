"""Writing mail: the row is part of the caller's transaction, the sending follows its commit, and happens once."""

from __future__ import annotations

import secrets
from textwrap import shorten

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.database.scope import SHARED_INSTITUTION_ID, current_scope
from app.database.text import is_storable
from app.errors import Conflict, Invalid
from app.i18n import lazy_gettext as _l
from app.jobs.declared import Retry, job
from app.jobs.performing import working_in
from app.jobs.queue import defer
from app.mail.outgoing_mail import ERRORS, OutgoingMail
from app.mail.smtp import NotSent, deliver

SEND = "kernel.send_mail"
LONGEST_SUBJECT = 200
LONGEST_BODY = 200_000
TRIES = Retry(attempts=7, wait=60, factor=4)
"""Over half a day, while the server cannot be reached."""


def send_mail(
    session: Session, *, to: str, subject: str, body: str, html: str | None = None, confidential: bool = False
) -> OutgoingMail:
    """Write a mail to one address; it leaves after the caller's transaction commits, and not when it is rolled back.

    ``confidential`` for what only the recipient may read, such as a one-time link: no page shows it, and it is
    forgotten once sent. Without an active institution the mail is the platform's. Raises `Invalid` for an address that
    cannot be, and for a subject with a line break.
    """
    if current_scope(session) is None:
        with working_in(session, SHARED_INSTITUTION_ID, "mail of the platform itself"):
            return _write(session, to, subject, body, html, confidential)
    return _write(session, to, subject, body, html, confidential)


def _write(session: Session, to: str, subject: str, body: str, html: str | None, confidential: bool) -> OutgoingMail:
    mail = OutgoingMail(
        recipient=checked_address(to),
        subject=_one_line(subject),
        body=_checked_text(body),
        html=_checked_text(html) if html else None,
        confidential=confidential,
        message_id=new_message_id(),
    )
    session.add(mail)
    session.flush()
    defer(session, SEND, key=str(mail.id), mail_id=mail.id)
    return mail


def checked_address(address: str) -> str:
    """``address`` as mail servers write it. Raises `Invalid`."""
    try:
        found = validate_email(
            address.strip(),
            check_deliverability=False,
            allow_smtputf8=False,
            test_environment=not current_app.config["SETTINGS"].production,
        )
    except EmailNotValidError:
        raise Invalid(_l("This is not a mail address."), {"to": [_l("Not a mail address.")]}) from None
    return str(found.ascii_email)


def _one_line(subject: str) -> str:
    """``subject`` as one printable line: what was typed over several lines must not become more headers."""
    printable = "".join(character if character.isprintable() else " " for character in subject)
    line = shorten(printable, LONGEST_SUBJECT, placeholder=" …")
    if not line:
        raise Invalid(_l("A mail needs a subject."), {"subject": [_l("Missing.")]})
    return line


def _checked_text(text: str) -> str:
    if not text.strip() or len(text) > LONGEST_BODY or not is_storable(text):
        raise Invalid(_l("The text of a mail is missing or too long."), {"body": [_l("Missing or too long.")]})
    return text


def new_message_id() -> str:
    """What mail servers tell doubles by; it stays when a mail is tried again."""
    return secrets.token_hex(16)


def has_server() -> bool:
    """Whether mail can leave at all."""
    return bool(current_app.config["SETTINGS"].mail_server)


@job(
    SEND,
    title=_l("Send a mail"),
    reason="mail leaves whoever wrote it, and whoever may read it",
    retry=TRIES,
)
def send_one(session: Session, mail_id: int) -> None:
    """Claim the mail in a transaction of its own, send it, write down what came of it."""
    mail = _claimed(session, mail_id)
    session.commit()
    if mail is None:
        return
    try:
        deliver(current_app.config["SETTINGS"], mail)
    except NotSent as reason:
        _note(mail, reason)
        session.commit()
        if mail.state == "queued":
            raise Conflict(ERRORS[reason.error], code=reason.error) from reason
        return
    mail.state, mail.sent_at, mail.last_error, mail.reply_code = "sent", clock.now(), "", None
    if mail.confidential:
        mail.body, mail.html = "", None
    session.commit()


def _claimed(session: Session, mail_id: int) -> OutgoingMail | None:
    """The mail, marked as being sent by us; None when another worker has it, it has left, or nobody can take it."""
    mail = session.scalar(select(OutgoingMail).where(OutgoingMail.id == mail_id).with_for_update())
    if mail is None or mail.state != "queued":
        return None
    if not has_server():
        mail.last_error = "no_server"
        return None
    mail.state, mail.tried_at = "sending", clock.now()
    mail.attempts += 1
    return mail


def _note(mail: OutgoingMail, reason: NotSent) -> None:
    mail.state = "failed" if reason.lasting or mail.attempts >= TRIES.attempts else "queued"
    mail.last_error, mail.reply_code = reason.error, reason.code
