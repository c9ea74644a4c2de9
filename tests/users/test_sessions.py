"""Old cookies and old tokens: each is replayed as a thief would, first while it holds, then after what must end it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from jwt import api_jwt as jwt_time

from app import clock
from app.testing.client import Browserish
from tests.users.conftest import COOKIE, NEW_PASSWORD, PLACE, calls, enters


@pytest.fixture
def stolen(person: Any, program: Any, copy_of: Any) -> Callable[[str], tuple[Browserish, Browserish]]:
    """Copies of somebody's cookie and token, both of which open something now."""

    def take(username: str) -> tuple[Browserish, Browserish]:
        cookie, token = copy_of(person(username)), copy_of(program(username))
        assert enters(cookie)
        assert calls(token)
        return cookie, token

    return take


def test_without_its_row_neither_cookie_nor_token_opens_anything(stolen: Any, execute: Any) -> None:
    cookie, token = stolen("kendal.staf")
    execute("DELETE FROM user_session")
    assert not enters(cookie)
    assert not calls(token)


def test_the_table_holds_no_secret_that_opens_anything(person: Any, execute: Any) -> None:
    someone = person("kendal.staf")
    with someone.http.session_transaction() as session:
        secret = session["sid"]
    [(stored,)] = execute("SELECT secret_hash FROM user_session")
    assert len(secret) > 40
    assert stored != secret
    with someone.http.session_transaction() as session:
        session["sid"] = stored
    assert not enters(someone)


def test_a_cookie_copied_before_signing_out_is_dead_afterwards(person: Any, copy_of: Any) -> None:
    someone = person("kendal.staf")
    elsewhere = Browserish(someone.http.application).sign_in("kendal.staf")
    thief = copy_of(someone)
    assert enters(thief)
    someone.http.post("/logout/", data=someone.hidden(PLACE + "add"), headers=someone.headers)
    assert not enters(thief)
    assert enters(elsewhere)


def test_a_token_signed_out_is_dead_with_its_refresh_token(app: Any, program: Any) -> None:
    other = program("kendal.staf")
    client = app.test_client()
    body = {"username": "kendal.staf", "password": "sinergi-demo", "provider": "db", "refresh": True}
    tokens = client.post("/api/v1/security/login", json=body).json
    access, refresh = ({"Authorization": f"Bearer {tokens[name]}"} for name in ("access_token", "refresh_token"))
    assert client.post("/api/v1/security/refresh", headers=refresh).status_code == 200
    assert client.get("/api/v1/partner/", headers=access).status_code == 200
    assert client.post("/api/v1/security/logout", headers=access).json == {"message": "OK"}
    assert client.get("/api/v1/partner/", headers=access).status_code == 401
    assert client.post("/api/v1/security/refresh", headers=refresh).status_code == 401
    assert calls(other)


def test_another_password_ends_every_other_session_and_token(person: Any, stolen: Any, post: Any) -> None:
    cookie, token = stolen("kendal.staf")
    someone = person("kendal.staf")
    fields = {"current": "sinergi-demo", "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert "The password was changed." in post(someone, "/kernel/profile/password", **fields).text
    assert not enters(cookie)
    assert not calls(token)
    assert enters(someone)
    assert enters(Browserish(someone.http.application).sign_in("kendal.staf", NEW_PASSWORD))


def test_signing_out_on_all_devices_ends_this_one_too(person: Any, stolen: Any, post: Any) -> None:
    cookie, token = stolen("kendal.staf")
    bystander = person("kendal.kabid")
    someone = person("kendal.staf")
    assert "You are signed out on all devices." in post(someone, "/kernel/profile/sessions/end").text
    for copy in (cookie, someone):
        assert not enters(copy)
    assert not calls(token)
    assert enters(bystander)


def test_deactivation_by_the_administrator_ends_cookie_and_token_and_reactivation_brings_neither_back(
    person: Any, stolen: Any, post: Any, user_id: Any
) -> None:
    cookie, token = stolen("kendal.staf")
    admin, pk = person("kendal.admin"), user_id("kendal.staf")
    assert "was deactivated" in post(admin, f"/kernel/person/{pk}/deactivate").text
    assert not enters(cookie)
    assert not calls(token)
    assert "can sign in again" in post(admin, f"/kernel/person/{pk}/activate").text
    assert not enters(cookie)
    assert not calls(token)
    assert enters(Browserish(cookie.http.application).sign_in("kendal.staf"))


def test_the_loss_of_a_role_ends_cookie_and_token_for_good(
    person: Any, stolen: Any, post: Any, user_id: Any, execute: Any
) -> None:
    admin, pk = person("kendal.admin"), user_id("kendal.staf")
    path = f"/kernel/people/{pk}/roles"
    assert "The role was given." in post(admin, path, role="kernel.administrator").text
    cookie, token = stolen("kendal.staf")
    [(given,)] = execute("SELECT id FROM role_assignment WHERE user_id = %s AND role = 'kernel.administrator'", pk)
    assert "taken away" in post(admin, f"/kernel/people/roles/{given}/take").text
    assert not enters(cookie)
    assert not calls(token)
    assert "The role was given." in post(admin, path, role="kernel.administrator").text
    assert not enters(cookie)
    assert not calls(token)


def test_a_role_that_ends_by_its_date_ends_the_session_too(stolen: Any, execute: Any, user_id: Any) -> None:
    cookie, token = stolen("kendal.staf")
    yesterday = clock.today("Asia/Jakarta") - timedelta(days=1)
    execute(
        "UPDATE role_assignment SET date_to = %s WHERE user_id = %s AND role = 'kernel.member'",
        yesterday,
        user_id("kendal.staf"),
    )
    execute("UPDATE registry_state SET access_version = access_version + 1")
    assert not enters(cookie)
    assert not calls(token)


def test_a_role_gained_while_signed_in_counts_at_once_and_its_loss_too(
    person: Any, copy_of: Any, post: Any, user_id: Any, execute: Any
) -> None:
    cookie = copy_of(person("kendal.staf"))
    admin, pk = person("kendal.admin"), user_id("kendal.staf")
    post(admin, f"/kernel/people/{pk}/roles", role="kernel.administrator")
    assert "Roles and rights" in cookie.get("/kernel/roles/").text
    [(given,)] = execute("SELECT max(id) FROM role_assignment")
    post(admin, f"/kernel/people/roles/{given}/take")
    assert not enters(cookie)


def test_the_loss_of_the_platform_role_ends_the_session(person: Any, execute: Any, user_id: Any) -> None:
    admin = person("admin")
    assert admin.get("/kernel/jobs/").status_code == 200
    execute("DELETE FROM ab_user_role WHERE user_id = %s", user_id("admin"))
    execute("UPDATE registry_state SET access_version = access_version + 1")
    assert admin.get("/kernel/jobs/").status_code == 302


def test_the_operators_command_ends_every_session(app: Any, stolen: Any) -> None:
    from app.cli.user import replace_password

    cookie, token = stolen("kendal.staf")
    with app.app_context():
        replace_password("kendal.staf", NEW_PASSWORD)
    assert not enters(cookie)
    assert not calls(token)


def test_the_profile_lists_ones_sessions_and_ends_one(person: Any, copy_of: Any, post: Any, execute: Any) -> None:
    laptop, stranger = person("kendal.staf"), person("kendal.kabid")
    phone = Browserish(laptop.http.application)
    phone.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
    phone.sign_in("kendal.staf")
    page = laptop.get("/kernel/profile/").text
    assert "Chrome · Android" in page
    assert page.count("/kernel/profile/sessions/") == 3  # two, and all at once
    [(theirs,)] = execute("SELECT max(id) FROM user_session WHERE user_agent LIKE '%%Android%%'")
    missing = post(stranger, f"/kernel/profile/sessions/{theirs}/end")
    assert missing.status_code == 404
    assert enters(phone)
    assert "The session has ended." in post(laptop, f"/kernel/profile/sessions/{theirs}/end").text
    assert not enters(phone)
    assert enters(laptop)


def test_use_is_written_down_at_most_once_a_minute(person: Any, execute: Any) -> None:
    someone = person("kendal.staf")
    seen = "SELECT seen_at FROM user_session"
    execute("UPDATE user_session SET seen_at = now() - interval '30 seconds'")
    [(before,)] = execute(seen)
    assert enters(someone)
    assert execute(seen) == [(before,)]
    execute("UPDATE user_session SET seen_at = now() - interval '2 minutes'")
    assert enters(someone)
    assert execute(seen)[0][0] > before


def test_sessions_nobody_can_use_any_more_are_forgotten(app: Any, person: Any, program: Any, execute: Any) -> None:
    from app.database.session import db
    from app.users.sessions import forget_old_sessions

    person("kendal.staf"), person("kendal.kabid"), program("kendal.staf")
    execute(
        "UPDATE user_session SET seen_at = now() - interval '11 hours' WHERE id <> (SELECT min(id) FROM user_session)"
    )
    with app.app_context():
        forget_old_sessions(db.session())
        db.session.commit()
    assert sorted(execute("SELECT kind FROM user_session")) == [("browser",), ("program",)]


def test_a_cookie_without_a_session_row_from_before_this_release_asks_to_sign_in(person: Any, user_id: Any) -> None:
    someone = person("kendal.staf")
    with someone.http.session_transaction() as session:
        del session["sid"]
    assert session["_user_id"] == str(user_id("kendal.staf"))
    assert someone.http.get_cookie(COOKIE)
    assert not enters(someone)


def test_a_cookie_does_not_open_somebody_elses_account(person: Any, user_id: Any) -> None:
    someone = person("kendal.staf")
    with someone.http.session_transaction() as session:
        session["_user_id"] = str(user_id("kendal.admin"))
    assert not enters(someone)


def test_cookies_and_tokens_of_a_machine_whose_clock_is_a_little_ahead_are_taken(
    person: Any, program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = time.time
    browser, script = person("kendal.staf"), program("kendal.staf")
    assert (enters(browser), calls(script)) == (True, True)
    monkeypatch.setattr(time, "time", lambda: really() - 10)
    monkeypatch.setattr(jwt_time, "datetime", _behind(10))
    assert (enters(browser), calls(script)) == (True, True)
    monkeypatch.setattr(time, "time", lambda: really() - 300)
    monkeypatch.setattr(jwt_time, "datetime", _behind(300))
    assert (enters(browser), calls(script)) == (False, False), "a clock that is five minutes off is an error"


def _behind(seconds: int) -> Any:
    """The class that says what time it is, on a machine whose clock is behind."""

    class Behind(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) - timedelta(seconds=seconds)

    return Behind
