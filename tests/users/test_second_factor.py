"""The second factor: switching on, signing in by page and API, each code once, recovery codes, off and reset."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app import clock
from app.testing.client import Browserish
from tests.users.conftest import HERE, NEW_PASSWORD, PASSWORD, enters

LOGIN = {"username": "kendal.staf", "password": PASSWORD}


def first_step(app: Any, password: str = PASSWORD) -> Browserish:
    """Somebody who gave the password."""
    someone = Browserish(app)
    answer = someone.send("/login/", {**LOGIN, "password": password})
    assert answer.headers["Location"] == "/login/code"
    return someone


def test_with_the_second_factor_on_the_password_alone_opens_nothing(app: Any, enrolled: Any) -> None:
    here, phone = enrolled("kendal.staf")
    assert enters(here)
    someone = first_step(app)
    assert not enters(someone)
    page = someone.get("/login/code").text
    assert 'autocomplete="one-time-code"' in page
    wrong = someone.send("/login/code", {"code": "000000"})
    assert wrong.status_code == 401
    assert "This code is wrong" in wrong.text
    assert not enters(someone)
    assert someone.send("/login/code", {"code": phone.code()}).headers["Location"] == "/"
    assert enters(someone)


def test_the_way_one_wanted_to_go_outlives_the_second_step(app: Any, enrolled: Any) -> None:
    _here, phone = enrolled("kendal.staf")
    someone = Browserish(app)
    someone.send("/login/?next=%2Frooms%2Froom%2F", LOGIN)
    assert someone.send("/login/code", {"code": phone.code()}).headers["Location"] == "/rooms/room/"


def test_a_code_is_taken_once_and_none_older_than_it(app: Any, enrolled: Any) -> None:
    now = clock.now()
    with clock.frozen(now):
        _here, phone = enrolled("kendal.staf")
        used = phone.code()
        assert first_step(app).send("/login/code", {"code": used}).status_code == 302
        again = first_step(app)
        assert again.send("/login/code", {"code": used}).status_code == 401
        assert again.send("/login/code", {"code": phone.code(-1)}).status_code == 401
        assert not enters(again)
        assert again.send("/login/code", {"code": phone.code(1)}).status_code == 302  # a clock half a minute ahead
    with clock.frozen(now + timedelta(minutes=5)):
        late = first_step(app)
        assert late.send("/login/code", {"code": phone.code(-2)}).status_code == 401
        assert late.send("/login/code", {"code": f" {phone.code()[:3]} {phone.code()[3:]} "}).status_code == 302


def test_each_recovery_code_works_once(app: Any, enrolled: Any) -> None:
    here, phone = enrolled("kendal.staf")
    assert len(set(phone.recovery_codes)) == 10
    first, second = phone.recovery_codes[:2]
    assert first_step(app).send("/login/code", {"code": first}).status_code == 302
    again = first_step(app)
    assert again.send("/login/code", {"code": first}).status_code == 401
    assert again.send("/login/code", {"code": second.upper().replace("-", " ")}).status_code == 302
    assert "8 recovery codes left" in here.get("/kernel/profile/").text


def test_codes_are_guessed_no_faster_than_passwords(app: Any, enrolled: Any) -> None:
    with clock.frozen(clock.now()):
        _here, phone = enrolled("kendal.staf")
        someone = first_step(app)
        for guess in range(5):
            assert someone.send("/login/code", {"code": f"{guess:06}"}).status_code == 401
        refused = someone.send("/login/code", {"code": phone.code()})
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "30"
        assert "Too many attempts" in refused.text
        assert not enters(someone)
        fresh = first_step(app)  # a new first step does not help
        assert fresh.send("/login/code", {"code": phone.code()}).status_code == 429


def test_the_first_step_does_not_last_and_does_not_outlive_another_password(app: Any, enrolled: Any) -> None:
    from app.cli.user import replace_password

    _here, phone = enrolled("kendal.staf")
    slow, old = first_step(app), first_step(app)
    with clock.frozen(clock.now() + timedelta(minutes=5, seconds=2)):
        answer = slow.send("/login/code", {"code": phone.code()}, form_at="/login/")
        assert answer.headers["Location"] == "/login/"
    assert not enters(slow)
    with app.app_context():
        replace_password("kendal.staf", NEW_PASSWORD)
    assert old.send("/login/code", {"code": phone.code()}, form_at="/login/").headers["Location"] == "/login/"
    assert not enters(old)
    new = first_step(app, NEW_PASSWORD)  # the second factor stays
    assert new.send("/login/code", {"code": phone.code()}).status_code == 302
    assert Browserish(app).get("/login/code").headers["Location"] == "/login/"


def test_a_new_password_by_link_does_not_go_round_the_second_factor(
    app: Any, enrolled: Any, visitor: Any, run_jobs: Any, links: Any
) -> None:
    _here, phone = enrolled("kendal.staf")
    visitor().send("/kernel/forgotten_password/", {"email": "kendal.staf@example.test"})
    run_jobs()
    someone, [path] = visitor(), links("kendal.staf@example.test")
    fields = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert someone.send(path, fields).headers["Location"] == "/login/code"
    assert not enters(someone)
    assert someone.send("/login/code", {"code": phone.code()}).status_code == 302
    assert enters(someone)


def test_programs_send_the_code_with_the_password(app: Any, enrolled: Any) -> None:
    _here, phone = enrolled("kendal.staf")
    client, body = app.test_client(), {**LOGIN, "provider": "db"}
    asked = client.post("/api/v1/security/login", json=body)
    assert asked.status_code == 401
    assert asked.json["code"] == "code_required"
    unknown = client.post("/api/v1/security/login", json={**body, "password": "wrong"})
    assert unknown.json["code"] == "wrong_credentials"
    wrong = client.post("/api/v1/security/login", json={**body, "code": "000000"})
    assert wrong.json["code"] == "wrong_code"
    assert client.post("/api/v1/security/login", json={**body, "code": 123456}).status_code == 400
    right = client.post("/api/v1/security/login", json={**body, "code": phone.code()})
    assert right.status_code == 200
    token = {"Authorization": f"Bearer {right.json['access_token']}"}
    assert client.get("/api/v1/partner/", headers=token).status_code == 200
    assert client.post("/api/v1/security/login", json={**body, "code": phone.code()}).json["code"] == "wrong_code"


def test_switching_on_asks_for_the_password_and_a_right_code(person: Any, post: Any, app: Any) -> None:
    someone = person("kendal.staf")
    assert "This is not your present password." in post(someone, f"{HERE}begin", password="wrong").text
    assert "nothing to confirm" in post(someone, f"{HERE}confirm", code="000000").text
    page = post(someone, f"{HERE}begin", password=PASSWORD).text
    assert 'src="data:image/svg+xml' in page
    refused = post(someone, f"{HERE}confirm", code="000000")
    assert refused.status_code == 422
    assert "This code does not fit." in refused.text
    assert 'class="secret"' in refused.text
    assert enters(Browserish(app).sign_in("kendal.staf"))  # not on yet


def test_switching_off_asks_for_password_and_code(app: Any, enrolled: Any, post: Any) -> None:
    here, phone = enrolled("kendal.staf")
    page = here.get(HERE).text
    assert "The second factor is on" in page
    assert 'class="secret"' not in page
    assert "not your present password" in post(here, f"{HERE}off", password="wrong", code=phone.code()).text
    assert "This code is wrong" in post(here, f"{HERE}off", password=PASSWORD, code="000000").text
    assert "is on already" in post(here, f"{HERE}begin", password=PASSWORD).text
    assert first_step(app)
    assert "The second factor is off." in post(here, f"{HERE}off", password=PASSWORD, code=phone.code()).text
    assert enters(Browserish(app).sign_in("kendal.staf"))


def test_switching_on_ends_every_other_session(person: Any, enrolled: Any) -> None:
    other = person("kendal.staf")
    assert enters(other)
    here, _phone = enrolled("kendal.staf")
    assert enters(here)
    assert not enters(other)


def test_the_administrator_resets_it_and_the_trail_says_who_did(
    app: Any, person: Any, enrolled: Any, post: Any, user_id: Any, execute: Any
) -> None:
    here, _phone = enrolled("kendal.staf")
    admin, pk = person("kendal.admin"), user_id("kendal.staf")
    assert first_step(app)
    assert "The second factor was reset" in post(admin, f"/kernel/person/{pk}/reset_code").text
    assert not enters(here)
    assert enters(Browserish(app).sign_in("kendal.staf"))
    trail = execute(
        "SELECT user_id, old ->> 'user_id' FROM audit_entry WHERE table_name = 'second_factor' AND operation = 'delete'"
    )
    assert trail == [(user_id("kendal.admin"), str(pk))]
    assert "is not on" in post(admin, f"/kernel/person/{pk}/reset_code").text


def test_secret_and_recovery_codes_are_stored_so_that_nobody_can_use_them(enrolled: Any, execute: Any) -> None:
    _here, phone = enrolled("kendal.staf")
    for text in (phone.totp.secret, phone.recovery_codes[0], phone.recovery_codes[0].replace("-", "")):
        for (table,) in execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            assert execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', f"%{text}%") == [(0,)], table
    [(stored,)] = execute("SELECT secret FROM second_factor")
    assert execute("SELECT count(*) FROM audit_entry a WHERE a::text LIKE %s", f"%{stored}%") == [(0,)]
    [(_hidden,)] = execute("SELECT count(*) FROM audit_entry WHERE table_name = 'second_factor' AND new ? 'secret'")
    assert _hidden == 0


def test_the_qr_picture_says_what_the_app_needs(app: Any, person: Any, post: Any) -> None:
    from app.database.session import db
    from app.users.authentication import find_user
    from app.users.codes import enrolment

    post(person("kendal.staf"), f"{HERE}begin", password=PASSWORD)
    with app.app_context():
        secret, picture = enrolment(db.session(), find_user(db.session(), "kendal.staf"))
    assert len(secret) == 32
    assert picture.startswith("data:image/svg+xml")


def test_codes_that_a_wrong_clock_took_in_the_future_lock_nobody_out(app: Any, enrolled: Any) -> None:
    with clock.frozen(clock.now() + timedelta(days=30)):
        _here, phone = enrolled("kendal.staf")
    someone = first_step(app)
    assert someone.send("/login/code", {"code": phone.code()}).headers["Location"] == "/"
    assert enters(someone)


def test_a_clock_put_back_by_a_minute_makes_no_code_good_twice(app: Any, enrolled: Any) -> None:
    _here, phone = enrolled("kendal.staf")
    now = clock.now()
    with clock.frozen(now + timedelta(seconds=60)):
        assert first_step(app).send("/login/code", {"code": phone.code()}).status_code == 302
    with clock.frozen(now + timedelta(seconds=30)):
        assert first_step(app).send("/login/code", {"code": phone.code(1)}).status_code == 401
    with clock.frozen(now + timedelta(seconds=95)):
        assert first_step(app).send("/login/code", {"code": phone.code()}).status_code == 302
