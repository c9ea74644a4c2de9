"""The customer's first user: an administrator of Kendal, in the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.journeys.conftest import Clerk


def switch(admin: Clerk, addon: str, action: str) -> None:
    admin.page.goto("/kernel/addons/")
    form = admin.page.locator(f'form[action$="/{addon}/{action}"]')
    with admin.page.expect_navigation():
        form.locator("button").click()
        if admin.page.locator("dialog[open]").count():
            admin.page.locator("dialog[open] [data-yes]").click()


def menu(person: Clerk) -> str:
    person.page.goto("/procedures/my_work/")
    return str(person.page.locator("aside, nav").first.inner_html())


def test_role_right_and_addon_follow_at_once_and_unair_is_not_changed(clerk: Callable[..., Clerk], live: Any) -> None:
    admin, staf, humas = clerk("kendal.admin"), clerk("kendal.staf"), clerk("unair.humas")
    unair_before = menu(humas)
    assert "/rooms/room/" in menu(staf)

    for addon in ("activities", "rooms"):
        switch(admin, addon, "disable")
    assert "/rooms/room/" not in menu(staf)
    assert staf.page.goto("/rooms/room/").status == 404
    switch(admin, "rooms", "enable")
    assert "/rooms/room/" in menu(staf)
    staf.page.goto("/rooms/booking/")
    assert staf.page.locator('a[href^="/rooms/booking/add"]').count() >= 1

    admin.page.goto("/kernel/roles/kendal.staf")
    admin.page.locator('[name=right][value="rooms.Booking:create"]').uncheck()
    admin.press("main form button[type=submit], main form [data-save]")
    staf.page.goto("/rooms/booking/")
    assert staf.page.locator('a[href^="/rooms/booking/add"]').count() == 0
    assert staf.page.goto("/rooms/booking/add").status == 403

    admin.page.goto("/kernel/people/")
    admin.picture("people")
    assert menu(humas) == unair_before
