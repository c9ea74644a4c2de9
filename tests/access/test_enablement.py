"""Addons switched on and off for one institution, and what the others notice of it: nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from app.access.acting import institution_id_of
from app.database.addresses import Addresses
from app.database.session import db
from app.errors import AddonError
from app.registry.enablement import disable, enable, enable_with_dependencies, enabled_addons
from app.testing.client import Browserish
from tests.dumps import dump

pytestmark = pytest.mark.postgres


@pytest.fixture
def switch(acting: Any) -> Callable[..., None]:
    """``switch(disable, "rooms")``: Kendal's administrator switches addons and commits."""

    def change(how: Callable[..., None], *addons: str) -> None:
        with acting("kendal.admin", "kendal") as access:
            for addon in addons:
                how(db.session(), access.institution_id, addon)
            db.session.commit()

    return change


@pytest.fixture
def without_rooms(switch: Any) -> None:
    """Kendal has switched rooms off, and what needs them."""
    switch(disable, "activities", "rooms")


def test_an_addon_that_is_switched_off_disappears_at_once_and_comes_back(
    switch: Any, person: Callable[[str], Browserish], program: Any
) -> None:
    staf, script = person("kendal.staf"), program("kendal.staf", "kendal")

    def looks() -> tuple[int, bool, int]:
        return (
            staf.get("/rooms/room/").status_code,
            'href="/rooms/room/"' in staf.get("/partners/partner/").text,
            script.api("GET", "room/").status_code,
        )

    assert looks() == (200, True, 200)
    switch(disable, "activities", "rooms")
    assert looks() == (404, False, 404)
    switch(enable, "rooms")
    assert looks() == (200, True, 200)


def test_other_institutions_notice_nothing(without_rooms: None, person: Any, acting: Any) -> None:
    page = person("unair.humas").get("/rooms/room/")
    assert page.status_code == 200
    assert "Ruang Kelas Literasi" in page.text
    with acting("unair.admin", "unair") as access:
        assert {"rooms", "activities"} <= access.enabled


def test_what_other_institutions_store_does_not_change(addresses: Addresses, switch: Any) -> None:
    before = dump(addresses, "unair")
    assert sum(map(len, before.values())) > 20
    switch(disable, "activities", "rooms")
    switch(enable, "rooms", "activities", "dummy")
    assert dump(addresses, "unair") == before


def test_an_addon_needs_its_dependencies_first(without_rooms: None, acting: Any) -> None:
    with acting("kendal.admin", "kendal") as access:
        with pytest.raises(AddonError) as refusal:
            enable(db.session(), access.institution_id, "activities")
        assert refusal.value.code == "dependency_missing"
        assert "activities" not in enabled_addons(access.institution_id)


def test_an_addon_stays_on_while_an_enabled_one_needs_it(acting: Any) -> None:
    with acting("kendal.admin", "kendal") as access:
        for addon in ("rooms", "organization", "partners", "procedures"):
            with pytest.raises(AddonError) as refusal:
                disable(db.session(), access.institution_id, addon)
            assert refusal.value.code == "dependents_enabled"
            assert addon in enabled_addons(access.institution_id)


def test_an_unknown_addon_is_refused(acting: Any) -> None:
    with acting("kendal.admin", "kendal") as access:
        for change in (enable, disable, enable_with_dependencies):
            with pytest.raises(AddonError) as refusal:
                change(db.session(), access.institution_id, "invented")
            assert refusal.value.code == "addon_unknown"


def test_an_addon_of_one_institution_is_refused_by_the_others(acting: Any) -> None:
    with acting("unair.admin", "unair") as access:
        with pytest.raises(AddonError) as refusal:
            enable(db.session(), access.institution_id, "kendal")
        assert refusal.value.code == "other_institution"
        assert "kendal" not in enabled_addons(access.institution_id)


def test_with_dependencies_everything_needed_comes_along(without_rooms: None, acting: Any) -> None:
    with acting("kendal.admin", "kendal") as access:
        enable_with_dependencies(db.session(), access.institution_id, "activities")
        assert {"rooms", "activities"} <= enabled_addons(access.institution_id)


def test_enabling_twice_changes_nothing(addresses: Addresses, switch: Any) -> None:
    switch(enable, "dummy")
    before = dump(addresses)
    switch(enable, "dummy", "rooms", "correspondence", "kendal")
    assert dump(addresses) == before


def test_records_are_kept_while_an_addon_is_off(addresses: Addresses, switch: Any) -> None:
    before = dump(addresses, "kendal")
    switch(disable, "activities", "rooms")
    switch(enable, "rooms", "activities")
    after = dump(addresses, "kendal")
    assert {**after, "addon_enablement": []} == {**before, "addon_enablement": []}
    assert after["rooms_room"]


def test_two_administrators_who_enable_at_once_both_succeed(app: Flask, acting: Any, addresses: Addresses) -> None:
    def switch_on(_number: int) -> None:
        with acting("kendal.admin", "kendal") as access:
            enable(db.session(), access.institution_id, "dummy")
            db.session.commit()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(switch_on, range(2)))
    with acting("kendal.admin", "kendal") as access:
        assert "dummy" in access.enabled
    assert len([row for row in dump(addresses, "kendal")["dummy_note"] if "Welcome" in row]) == 1


def test_only_an_addon_that_nothing_needs_has_a_button_that_switches_it_off(person: Any) -> None:
    page = person("kendal.admin").get("/kernel/addons/", headers={"Accept-Language": "id"}).text
    assert 'action="/kernel/addons/kendal/disable"' in page
    assert 'action="/kernel/addons/partners/disable"' not in page
    assert 'aria-describedby="needed-partners" disabled>Nonaktifkan</button>' in page
    assert 'id="needed-partners">Nonaktifkan terlebih dahulu addon yang memerlukannya.<' in page


def test_an_addon_is_switched_by_administrators_only(person: Any, app: Flask) -> None:
    staf = person("kendal.staf")
    assert staf.get("/kernel/addons/").status_code == 403
    tokens = staf.hidden("/partners/partner/add")
    answer = staf.http.post("/kernel/addons/rooms/disable", data=tokens)
    assert answer.status_code == 403
    with app.app_context():
        assert "rooms" in enabled_addons(institution_id_of("kendal"))
