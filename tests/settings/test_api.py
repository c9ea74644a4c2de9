"""The settings by REST: what is read and set, by whom, and what is refused whole."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from app.database.addresses import Addresses, libpq_address


def held(answer: Any) -> dict[str, Any]:
    return {row["name"]: row["value"] for row in answer.json["result"]}


def test_a_program_reads_and_sets_what_the_administrator_may(program: Any) -> None:
    admin = program("kendal.admin")
    before = admin.api("GET", "settings/rooms")
    assert held(before)["rooms.opens_at"] == held(admin.api("GET", "settings/"))["rooms.opens_at"]
    sent = {"values": {"opens_at": "06:30"}, "version": before.json["version"]}
    assert held(admin.api("PUT", "settings/rooms", sent))["rooms.opens_at"] == "06:30"
    assert held(admin.api("GET", "settings/rooms"))["rooms.opens_at"] == "06:30"
    assert held(program("unair.admin").api("GET", "settings/rooms")) == held(before), "another institution"
    late = admin.api("PUT", "settings/rooms", sent)
    assert (late.status_code, late.json["code"]) == (409, "stale")
    back = admin.api("PUT", "settings/rooms", {"default": ["opens_at"]})
    assert held(back) == held(before)


@pytest.mark.parametrize(
    ("addon", "body", "status"),
    [
        ("rooms", {"values": {"opens_at": "25:00"}}, 422),
        ("rooms", {"values": {"opens_at": 7}}, 422),
        ("agreements", {"values": {"signed_days_ago": None}}, 422),
        ("rooms", {"values": {"opens_at": "07:15", "nothing": 1}}, 404),
        ("rooms", {"default": [["opens_at"]]}, 404),
        ("rooms", {"values": ["opens_at"]}, 400),
        ("rooms", {"default": "opens_at"}, 400),
        ("rooms", {"version": "yesterday"}, 400),
        ("rooms", {"opens_at": "07:15"}, 400),
        ("rooms", ["opens_at"], 400),
        ("nothing", {"values": {}}, 404),
    ],
)
def test_what_cannot_be_set_changes_nothing(program: Any, addon: str, body: Any, status: int) -> None:
    admin = program("kendal.admin")
    before = held(admin.api("GET", "settings/"))
    answer = admin.api("PUT", f"settings/{addon}", body)
    assert (answer.status_code, bool(answer.json["message"])) == (status, True)
    assert held(admin.api("GET", "settings/")) == before


def test_whoever_does_not_administer_addons_reads_and_sets_nothing(program: Any) -> None:
    admin, staff = program("kendal.admin"), program("kendal.staf")
    assert held(admin.api("PUT", "settings/rooms", {"values": {"opens_at": "06:30"}}))["rooms.opens_at"] == "06:30"
    for method, path, body in (
        ("GET", "settings/", None),
        ("GET", "settings/rooms", None),
        ("PUT", "settings/rooms", {"values": {"opens_at": "05:00"}}),
    ):
        answer = staff.api(method, path, body)
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
        assert "06:30" not in answer.text
    assert held(admin.api("GET", "settings/rooms"))["rooms.opens_at"] == "06:30"


def test_where_the_addon_is_off_its_settings_are_not_found(program: Any, addresses: Addresses) -> None:
    admin = program("kendal.admin")
    assert "rooms." in admin.api("GET", "settings/rooms").text
    with psycopg.connect(libpq_address(addresses.owner)) as owner:
        owner.execute("UPDATE addon_enablement SET enabled = false WHERE addon IN ('rooms', 'activities')")
        owner.execute("UPDATE registry_state SET access_version = access_version + 1")
    assert admin.api("GET", "settings/rooms").status_code == 404
    assert "rooms." not in admin.api("GET", "settings/").text
