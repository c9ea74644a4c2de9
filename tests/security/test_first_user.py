"""The customer's first user: an institution's administrator gives roles, changes rights, switches addons."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.testing.client import Browserish
from tests.security.world import World

ROOMS = ("/rooms/room/", "/rooms/room/add", "/api/v1/room/", "/api/v1/room/_info", "/lookup/rooms.Booking/room")


@pytest.fixture(scope="module")
def admin(empty_world: World) -> Browserish:
    """Kendal's administrator."""
    return empty_world.person("kendal.admin")


@pytest.fixture(scope="module")
def guest(empty_world: World) -> Browserish:
    """A member of Kendal without any other role, in a session that runs all the while."""
    return empty_world.newcomer("kendal.tamu", "kendal")


def post(person: Browserish, path: str, **fields: Any) -> Any:
    """Send a form of the administration pages, as the page itself would."""
    token = person.hidden("/kernel/addons/")["csrf_token"]
    return person.http.post(path, data={"csrf_token": token, **fields}, headers=person.headers, follow_redirects=True)


def switch(person: Browserish, addon: str, to: str) -> str:
    """Enable or disable an addon; the page that follows."""
    page = post(person, f"/kernel/addons/{addon}/{to}")
    assert page.status_code == 200
    return str(page.text)


def rights_of(person: Browserish, role: str) -> set[str]:
    """The ticked boxes of the grid of ``role``."""
    page = person.get(f"/kernel/roles/{role}").text
    return set(re.findall(r'name="right" value="([^"]+)" checked', page))


def change(person: Browserish, role: str, *, give: str = "", take: str = "") -> Any:
    """Tick or untick one box and save the grid; the page that follows."""
    page = person.get(f"/kernel/roles/{role}").text
    was = re.findall(r'name="was" value="([^"]+)"', page)
    ticked = {cell.partition("=")[0] for cell in was}  # behind the sign stands which rows it reaches
    assert ticked == rights_of(person, role)
    wanted = (ticked | ({give} if give else set())) - {take}
    return post(person, f"/kernel/roles/{role}", was=was, right=sorted(wanted))


def user_id(world: World, username: str) -> int:
    """The id of a person."""
    with world.owner() as connection:
        return int(connection.execute("SELECT id FROM ab_user WHERE username = %s", [username]).fetchone()[0])


def test_rooms_start_switched_off_with_what_depends_on_them(empty_world: World, admin: Browserish) -> None:
    staff, script = empty_world.person("kendal.staf"), empty_world.program("kendal.staf")
    theirs, before = empty_world.person("unair.admin"), empty_world.fingerprint()
    assert "Aula" in staff.get("/rooms/room/").text
    refused = switch(admin, "rooms", "disable")
    assert "Rooms cannot be disabled" in refused
    assert "Activities" in refused
    assert empty_world.fingerprint() == before
    assert "The addon is disabled." in switch(admin, "activities", "disable")
    assert "The addon is disabled." in switch(admin, "rooms", "disable")
    for path in (*ROOMS, "/rooms/room/1", "/api/v1/room/1", "/activities/activity/"):
        client = script if path.startswith("/api") else staff
        assert client.get(path).status_code == 404, path
        assert theirs.get(path.replace("/1", "/")).status_code == 200, path
    assert 'href="/rooms/room/"' not in staff.get("/partners/partner/").text
    assert 'href="/partners/partner/"' in staff.get("/partners/partner/").text
    assert "rooms.Room:read" not in rights_of(admin, "kendal.staf")
    assert "Ruang Kelas Literasi" in theirs.get("/rooms/room/").text


def test_an_addon_is_not_enabled_before_what_it_needs(empty_world: World, admin: Browserish) -> None:
    page = switch(admin, "activities", "enable")
    assert "Activities needs Rooms" in page
    assert empty_world.person("kendal.staf").get("/activities/activity/").status_code == 404
    assert "no addon nonsense" in post(admin, "/kernel/addons/nonsense/enable").text


def test_enabling_rooms_opens_menu_pages_and_api_in_running_sessions(empty_world: World, admin: Browserish) -> None:
    staff, script = empty_world.person("kendal.staf"), empty_world.program("kendal.staf")
    assert staff.get("/rooms/room/").status_code == 404
    assert "The addon is enabled." in switch(admin, "rooms", "enable")
    assert "Aula" in staff.get("/rooms/room/").text
    assert "Aula" in script.api("GET", "room/").text
    assert 'href="/rooms/room/"' in staff.get("/partners/partner/").text
    assert staff.get("/activities/activity/").status_code == 404
    assert "rooms.Room:read" in rights_of(admin, "kendal.staf")


def test_a_role_given_on_a_page_counts_in_the_running_session_and_only_here(
    empty_world: World, admin: Browserish, guest: Browserish
) -> None:
    script = empty_world.program("kendal.tamu")
    assert guest.get("/rooms/room/").status_code == 403
    assert script.api("GET", "room/").status_code == 403
    assert 'href="/rooms/room/"' not in guest.get("/").text
    path = f"/kernel/people/{user_id(empty_world, 'kendal.tamu')}/roles"
    assert "The role was given." in post(admin, path, role="kendal.staf").text
    assert "Aula" in guest.get("/rooms/room/").text
    assert "Aula" in script.api("GET", "room/").text
    assert 'href="/rooms/room/"' in guest.get("/", follow_redirects=True).text
    assert script.get("/api/v1/room/", headers={"X-Institution": "unair"}).status_code == 403
    assert "already has this role" in post(admin, path, role="kendal.staf").text


def test_one_changed_box_of_the_grid_counts_at_once_and_only_here(
    empty_world: World, admin: Browserish, guest: Browserish
) -> None:
    script = empty_world.program("kendal.tamu")
    staff_of_unair, theirs = (
        empty_world.person("unair.humas"),
        rights_of(empty_world.person("unair.admin"), "unair.humas"),
    )
    before = rights_of(admin, "kendal.staf")
    assert "rooms.Room:create" not in before
    assert guest.get("/rooms/room/add").status_code == 403
    assert script.api("POST", "room/", {"name": "Ruang Tamu"}).status_code == 403

    assert "Rights changed: 1." in change(admin, "kendal.staf", give="rooms.Room:create").text
    assert rights_of(admin, "kendal.staf") == before | {"rooms.Room:create"}
    assert 'name="form_token"' in guest.get("/rooms/room/add").text
    assert 'href="/rooms/room/add"' in guest.get("/rooms/room/").text
    assert script.api("POST", "room/", {"name": "Ruang Tamu"}).status_code == 201
    assert "differs from the shipped state" in admin.get("/kernel/roles/kendal.staf").text

    assert "Rights changed: 1." in change(admin, "kendal.staf", take="rooms.Room:read").text
    assert guest.get("/rooms/room/").status_code == 403
    assert script.api("GET", "room/").status_code == 403
    assert 'href="/rooms/room/"' not in guest.get("/partners/partner/").text

    assert "shipped rights again" in post(admin, "/kernel/roles/kendal.staf/restore").text
    assert rights_of(admin, "kendal.staf") == before
    assert "Ruang Tamu" in guest.get("/rooms/room/").text
    assert guest.get("/rooms/room/add").status_code == 403
    assert rights_of(empty_world.person("unair.admin"), "unair.humas") == theirs
    assert staff_of_unair.get("/rooms/room/").status_code == 200


def test_a_grid_that_was_open_meanwhile_takes_nothing_back(empty_world: World, admin: Browserish) -> None:
    shown = re.findall(r'name="was" value="([^"]+)"', admin.get("/kernel/roles/kendal.staf").text)
    change(admin, "kendal.staf", give="rooms.Room:create")
    post(admin, "/kernel/roles/kendal.staf", was=shown, right=[*shown, "rooms.Room:write"])
    assert rights_of(admin, "kendal.staf") == {*shown, "rooms.Room:create", "rooms.Room:write"}
    post(admin, "/kernel/roles/kendal.staf/restore")
    assert rights_of(admin, "kendal.staf") == set(shown)


def test_a_changed_right_is_in_force_for_the_other_process_too(empty_world: World, admin: Browserish) -> None:
    """Every process keeps what it worked out; the version in the database tells it to forget."""
    from app.access import cache

    staff = empty_world.person("kendal.staf")
    assert staff.get("/rooms/room/").status_code == 200
    kept = {engine: (version, dict(entries)) for engine, (version, entries) in cache._entries.items()}
    change(admin, "kendal.staf", take="rooms.Room:read")
    cache._entries.clear()
    cache._entries.update(kept)  # as the other process still remembers it
    assert staff.get("/rooms/room/").status_code == 403
    post(admin, "/kernel/roles/kendal.staf/restore")
    assert staff.get("/rooms/room/").status_code == 200


def test_the_administrator_cannot_give_more_than_they_hold_nor_lock_everybody_out(
    empty_world: World, admin: Browserish
) -> None:
    before = empty_world.fingerprint("form_token")
    given = change(admin, "kendal.staf", give="procedures.Task:archive")
    assert "cannot give a right that you do not have yourself" in given.text
    locked = change(admin, "kernel.administrator", take="kernel.AccessOverride:write")
    assert "or nobody could" in locked.text
    with empty_world.owner() as connection:
        mine = connection.execute(
            "SELECT id FROM role_assignment WHERE user_id = %s AND role = 'kernel.administrator'",
            [user_id(empty_world, "kendal.admin")],
        ).fetchone()[0]
    assert "last administrator" in post(admin, f"/kernel/people/roles/{mine}/take").text
    unknown = post(admin, f"/kernel/people/{user_id(empty_world, 'kendal.tamu')}/roles", role="unair.humas")
    assert "no such role" in unknown.text
    stranger = post(admin, f"/kernel/people/{user_id(empty_world, 'unair.humas')}/roles", role="kendal.staf")
    assert "does not exist" in stranger.text
    assert empty_world.fingerprint("form_token") == before


def test_a_role_taken_away_is_gone_at_once(empty_world: World, admin: Browserish, guest: Browserish) -> None:
    assert guest.get("/rooms/room/").status_code == 200
    with empty_world.owner() as connection:
        row = connection.execute(
            "SELECT id FROM role_assignment WHERE user_id = %s AND role = 'kendal.staf'",
            [user_id(empty_world, "kendal.tamu")],
        ).fetchone()
    assert "taken away" in post(admin, f"/kernel/people/roles/{row[0]}/take").text
    assert guest.get("/rooms/room/").status_code == 302  # the session ended with the role
    assert guest.sign_in("kendal.tamu").get("/rooms/room/").status_code == 403
    script = empty_world.program("kendal.tamu")
    assert script.api("GET", "room/").status_code == 401  # and so did that of the program
    assert script.with_token("kendal.tamu").api("GET", "room/").status_code == 403


def test_whoever_does_not_administer_reaches_none_of_these_pages(empty_world: World, admin: Browserish) -> None:
    staff = empty_world.person("kendal.staf")
    token = staff.hidden("/partners/partner/add")["csrf_token"]
    before = empty_world.fingerprint("form_token")
    for path in ("/kernel/people/", "/kernel/roles/", "/kernel/roles/kendal.staf", "/kernel/addons/"):
        assert admin.get(path).status_code == 200
        assert staff.get(path).status_code == 403
    mine = user_id(empty_world, "kendal.staf")
    for path in (
        f"/kernel/people/{mine}/roles",
        "/kernel/people/roles/1/take",
        "/kernel/roles/kendal.staf",
        "/kernel/roles/kendal.staf/restore",
        "/kernel/addons/rooms/disable",
        "/kernel/addons/dummy/enable",
    ):
        data = {"csrf_token": token, "role": "kernel.administrator", "right": "rooms.Room:create"}
        assert staff.http.post(path, data=data, headers=staff.headers).status_code == 403, path
    assert empty_world.fingerprint("form_token") == before


def test_a_grid_that_was_open_for_long_undoes_nobody_elses_change(empty_world: World, admin: Browserish) -> None:
    old = rights_of(admin, "kendal.staf")
    change(admin, "kendal.staf", give="rooms.Room:archive")
    post(admin, "/kernel/roles/kendal.staf", was=sorted(old), right=sorted(old | {"rooms.Room:write"}))
    assert rights_of(admin, "kendal.staf") == old | {"rooms.Room:archive", "rooms.Room:write"}
    post(admin, "/kernel/roles/kendal.staf")
    assert rights_of(admin, "kendal.staf") == old | {"rooms.Room:archive", "rooms.Room:write"}


def test_a_right_taken_from_oneself_can_be_given_back(empty_world: World, admin: Browserish) -> None:
    before = rights_of(admin, "kernel.administrator")
    change(admin, "kernel.administrator", take="rooms.Room:read")
    assert "Rights changed: 1." in change(admin, "kernel.administrator", give="rooms.Room:read").text
    assert rights_of(admin, "kernel.administrator") == before


def test_a_person_without_a_role_is_still_seen_by_position(empty_world: World, admin: Browserish) -> None:
    person = user_id(empty_world, "kendal.subkoor")
    with empty_world.owner() as connection:
        rows = connection.execute("SELECT id FROM role_assignment WHERE user_id = %s", [person]).fetchall()
    for row in rows:
        post(admin, f"/kernel/people/roles/{row[0]}/take")
    assert "kendal.subkoor" in admin.get("/kernel/people/").text
    assert "The role was given." in post(admin, f"/kernel/people/{person}/roles", role="kernel.member").text


def test_an_institutions_own_addon_is_not_offered_to_others(empty_world: World, admin: Browserish) -> None:
    theirs = empty_world.person("unair.admin")
    assert "/kernel/addons/kendal/" in admin.get("/kernel/addons/").text
    assert "/kernel/addons/kendal/" not in theirs.get("/kernel/addons/").text
    assert "belongs to another institution" in post(theirs, "/kernel/addons/kendal/enable").text
