"""What an administrator does with accounts, and with whose."""

from __future__ import annotations

from typing import Any

import pytest

from app.testing.client import Browserish
from tests.users.conftest import enters

ACTIONS = ("deactivate", "activate", "sign_out", "send_link", "reset_code")


def test_the_page_of_a_person_shows_the_account_and_where_it_is_signed_in(person: Any, user_id: Any) -> None:
    person("kendal.staf")
    page = person("kendal.admin").get(f"/kernel/person/{user_id('kendal.staf')}").text
    assert "kendal.staf@example.test" in page
    assert "Werkzeug" in page  # the device of the tests
    assert f'action="/kernel/person/{user_id("kendal.staf")}/deactivate"' in page


def test_signing_a_person_out_leaves_the_account_as_it_is(person: Any, post: Any, user_id: Any, app: Any) -> None:
    staff = person("kendal.staf")
    assert enters(staff)
    answer = post(person("kendal.admin"), f"/kernel/person/{user_id('kendal.staf')}/sign_out")
    assert "is signed out on all devices" in answer.text
    assert not enters(staff)
    assert enters(Browserish(app).sign_in("kendal.staf"))


def test_a_link_for_a_new_password_goes_to_the_person_and_not_to_the_administrator(
    person: Any, post: Any, user_id: Any, run_jobs: Any, links: Any
) -> None:
    page = post(person("kendal.admin"), f"/kernel/person/{user_id('kendal.staf')}/send_link").text
    assert "is on its way to the person" in page
    run_jobs()
    [path] = links("kendal.staf@example.test")
    assert path not in page
    assert 'name="again"' in Browserish(person("kendal.admin").http.application).get(path).text


def test_oneself_and_the_last_administrator_are_not_deactivated(
    person: Any, post: Any, user_id: Any, execute: Any
) -> None:
    admin, staff = person("kendal.admin"), user_id("kendal.staf")
    mine = user_id("kendal.admin")
    assert "cannot deactivate yourself" in post(admin, f"/kernel/person/{mine}/deactivate").text
    assert "The role was given." in post(admin, f"/kernel/people/{staff}/roles", role="kernel.administrator").text
    second = person("kendal.staf")
    assert "was deactivated" in post(second, f"/kernel/person/{mine}/deactivate").text
    assert not enters(admin)
    platform = person("admin")
    platform.headers["X-Institution"] = "kendal"
    refused = post(platform, f"/kernel/person/{staff}/deactivate")
    assert "last administrator" in refused.text
    assert execute("SELECT active FROM ab_user WHERE id = %s", staff) == [(True,)]


def test_people_of_other_institutions_do_not_exist_here(person: Any, post: Any, user_id: Any, execute: Any) -> None:
    admin = person("kendal.admin")
    assert admin.get(f"/kernel/person/{user_id('kendal.staf')}").status_code == 200
    stranger = user_id("unair.humas")
    assert admin.get(f"/kernel/person/{stranger}").status_code == 404
    for action in ACTIONS:
        assert post(admin, f"/kernel/person/{stranger}/{action}").status_code == 404
    assert execute("SELECT active FROM ab_user WHERE id = %s", stranger) == [(True,)]


def test_whoever_works_elsewhere_too_keeps_the_account_whatever_one_administrator_wants(
    person: Any, post: Any, user_id: Any, execute: Any
) -> None:
    pk = user_id("unair.humas")
    execute(
        "INSERT INTO role_assignment (institution_id, user_id, role) SELECT id, %s, 'kernel.member' FROM institution"
        " WHERE code = 'kendal'",
        pk,
    )
    execute("UPDATE registry_state SET access_version = access_version + 1")
    person("unair.humas")
    admin = person("kendal.admin")
    page = admin.get(f"/kernel/person/{pk}").text
    assert "also works in another institution" in page
    assert "Werkzeug" not in page
    for action in ACTIONS:
        assert "also works in another institution" in post(admin, f"/kernel/person/{pk}/{action}").text
    assert execute("SELECT active FROM ab_user WHERE id = %s", pk) == [(True,)]


@pytest.mark.parametrize("action", ACTIONS)
def test_whoever_does_not_administer_does_none_of_it(person: Any, post: Any, user_id: Any, action: str) -> None:
    pk = user_id("kendal.kabid")
    assert person("kendal.admin").get(f"/kernel/person/{pk}").status_code == 200
    assert person("kendal.staf").get(f"/kernel/person/{pk}").status_code == 403
    assert post(person("kendal.staf"), f"/kernel/person/{pk}/{action}").status_code == 403
