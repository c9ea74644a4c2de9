"""A mail server of the tests, and what it does to those who come."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from app.database.session import db
from app.mail.outbox import send_mail


@dataclass
class Handler:
    """Keeps what arrives; answers as a test wants it."""

    received: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Any] = field(default_factory=list)
    recipient_answers: list[str] = field(default_factory=list)
    data_answers: list[str] = field(default_factory=list)
    breaks_off: bool = False
    slow: float = 0.0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802  # aiosmtpd's name
        if self.recipient_answers and not (answer := self.recipient_answers.pop(0)).startswith("250"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # likewise
        await asyncio.sleep(self.slow)
        answer = self.data_answers.pop(0) if self.data_answers else "250 OK"
        if answer.startswith("250"):
            message: Any = message_from_bytes(envelope.content, policy=policy.default)
            self.received.append(message)
            self.envelopes.append(envelope)
        if self.breaks_off:
            server.transport.abort()
        return answer


@dataclass
class MailServer:
    """A running server and what it received."""

    handler: Handler
    port: int

    @property
    def subjects(self) -> list[str]:
        """The subjects of what arrived, in order."""
        return [str(message["Subject"]) for message in self.handler.received]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    """A mail server on this machine, without encryption."""
    handler = Handler()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield MailServer(handler, controller.port)
    controller.stop()


@pytest.fixture
def configured(app: Flask) -> Iterator[Callable[..., None]]:
    """``configured(port=...)`` tells the application of a mail server."""
    before = app.config["SETTINGS"]

    def configure(port: int, **changes: Any) -> None:
        values = {
            "mail_server": "127.0.0.1", "mail_port": port, "mail_encryption": "none",
            "mail_from": "Sinergi Contoh <sinergi@kampus.test>",
        }  # fmt: skip
        app.config["SETTINGS"] = replace(before, **{**values, **changes})

    yield configure
    app.config["SETTINGS"] = before


@pytest.fixture
def server(smtp: MailServer, configured: Callable[..., None]) -> MailServer:
    """The mail server, and the application knows it."""
    configured(smtp.port)
    return smtp


@pytest.fixture
def write(acting: Any) -> Callable[..., int]:
    """``write("kendal", subject=...)`` writes a mail in an institution and commits; its id."""

    def put(code: str = "kendal", **values: Any) -> int:
        with acting(f"{code}.admin", code):
            given = {"to": "penerima@contoh.test", "subject": "Undangan", "body": "Isi surat.", **values}
            mail = send_mail(db.session(), **given)
            db.session.commit()
            return mail.id

    return put
