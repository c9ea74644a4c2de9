"""Forgotten passwords: the same answer for every address, a link that works once, for two hours."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.testing.client import Browserish
from tests.users.conftest import NEW_PASSWORD, enters

ASK = "/kernel/forgotten_password/"
STAFF = "kendal.staf@example.test"
PASSWORDS = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}


@pytest.fixture
def asked(visitor: Any, run_jobs: Any, links: Any) -> str:
    """The path of the link that Kendal's staff got."""
    assert visitor().send(ASK, {"email": STAFF.upper()}).status_code == 302
    run_jobs()
    [path] = links(STAFF)
    return str(path)


def test_the_link_sets_a_password_signs_in_and_ends_every_former_session(
    asked: str, person: Any, copy_of: Any, visitor: Any
) -> None:
    thief = copy_of(person("kendal.staf"))
    assert enters(thief)
    someone = visitor()
    assert "kendal.staf" in someone.get(asked).text
    assert enters(thief)
    assert someone.send(asked, PASSWORDS).headers["Location"] == "/"
    assert enters(someone)
    assert not enters(thief)
    assert (
        visitor()
        .http.post(
            "/api/v1/security/login", json={"username": "kendal.staf", "password": "sinergi-demo", "provider": "db"}
        )
        .status_code
        == 401
    )
    assert enters(visitor().sign_in("kendal.staf", NEW_PASSWORD))
    assert "was used already" in visitor().get(asked).text


def test_a_link_too_old_made_up_or_of_somebody_deactivated_says_so(asked: str, visitor: Any, execute: Any) -> None:
    with clock.frozen(clock.now() + timedelta(hours=1, minutes=59)):
        assert visitor().get(asked).status_code == 200
    with clock.frozen(clock.now() + timedelta(hours=2, minutes=1)):
        old = visitor().get(asked)
        assert old.status_code == 404
        assert "This link is too old." in old.text
        assert 'href="/kernel/forgotten_password/"' in old.text
    assert "not valid" in visitor().get("/kernel/new_password/made-up").text
    execute("UPDATE ab_user SET active = false WHERE username = 'kendal.staf'")
    assert visitor().get(asked).status_code == 404


def test_the_newest_password_uses_up_every_link(asked: str, visitor: Any, run_jobs: Any, links: Any) -> None:
    visitor().send(ASK, {"email": STAFF})
    run_jobs()
    [_first, second] = links(STAFF)
    assert visitor().send(second, PASSWORDS).status_code == 302
    for path in (asked, second):
        assert "was used already" in visitor().get(path).text


def test_a_known_and_an_unknown_address_get_one_answer_the_same_steps_and_only_one_a_mail(
    visitor: Any, run_jobs: Any, execute: Any
) -> None:
    answers, pages = [], []
    for email in (STAFF, "nobody@example.test"):
        guest = visitor()
        answers.append(guest.send(ASK, {"email": email}))
        pages.append(guest.get("/login/").text)
    assert [answer.status_code for answer in answers] == [302, 302]
    assert [answer.headers["Location"] for answer in answers] == ["/login/", "/login/"]
    for page in pages:
        assert "If an account has this address" in page
    assert execute("SELECT count(*) FROM password_link WHERE user_id IS NULL AND secret_hash IS NULL") == [(2,)]
    run_jobs()
    assert execute("SELECT recipient FROM outgoing_mail WHERE confidential") == [(STAFF,)]
    assert execute("SELECT count(*) FROM job_run WHERE arguments::text LIKE '%%example.test%%'") == [(0,)]


def test_the_answer_to_a_known_and_to_an_unknown_address_takes_the_same_time(visitor: Any, execute: Any) -> None:
    guest, times = visitor(), {STAFF: [], "nobody@example.test": []}
    token = guest.hidden(ASK)["csrf_token"]
    for _turn in range(15):
        for email, taken in times.items():
            execute("DELETE FROM sign_in_attempt")
            begin = time.perf_counter()
            assert guest.http.post(ASK, data={"csrf_token": token, "email": email}).status_code == 302
            taken.append(time.perf_counter() - begin)
    known, unknown = (statistics.median(taken) for taken in times.values())
    assert abs(known - unknown) < 0.5 * max(known, unknown)


def test_asking_again_and_again_has_to_wait_whether_the_account_exists_or_not(visitor: Any, execute: Any) -> None:
    with clock.frozen(clock.now()):
        for email in (STAFF, "nobody@example.test"):
            answers = [visitor().send(ASK, {"email": email}) for _turn in range(4)]
            assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
            assert answers[3].headers["Retry-After"] == "60"
            assert "Too many attempts" in answers[3].text
    assert execute("SELECT count(*) FROM password_link") == [(6,)]


@pytest.mark.parametrize("email", ["", "x", "a@b", "a b@c.test", "a@b.test\nBcc: c@d.test", "\x00@b.test", "a" * 300])
def test_what_is_no_address_is_told(visitor: Any, execute: Any, email: str) -> None:
    refused = visitor().send(ASK, {"email": email})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert execute("SELECT count(*) FROM password_link") == [(0,)]


def test_a_weak_password_keeps_the_link(asked: str, visitor: Any) -> None:
    refused = visitor().send(asked, {"password": "1", "again": "1"})
    assert refused.status_code == 422
    assert "at least 12 characters" in refused.text
    assert enters(visitor().sign_in("kendal.staf"))
    assert visitor().send(asked, PASSWORDS).status_code == 302


def test_the_link_in_the_mail_is_stored_nowhere_else(asked: str, execute: Any) -> None:
    secret = asked.rsplit("/", 1)[1]
    for (table,) in execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        count = execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', f"%{secret}%")
        assert count == [(1 if table == "outgoing_mail" else 0,)], table


def test_the_login_page_leads_to_it(app: Any) -> None:
    guest = Browserish(app)
    assert f'href="{ASK}"' in guest.get("/login/").text
    assert 'name="email"' in guest.get(ASK).text
