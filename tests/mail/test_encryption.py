"""Encryption to the mail server: asked for, checked, and never silently left out."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from app.testing.queue import Queue
from tests.mail.conftest import Handler, MailServer, free_port

SECRET = "QZ-mail-password"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody signed but itself, and its key."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("making a certificate takes openssl")
    folder = tmp_path_factory.mktemp("certificate")
    key, crt = folder / "key.pem", folder / "crt.pem"
    subprocess.run(
        [program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(crt)],
        check=True, capture_output=True,
    )  # fmt: skip
    return crt, key


@pytest.fixture
def encrypted(certificate: tuple[Path, Path]) -> Iterator[MailServer]:
    """A server that wants STARTTLS and a password."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    handler = Handler()

    def known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and given.password == SECRET.encode()
        return AuthResult(success=right, handled=False)

    controller = Controller(
        handler, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True,
        authenticator=known, auth_required=True,
    )  # fmt: skip
    controller.start()
    yield MailServer(handler, controller.port)
    controller.stop()


def outcome(run_jobs: Queue) -> tuple[str, str]:
    """State and error of the only mail."""
    row = run_jobs.execute("SELECT state, last_error FROM outgoing_mail")[0]
    return (row[0], row[1])


def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_password_is_told(
    write: Any, encrypted: MailServer, configured: Any, run_jobs: Queue
) -> None:
    configured(encrypted.port, mail_encryption="starttls", mail_username="sinergi", mail_password=SECRET)
    write()
    run_jobs()
    assert outcome(run_jobs) == ("queued", "certificate")
    assert encrypted.subjects == []


def test_with_a_trusted_certificate_and_the_right_password_it_arrives(
    write: Any, encrypted: MailServer, configured: Any, run_jobs: Queue, certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    configured(encrypted.port, mail_encryption="starttls", mail_username="sinergi", mail_password="wrong")
    write()
    run_jobs()
    assert outcome(run_jobs) == ("queued", "login")
    configured(encrypted.port, mail_encryption="starttls", mail_username="sinergi", mail_password=SECRET)
    run_jobs(later=True)
    assert outcome(run_jobs) == ("sent", "")
    assert encrypted.subjects == ["Undangan"]
    assert SECRET not in str(run_jobs.execute("SELECT m::text, r::text FROM outgoing_mail m, job_run r"))


def test_a_server_without_encryption_gets_nothing_when_encryption_is_configured(
    write: Any, smtp: MailServer, configured: Any, run_jobs: Queue
) -> None:
    configured(smtp.port, mail_encryption="starttls")
    write()
    run_jobs()
    assert outcome(run_jobs) == ("queued", "encryption")
    assert smtp.subjects == []
