"""Two at once: one code, one link, two administrators who want to be rid of each other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from app import clock
from app.testing.client import Browserish
from tests.users.conftest import NEW_PASSWORD, enters
from tests.users.test_second_factor import first_step

TURNS = 4


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls return, begun at the same moment."""
    barrier, found = threading.Barrier(len(calls)), []

    def run(call: Callable[[], Any]) -> None:
        barrier.wait()
        found.append(call())

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(calls)
    return found


@pytest.mark.parametrize("_turn", range(TURNS))
def test_one_code_sent_from_two_browsers_lets_one_in(app: Any, enrolled: Any, _turn: int) -> None:
    _here, phone = enrolled("kendal.staf")
    browsers = [first_step(app), first_step(app)]
    tokens = [browser.hidden("/login/code") for browser in browsers]
    code = pyotp.TOTP(phone.totp.secret).at(clock.now())

    def send(place: int) -> int:
        data = {**tokens[place], "code": code}
        return int(browsers[place].http.post("/login/code", data=data).status_code)

    assert sorted(at_once(lambda: send(0), lambda: send(1))) == [302, 401]
    assert sorted(map(enters, browsers)) == [False, True]


@pytest.mark.parametrize("_turn", range(TURNS))
def test_one_invitation_accepted_from_two_browsers_makes_one_account(
    app: Any,
    person: Any,
    links: Any,
    execute: Any,
    _turn: int,
) -> None:
    fields = {"first_name": "Orang", "last_name": "Baru", "email": "dua@contoh.test", "roles": []}
    assert person("kendal.admin").send("/kernel/invitations/", fields).status_code == 302
    [path] = links("dua@contoh.test")
    browsers = [Browserish(app), Browserish(app)]
    tokens = [browser.hidden(path) for browser in browsers]

    def send(place: int) -> int:
        data = {**tokens[place], "password": NEW_PASSWORD, "again": NEW_PASSWORD}
        return int(browsers[place].http.post(path, data=data).status_code)

    assert sorted(at_once(lambda: send(0), lambda: send(1))) == [302, 404]
    assert execute("SELECT count(*) FROM ab_user WHERE email = 'dua@contoh.test'") == [(1,)]


@pytest.mark.parametrize("_turn", range(TURNS))
def test_two_administrators_who_deactivate_each_other_leave_one(
    app: Any,
    person: Any,
    post: Any,
    user_id: Any,
    execute: Any,
    _turn: int,
) -> None:
    first, ids = person("kendal.admin"), (user_id("kendal.admin"), user_id("kendal.staf"))
    assert "The role was given." in post(first, f"/kernel/people/{ids[1]}/roles", role="kernel.administrator").text
    people = [first, person("kendal.staf")]
    tokens = [someone.hidden("/kernel/profile/")["csrf_token"] for someone in people]

    def deactivate(place: int) -> int:
        path = f"/kernel/person/{ids[1 - place]}/deactivate"
        answer = people[place].http.post(path, data={"csrf_token": tokens[place]}, headers=people[place].headers)
        return int(answer.status_code)

    assert at_once(lambda: deactivate(0), lambda: deactivate(1)) == [302, 302]
    active = "SELECT count(*) FROM ab_user WHERE active AND id IN (%s, %s)"
    assert execute(active, *ids) == [(1,)]
    assert sorted(map(enters, people)) == [False, True]
