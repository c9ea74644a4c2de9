"""Growing delays: how often anybody may try, in whatever order and however many at once."""

from __future__ import annotations

import statistics
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import clock
from app.errors import TooManyRequests
from app.testing.client import Browserish
from app.users.throttle import LIMITS, begin_attempt, take_back
from tests.users.conftest import enters

START = datetime(2030, 1, 7, 3, 0, tzinfo=UTC)
ACCOUNT, ADDRESS = LIMITS["password"]
RIGHT = {"username": "kendal.staf", "password": "sinergi-demo", "provider": "db"}
WRONG = {**RIGHT, "password": "wrong"}


def attempt(app: Flask, account: str = "seseorang", address: str = "192.0.2.1", what: str = "password") -> bool:
    """Whether one more attempt is judged at all."""
    from app.database.session import db

    with app.app_context():
        try:
            begin_attempt(db.session(), what, account, address)
        except TooManyRequests:
            return False
        return True


def test_after_some_free_attempts_each_further_one_waits_twice_as_long(app: Flask) -> None:
    now = START
    for wait in (0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900):
        with clock.frozen(now):
            assert attempt(app)
        if wait:
            with clock.frozen(now + timedelta(seconds=wait - 1)):
                assert not attempt(app)
        now += timedelta(seconds=wait)
    with clock.frozen(now + timedelta(days=1, seconds=1)):  # nobody tried for a day
        assert [attempt(app) for _turn in range(6)] == [True] * 5 + [False]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pauses=st.lists(st.integers(min_value=0, max_value=1200), min_size=1, max_size=60))
def test_whatever_the_pauses_no_more_passwords_are_judged_than_the_delays_allow(
    app: Flask, execute: Any, pauses: list[int]
) -> None:
    execute("DELETE FROM sign_in_attempt")
    now, judged = START, []
    for number, pause in enumerate(pauses):
        now += timedelta(seconds=pause)
        with clock.frozen(now):
            if attempt(app, address=f"192.0.2.{number}"):  # from ever new addresses
                judged.append(now)
    for count in range(ACCOUNT.free, len(judged)):
        delay = ACCOUNT.delay_after(count)
        assert delay is not None
        assert judged[count] - judged[count - 1] >= delay


def test_attempts_at_the_same_moment_are_counted_one_by_one(app: Flask) -> None:
    judged: list[bool] = []
    threads = [
        threading.Thread(target=lambda number=number: judged.append(attempt(app, address=f"192.0.2.{number}")))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(judged) == [False] * 7 + [True] * 5


def test_an_attempt_may_begin_while_another_is_taken_back(app: Flask) -> None:
    from app.database.session import db

    failed: list[Exception] = []

    def come_and_go() -> None:
        with app.app_context():
            for _turn in range(40):
                try:
                    take_back(db.session(), begin_attempt(db.session(), "code", "1", "192.0.2.1"))
                except Exception as problem:
                    failed.append(problem)

    threads = [threading.Thread(target=come_and_go) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_one_address_that_tries_many_accounts_waits_and_other_addresses_do_not(app: Flask) -> None:
    with clock.frozen(START):
        tried = [attempt(app, account=f"akun{number}") for number in range(ADDRESS.free + 3)]
        assert tried == [True] * ADDRESS.free + [False] * 3
        assert attempt(app, account="akun1", address="192.0.2.2")
        # All addresses of one IPv6 network are one; an IPv4 address is the same in both spellings.
        assert not attempt(app, account="lain", address="::ffff:192.0.2.1")
        for number in range(ADDRESS.free):
            assert attempt(app, account=f"enam{number}", address=f"2001:db8::{number:x}")
        assert not attempt(app, account="enam", address="2001:db8::ffff")
        assert attempt(app, account="enam", address="2001:db8:0:1::1")


def test_what_went_well_does_not_count_and_does_not_excuse_the_address(app: Flask) -> None:
    from app.database.session import db

    with clock.frozen(START), app.app_context():
        for _turn in range(4):
            begin_attempt(db.session(), "password", "seseorang", "192.0.2.1")
        take_back(db.session(), begin_attempt(db.session(), "password", "seseorang", "192.0.2.1"))
        assert [attempt(app) for _turn in range(6)] == [True] * 5 + [False]
    with clock.frozen(START):
        others = [attempt(app, account=f"akun{number}") for number in range(ADDRESS.free)]
    assert others.count(True) == ADDRESS.free - 9


@pytest.mark.parametrize("name", ["kendal.staf", "nobody.here"])
def test_the_login_page_says_so_with_429_and_retry_after_even_to_the_right_password(app: Flask, name: str) -> None:
    visitor = Browserish(app)
    with clock.frozen(clock.now()):
        for _turn in range(ACCOUNT.free):
            assert visitor.send("/login/", {"username": name, "password": "wrong"}).status_code == 401
        refused = visitor.send("/login/", {"username": name, "password": "sinergi-demo"})
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "30"
    assert "Too many attempts. Try again in 1 min." in refused.text
    assert f'value="{name}"' in refused.text
    assert not enters(visitor)


def test_after_the_delay_the_right_password_signs_in_and_the_account_begins_anew(app: Flask, execute: Any) -> None:
    client, now = app.test_client(), clock.now()
    with clock.frozen(now):
        for _turn in range(ACCOUNT.free):
            assert client.post("/api/v1/security/login", json=WRONG).status_code == 401
        refused = client.post("/api/v1/security/login", json=RIGHT)
        assert refused.status_code == 429
        assert refused.json["code"] == "too_many_requests"
        assert refused.headers["Retry-After"] == "30"
    with clock.frozen(now + timedelta(seconds=31)):
        assert "access_token" in client.post("/api/v1/security/login", json=RIGHT).json
        assert execute("SELECT count(*) FROM sign_in_attempt WHERE key LIKE 'password of%%'") == [(0,)]
        assert client.post("/api/v1/security/login", json=WRONG).status_code == 401


def test_page_and_api_count_together(app: Flask) -> None:
    visitor = Browserish(app)
    with clock.frozen(clock.now()):
        for _turn in range(3):
            visitor.send("/login/", {"username": "Kendal.Staf ", "password": "wrong"})
        for _turn in range(2):
            visitor.http.post("/api/v1/security/login", json=WRONG)
        assert visitor.http.post("/api/v1/security/login", json=RIGHT).status_code == 429


def test_the_table_keeps_no_name_that_was_typed(app: Flask, execute: Any) -> None:
    typed = "kata-sandi-di-kolom-nama"
    app.test_client().post("/api/v1/security/login", json={**WRONG, "username": typed})
    assert execute("SELECT count(*) FROM sign_in_attempt") == [(2,)]
    assert execute("SELECT count(*) FROM sign_in_attempt WHERE key LIKE %s", f"%{typed}%") == [(0,)]


def test_signing_in_with_a_known_and_with_an_unknown_name_takes_the_same_time(app: Flask, execute: Any) -> None:
    client, times = app.test_client(), dict[str, list[float]]([("kendal.staf", []), ("nobody.here", [])])
    for _turn in range(9):
        for name, taken in times.items():
            execute("DELETE FROM sign_in_attempt")
            begin = time.perf_counter()
            assert client.post("/api/v1/security/login", json={**WRONG, "username": name}).status_code == 401
            taken.append(time.perf_counter() - begin)
    known, unknown = (statistics.median(taken[1:]) for taken in times.values())
    assert abs(known - unknown) < 0.5 * max(known, unknown), (known, unknown)


def test_a_clock_that_was_put_back_keeps_nobody_out_for_longer_than_the_longest_delay(app: Flask) -> None:
    ahead = START + timedelta(days=365)
    with clock.frozen(ahead):
        assert [attempt(app) for _turn in range(6)] == [True] * 5 + [False]
    with clock.frozen(START):
        assert not attempt(app), "a delay is still a delay"
    with clock.frozen(START + timedelta(seconds=ACCOUNT.longest)):
        assert attempt(app)
