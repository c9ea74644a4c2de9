"""What the tests of accounts share: cookies to replay, links out of mail, statements as the owner."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.database.addresses import Addresses, libpq_address
from app.testing.client import Browserish

COOKIE = "sinergi_session"
PLACE = "/partners/partner/"
"""A page that every demo person of Kendal reads."""

MARK = "Desa Contohsari"
NEW_PASSWORD = "gerobak-langit-tujuh-kancil"


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
        token = person.hidden("/kernel/profile/")["csrf_token"]
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
