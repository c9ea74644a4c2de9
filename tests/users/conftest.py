"""What the tests of accounts share: cookies to replay, links out of mail, statements as the owner."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import psycopg
import pyotp
import pytest
from flask import Flask

from app import clock
from app.database.addresses import Addresses, libpq_address
from app.testing.client import Browserish
from config import load_settings

COOKIE = "sinergi_session"
PLACE = "/partners/partner/"
"""A page that every demo person of Kendal reads."""

MARK = "Desa Contohsari"
NEW_PASSWORD = "gerobak-langit-tujuh-kancil"
HERE, PASSWORD = "/kernel/second_factor/", "sinergi-demo"


@pytest.fixture
def execute(app: Flask, addresses: Addresses) -> Callable[..., list[tuple[Any, ...]]]:
    """``execute(statement, *values)`` as the owner; its rows."""

    def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(libpq_address(addresses.owner), autocommit=True) as connection:
            answer = connection.execute(statement.encode(), values)
            return answer.fetchall() if answer.description else []

    return run


@pytest.fixture
def user_id(execute: Callable[..., Any]) -> Callable[[str], int]:
    """The id of a person."""
    return lambda username: int(execute("SELECT id FROM ab_user WHERE username = %s", username)[0][0])


@pytest.fixture
def copy_of(app: Flask) -> Callable[[Browserish], Browserish]:
    """A thief's browser with the cookie and the token as somebody has them now."""

    def take(person: Browserish) -> Browserish:
        thief = Browserish(app)
        thief.headers = dict(person.headers)
        if cookie := person.http.get_cookie(COOKIE):
            thief.http.set_cookie(COOKIE, cookie.value)
        return thief

    return take


@pytest.fixture
def post(app: Flask) -> Callable[..., Any]:
    """``post(person, path, **fields)`` sends a form, with the token of a page that has one, and follows."""

    def send(person: Browserish, path: str, **fields: Any) -> Any:
        token = person.hidden(HERE)["csrf_token"]
        data = {"csrf_token": token, **fields}
        return person.http.post(path, data=data, headers=person.headers, follow_redirects=True)

    return send


@pytest.fixture
def links(execute: Callable[..., Any]) -> Callable[[str], list[str]]:
    """The paths of the links that the outbox holds for an address, oldest first."""

    def found(recipient: str) -> list[str]:
        rows = execute("SELECT body FROM outgoing_mail WHERE recipient = %s ORDER BY id", recipient)
        return [re.search(r"https?://[^/\s]+(/\S+)", row[0])[1] for row in rows]

    return found


class Phone:
    """Somebody's authenticator app, and the recovery codes that were shown."""

    def __init__(self, secret: str) -> None:
        self.totp, self.recovery_codes = pyotp.TOTP(secret), [""]

    def code(self, steps: int = 0) -> str:
        """The code of now, or of some half minutes later."""
        return self.totp.at(clock.now(), counter_offset=steps)


@pytest.fixture
def enrolled(person: Any, post: Any) -> Callable[[str], tuple[Browserish, Phone]]:
    """``enrolled("kendal.staf")`` has switched the second factor on, with a code of half a minute ago."""

    def switch_on(username: str) -> tuple[Browserish, Phone]:
        someone = person(username)
        page = post(someone, f"{HERE}begin", password=PASSWORD).text
        phone = Phone(re.search(r'<code class="secret">([A-Z2-7]{32})</code>', page)[1])
        with clock.frozen(clock.now()):
            done = post(someone, f"{HERE}confirm", code=phone.code(-1))
        assert "The second factor is on." in done.text
        phone.recovery_codes = re.findall(r"<li><code>([a-z2-9]{5}-[a-z2-9]{5})</code></li>", done.text)
        assert unquote(re.search(r'href="data:text/plain;charset=utf-8,([^"]+)"', done.text)[1]).split()[1:] == (
            phone.recovery_codes
        )
        return someone, phone

    return switch_on


@pytest.fixture
def configured(app: Flask, postgres: Any, tmp_path: Any) -> Iterator[Callable[[str], Flask]]:
    """``configured(text)`` is one more application, as a settings file with ``text`` makes it."""
    from app import create_app
    from app.database.session import db
    from app.testing.plugin import DATABASE

    made: list[Flask] = []

    def build(text: str) -> Flask:
        file = tmp_path / "sign-in.toml"
        file.write_text(text)
        read = load_settings({"SINERGI_DATA_DIR": str(tmp_path), "SINERGI_SIGN_IN_FILE": str(file)})
        settings = replace(postgres.settings, sign_in=read.sign_in, public_url="http://sinergi.test:8080")
        made.append(create_app(settings, postgres.named(DATABASE).application))
        return made[-1]

    yield build
    for application in made:
        with application.app_context():
            db.session.remove()
            db.engine.dispose()


def enters(person: Browserish) -> bool:
    """Whether the cookie opens a page with its content; a refusal is the way to the login."""
    answer = person.get(PLACE)
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith("/login/?next=")
        assert MARK not in answer.text
        return False
    assert MARK in answer.text
    return True


def calls(program: Browserish) -> bool:
    """Whether the token opens the API; a refusal is a 401."""
    answer = program.api("GET", "partner/?q=(page_size:100)")
    if answer.status_code == 401:
        assert answer.json["code"] == "not_authenticated"
        assert MARK not in answer.text
        return False
    assert MARK in answer.text
    return True
