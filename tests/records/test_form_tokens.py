"""One-time form tokens: a form that is sent twice is saved once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.database.session import db
from app.records.form_token import claim, location_of, new_token, remember_location

pytestmark = pytest.mark.postgres


def test_a_token_is_claimed_once(administrator: Any) -> None:
    token, another = new_token(), new_token()
    assert token != another
    with administrator() as access:
        assert claim(db.session(), token, access.user_id)
        assert not claim(db.session(), token, access.user_id)
        assert claim(db.session(), another, access.user_id)
        db.session.commit()
    with administrator() as access:
        assert not claim(db.session(), token, access.user_id)


def test_a_claim_that_is_rolled_back_can_be_made_again(administrator: Any) -> None:
    token = new_token()
    with administrator() as access:
        assert claim(db.session(), token, access.user_id)
        db.session.rollback()
        assert claim(db.session(), token, access.user_id)


@pytest.mark.parametrize("commits", [True, False], ids=["the first is saved", "the first is refused"])
def test_of_two_at_once_the_second_waits_and_then_knows(administrator: Any, commits: bool) -> None:
    token = new_token()

    def send(first: bool) -> tuple[bool, float]:
        with administrator() as access:
            if not first:
                time.sleep(0.15)
            won = claim(db.session(), token, access.user_id)
            answered = time.monotonic()
            if first:
                time.sleep(0.4)
                answered = time.monotonic()
                if not commits:
                    db.session.rollback()
            db.session.commit()
        return won, answered

    with ThreadPoolExecutor(2) as pool:
        (first, first_end), (second, second_answer) = pool.map(send, (True, False))
    assert first
    assert second is not commits
    assert second_answer >= first_end


def test_whoever_sent_the_form_finds_where_it_ended_and_nobody_else(administrator: Any, acting: Any) -> None:
    token = new_token()
    with administrator() as access:
        claim(db.session(), token, access.user_id)
        remember_location(db.session(), token, "/partners/partner/7")
        db.session.commit()
        assert location_of(db.session(), token, access.user_id) == "/partners/partner/7"
    with acting("kendal.staf", "kendal") as other:
        assert location_of(db.session(), token, other.user_id) == ""


@pytest.mark.parametrize(
    "token", ["", "short", "x" * 100, "with blank and more than twenty", "';drop table form_token;--"]
)
def test_what_is_no_token_of_ours_is_not_stored(administrator: Any, token: str) -> None:
    with administrator() as access:
        assert claim(db.session(), token, access.user_id)
        assert claim(db.session(), token, access.user_id)
        assert location_of(db.session(), token, access.user_id) == ""


def test_a_form_sent_twice_makes_one_record(person: Any, administrator: Any, program: Any) -> None:
    admin = person("kendal.admin")
    fields = {**admin.hidden("/partners/partner/add"), "name": "Mitra Sekali", "level": "local"}
    answers = [admin.http.post("/partners/partner/add", data=fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].location == answers[1].location
    found = program("kendal.admin", "kendal").api("GET", "partner/?q=(search:'Mitra Sekali')").json
    assert found["count"] == 1
