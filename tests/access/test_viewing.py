"""Viewing as: an administrator sees what somebody else sees, changes nothing, and it is written down."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.access.impersonation import Impersonation
from app.access.role_assignment import RoleAssignment
from app.access.role_grid import set_right
from app.database.base import models
from app.database.session import db
from app.testing.client import Browserish

pytestmark = pytest.mark.postgres

PARTNER = "partners.Partner"
BANNER = "You are viewing as"


def send(person: Browserish, path: str, **fields: Any) -> Any:
    """Send a form with the token of the page one is on."""
    return person.http.post(path, data={**person.hidden("/rooms/room/"), **fields}, headers=person.headers)


@pytest.fixture
def viewer(person: Any, user_id: Any) -> Browserish:
    """Kendal's administrator, who looks as the staff."""
    admin = person("kendal.admin")
    assert send(admin, f"/kernel/viewing/begin/{user_id('kendal.staf')}").status_code == 302
    return admin


def log(administrator: Any) -> list[tuple[int, int, bool]]:
    """Who looked as whom, and whether it ended."""
    with administrator():
        rows = db.session.scalars(select(Impersonation).order_by(Impersonation.id))
        return [(row.actor_id, row.user_id, row.ended_at is not None) for row in rows]


def test_it_shows_what_the_other_person_sees_under_a_banner_and_ends_with_a_button(
    viewer: Browserish, person: Any, user_id: Any, administrator: Any
) -> None:
    theirs = person("kendal.staf").get("/rooms/room/").text
    page = viewer.get("/rooms/room/")
    assert BANNER in page.text
    assert BANNER not in theirs
    assert viewer.get("/kernel/roles/").status_code == person("kendal.staf").get("/kernel/roles/").status_code == 403
    pair = (user_id("kendal.admin"), user_id("kendal.staf"))
    assert log(administrator) == [(*pair, False)]
    assert send(viewer, "/kernel/viewing/end").headers["Location"] == "/kernel/people/"
    assert BANNER not in viewer.get("/rooms/room/").text
    assert viewer.get("/kernel/roles/").status_code == 200
    assert log(administrator) == [(*pair, True)]
    page = viewer.get("/kernel/viewing/").text
    assert "Viewed as others" in page
    assert "Staf Contoh Kendal" in page


def test_nothing_can_be_changed_by_page_or_resource(viewer: Browserish, administrator: Any) -> None:
    with administrator():
        count = db.session.query(models[PARTNER]).count()
    token = viewer.hidden("/rooms/room/")["csrf_token"]
    for path, options in (
        ("/partners/partner/add", {"data": {"csrf_token": token, "name": "Mitra gelap"}}),
        ("/api/v1/partner/", {"json": {"name": "Mitra gelap"}, "headers": {"X-CSRFToken": token}}),
        ("/institution", {"data": {"csrf_token": token, "institution": "unair"}}),
    ):
        headers = {**viewer.headers, **options.pop("headers", {})}
        answer = viewer.http.post(path, headers=headers, **options)
        assert answer.status_code == 403, path
        assert BANNER in answer.text, path
    with administrator():
        assert db.session.query(models[PARTNER]).count() == count


def test_nobody_looks_as_the_platforms_administrator_or_as_a_person_of_another_institution(
    person: Any, user_id: Any, administrator: Any
) -> None:
    admin = person("kendal.admin")
    assert send(admin, f"/kernel/viewing/begin/{user_id('unair.humas')}").status_code == 404
    platform = user_id("admin")
    with administrator() as access:
        db.session.add(RoleAssignment(institution_id=access.institution_id, user_id=platform, role="kernel.member"))
        db.session.commit()
    answer = send(admin, f"/kernel/viewing/begin/{platform}")
    assert answer.status_code == 302
    assert "Nobody looks as an administrator of the platform" in admin.get("/kernel/people/").text
    assert BANNER not in admin.get("/rooms/room/").text
    assert log(administrator) == []


def test_whoever_lacks_the_right_cannot_begin_and_who_loses_it_is_themselves_again(
    person: Any, user_id: Any, administrator: Any
) -> None:
    staf, kadis = person("kendal.staf"), user_id("kendal.kadis")
    assert send(staf, f"/kernel/viewing/begin/{kadis}").status_code == 403
    with administrator():
        for operation in ("read", "view_as"):
            set_right(db.session(), "kendal.staf", "kernel.RoleAssignment", operation, True)
        db.session.commit()
    assert send(staf, f"/kernel/viewing/begin/{kadis}").status_code == 302
    assert BANNER in staf.get("/rooms/room/").text
    with administrator():
        set_right(db.session(), "kendal.staf", "kernel.RoleAssignment", "view_as", False)
        db.session.commit()
    assert BANNER not in staf.get("/rooms/room/").text


def test_what_the_other_person_sees_elsewhere_stays_out_of_reach(
    person: Any, program: Any, user_id: Any, acting: Any
) -> None:
    staf = user_id("kendal.staf")
    with acting("unair.admin", "unair") as access:
        db.session.add(RoleAssignment(institution_id=access.institution_id, user_id=staf, role="partners.reader"))
        db.session.commit()
    assert program("kendal.staf", "unair").api("GET", "partner/").status_code == 200
    admin = person("kendal.admin")
    send(admin, f"/kernel/viewing/begin/{staf}")
    page = admin.get("/rooms/room/", headers={"X-Institution": "unair"})
    assert BANNER in page.text
    assert 'data-institution="kendal"' in page.text
    assert 'value="unair"' not in page.text


def test_it_dies_with_the_session(viewer: Browserish, administrator: Any) -> None:
    assert send(viewer, "/logout/").status_code == 302
    assert log(administrator)[0][2]
    viewer.sign_in("kendal.admin")
    assert BANNER not in viewer.get("/rooms/room/").text
