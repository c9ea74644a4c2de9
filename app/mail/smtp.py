"""Handing one mail to the SMTP server: encrypted, with its certificate checked, and every failure put into a word."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from typing import TYPE_CHECKING

from app import clock
from app.mail.outgoing_mail import OutgoingMail

if TYPE_CHECKING:
    from config import Settings

SECONDS_TO_ANSWER = 15


class NotSent(Exception):
    """The server did not take the mail. ``error`` is a key of `ERRORS`; a ``lasting`` one is not worth another try."""

    def __init__(self, error: str, *, code: int | None = None, lasting: bool = False) -> None:
        super().__init__(f"{error} ({code})" if code else error)
        self.error, self.code, self.lasting = error, code, lasting


def message_of(mail: OutgoingMail, sender: str) -> EmailMessage:
    """The mail as it travels. The library itself refuses a line break in a header."""
    message = EmailMessage(policy=policy.SMTP.clone(cte_type="7bit"))
    message["From"] = formataddr(parseaddr(sender))
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{mail.message_id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    return message


def deliver(settings: Settings, mail: OutgoingMail) -> None:
    """Have the configured server take ``mail``. Raises `NotSent`."""
    sender = settings.mail_from or ""
    content = message_of(mail, sender).as_bytes()
    try:
        server = _connected(settings)
    except Exception as error:
        raise _reason(error) from error
    try:
        _hand_over(server, parseaddr(sender)[1], mail.recipient, content)
    finally:
        # Whatever the server says to our goodbye, it has taken the mail or not.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _hand_over(server: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> None:
    try:
        server.ehlo_or_helo_if_needed()
        _expect(server.mail(sender)[0], "sender")
        _expect(server.rcpt(recipient)[0], "recipient")
    except (OSError, smtplib.SMTPException) as error:
        raise _reason(error) from error
    try:
        code = server.data(content)[0]
    except smtplib.SMTPResponseException as error:
        code = error.smtp_code
    except (OSError, smtplib.SMTPException) as error:
        # From here on the server may have taken it without our hearing so: a second try could be a second mail.
        raise NotSent("unknown", lasting=True) from error
    _expect(code, "refused")


def _expect(code: int, error: str) -> None:
    if not 200 <= code < 300:
        raise NotSent(error, code=code, lasting=code >= 500)


def _connected(settings: Settings) -> smtplib.SMTP:
    host, port = settings.mail_server or "", settings.mail_port
    context = ssl.create_default_context()
    if settings.mail_encryption == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS_TO_ANSWER, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=SECONDS_TO_ANSWER)
    try:
        if settings.mail_encryption == "starttls":
            server.starttls(context=context)
        if settings.mail_username and settings.mail_password:
            server.login(settings.mail_username, settings.mail_password)
    except BaseException:
        server.close()
        raise
    return server


def _reason(error: Exception) -> NotSent:
    """What went wrong before the mail itself was sent: worth another try, whatever it was."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotSent("certificate")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return NotSent("encryption")
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return NotSent("login", code=error.smtp_code)
    if isinstance(error, (OSError, smtplib.SMTPException)):
        return NotSent("unreachable")
    return NotSent("refused", lasting=True)
