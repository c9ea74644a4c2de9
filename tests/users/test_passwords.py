"""What a password must be, on every way that sets one."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import Invalid
from app.testing.client import Browserish
from app.users.passwords import check_password
from tests.users.conftest import NEW_PASSWORD, enters

ABOUT = ["Budi", "Contohnama", "budi", "contohnama", "kampus", "test", "Universitas", "Contoh"]


@pytest.mark.parametrize(
    "good", [NEW_PASSWORD, "Kopi pahit di atas 3 gunung", "x9!fQ2#vLw7@", "雨の日の図書館で待つ黒い猫"]
)
def test_long_words_that_do_not_belong_together_are_taken(good: str) -> None:
    check_password(good, ABOUT)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("1", "at least 12"),
        ("", "at least 12"),
        ("x9!fQ2#vLw7", "at least 12"),
        ("password1234", "easily guessed"),
        ("111111111111", "easily guessed"),
        ("qwertyuiop12", "easily guessed"),
        ("abcdefghijklmnop", "easily guessed"),
        ("bismillah123", "easily guessed"),
        ("Indonesia1945", "easily guessed"),
        ("rahasiarahasia", "easily guessed"),
        ("CONTOHNAMA-gerobak-langit", "must not hold"),
        ("gerobak.k-a-m-p-u-s.langit", "must not hold"),
        ("gerobak-langit\x00-tujuh", "cannot be"),
        ("gerobak-langit\ud800-tujuh", "cannot be"),
        ("x9!fQ2#vLw7@" * 20, "more than 200"),
    ],
)
def test_what_is_short_guessed_or_about_oneself_is_refused_with_its_reason(bad: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        check_password(bad, ABOUT)


def change(person: Browserish, **fields: str) -> Any:
    """Send the page that changes one's password."""
    values = {"current": "sinergi-demo", "password": NEW_PASSWORD, "again": NEW_PASSWORD, **fields}
    return person.send("/kernel/profile/password", values)


def test_the_page_refuses_with_a_sentence_at_the_field_and_changes_nothing(person: Any, app: Any) -> None:
    someone = person("kendal.staf")
    for fields, sentence in (
        ({"password": "1", "again": "1"}, "at least 12 characters"),
        ({"again": "another-one-entirely"}, "The two passwords differ."),
        ({"current": "wrong"}, "This is not your present password."),
        ({"password": "kendal-gerobak-langit", "again": "kendal-gerobak-langit"}, "must not hold"),
        ({"password": "", "again": ""}, 'aria-invalid="true"'),
    ):
        answer = change(someone, **fields)
        assert answer.status_code == 422, fields
        assert sentence in answer.text
        assert NEW_PASSWORD not in answer.text
    assert enters(Browserish(app).sign_in("kendal.staf"))
    assert change(someone).status_code == 302
    again = change(someone, current=NEW_PASSWORD)
    assert again.status_code == 422
    assert "your password already" in again.text


def test_whoever_found_an_open_browser_guesses_the_present_password_no_faster(person: Any) -> None:
    someone = person("kendal.staf")
    for _turn in range(5):
        assert change(someone, current="wrong").status_code == 422
    refused = change(someone)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 30
    assert "Too many attempts" in refused.text


def test_the_password_stands_in_no_table_and_in_no_log(person: Any, execute: Any, caplog: Any) -> None:
    change(person("kendal.staf"))
    for (table,) in execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        found = execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', f"%{NEW_PASSWORD}%")
        assert found == [(0,)], table
    assert NEW_PASSWORD not in caplog.text
