"""A role that demands a second factor: nobody works with it before they have one."""

from __future__ import annotations

from typing import Any

import pytest

from app.access.second_factor_role import demand_second_factor
from app.errors import Forbidden, NotFound
from app.testing.client import Browserish
from tests.users.conftest import HERE, MARK, PASSWORD, PLACE, calls, enters

STAFF = "/kernel/roles/kendal.staf"


def sent_to_set_up(person: Browserish, path: str = PLACE) -> bool:
    """Whether the page is refused, and the person sent to where a second factor is set up."""
    answer = person.get(path)
    assert MARK not in answer.text or answer.status_code == 200
    return answer.headers.get("Location") == HERE


def demand(admin: Browserish, post: Any, *, on: bool = True, at: str = STAFF) -> str:
    text: str = post(admin, f"{at}/second-factor", on="1" if on else "0").text
    return text


def test_a_demanded_second_factor_is_set_up_before_anything_else(
    person: Any,
    post: Any,
    enrolled: Any,
) -> None:
    admin, staff = person("kendal.admin"), person("kendal.staf")
    assert enters(staff)
    assert "Nobody works with this role without a second factor." in demand(admin, post)
    assert "with a second factor" in admin.get("/kernel/roles/").text
    assert sent_to_set_up(staff)
    assert sent_to_set_up(staff, "/")
    assert enters(admin), "another role"
    assert "Your role here asks for a second factor. Set it up first." in staff.get(HERE).text
    assert enters(enrolled("kendal.staf")[0])
    assert "decide for themselves" in demand(admin, post, on=False)


def test_programs_are_refused_with_a_code_and_sign_out_still_works(person: Any, post: Any, program: Any) -> None:
    script, staff = program("kendal.staf"), person("kendal.staf")
    assert calls(script)
    demand(person("kendal.admin"), post)
    answer = script.api("GET", "partner/")
    assert (answer.status_code, answer.json["code"]) == (403, "second_factor_required")
    assert MARK not in answer.text
    assert script.api("POST", "partner/", {"name": "Mitra Baru"}).status_code == 403
    assert script.api("POST", "security/logout").status_code == 200
    token = staff.hidden(HERE)["csrf_token"]
    assert staff.http.post("/logout/", data={"csrf_token": token}).headers["Location"] == "/login/"


def test_it_holds_in_the_institution_that_demands_it_and_for_roles_by_position(person: Any, post: Any) -> None:
    demand(person("kendal.admin"), post, at="/kernel/roles/kendal.staf")
    assert sent_to_set_up(person("kendal.staf")), "the role comes with the position"
    assert "Universitas Airlangga" in person("unair.kepala").get("/kernel/profile/").text
    demand(person("unair.admin"), post, at="/kernel/roles/kernel.member")
    assert sent_to_set_up(person("unair.kepala"))
    assert enters(person("kendal.kabid"))


def test_a_demand_on_administrators_holds_for_the_platforms_too(person: Any, post: Any) -> None:
    platform = person("admin")
    assert enters(platform)
    demand(person("kendal.admin"), post, at="/kernel/roles/kernel.administrator")
    assert sent_to_set_up(platform)


def test_nobody_demands_without_the_right_nor_of_roles_of_others(acting: Any, app: Any) -> None:
    from app.database.session import db

    with acting("kendal.admin", "kendal"):
        demand_second_factor(db.session(), "kendal.staf", on=True)
        demand_second_factor(db.session(), "kendal.staf", on=True)
        with pytest.raises(NotFound):
            demand_second_factor(db.session(), "unair.kepala", on=True)
    with acting("kendal.staf", "kendal"), pytest.raises(Forbidden):
        demand_second_factor(db.session(), "kendal.staf", on=True)


def test_new_recovery_codes_take_the_place_of_the_former_ones(
    app: Any,
    post: Any,
    enrolled: Any,
) -> None:
    here, phone = enrolled("kendal.staf")
    former = phone.recovery_codes
    for wrong in ({"password": PASSWORD, "code": "000000"}, {"password": "wrong", "code": former[0]}):
        assert "<li><code>" not in post(here, f"{HERE}codes", **wrong).text
    page = post(here, f"{HERE}codes", password=PASSWORD, code=former[1]).text
    assert "The former ones are of no use any more." in page
    new = [part.partition("<")[0] for part in page.split("<li><code>")[1:]]
    assert len(set(new)) == 10
    assert not set(new) & set(former)
    for code, status in ((former[2], 401), (new[0], 302)):
        someone = Browserish(app)
        someone.send("/login/", {"username": "kendal.staf", "password": PASSWORD})
        assert someone.send("/login/code", {"code": code}).status_code == status
