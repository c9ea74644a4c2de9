"""The shell in a browser: search by keyboard, bell, light and dark, the session that ends, the overview."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from app.cli.demo import DEMO_PASSWORD


def sign_in(page: Any, username: str) -> None:
    """Sign in by the login page."""
    page.goto("/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", DEMO_PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda address: "/login/" not in address)


def test_everything_is_searched_by_keyboard_alone(page: Any) -> None:
    sign_in(page, "kendal.staf")
    page.goto("/rooms/room/")
    page.keyboard.press("Control+k")
    box = page.get_by_role("dialog").get_by_role("searchbox")
    expect(box).to_be_focused()
    page.keyboard.type("naskah kerja")
    first = page.locator("#palette .found-hit").first
    expect(first).to_contain_text("Naskah kerja sama")
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Naskah kerja sama")


def test_light_and_dark_are_chosen_and_remembered(page: Any) -> None:
    sign_in(page, "kendal.staf")
    page.locator(".topbar-user").click()
    page.get_by_role("button", name="Gelap").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.goto("/rooms/room/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.locator(".topbar-user").click()
    page.get_by_role("button", name="Terang").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_the_end_of_the_session_is_told_before_it_comes_and_put_off_by_one_click(page: Any) -> None:
    sign_in(page, "kendal.staf")
    page.goto("/rooms/room/")
    warning = page.locator("#session-warning")
    expect(warning).to_be_hidden()
    page.evaluate("localStorage.setItem('sinergi-session-used', String(Date.now() - (36000 - 120) * 1000))")
    page.goto("/rooms/room/")
    expect(warning).to_be_hidden()  # the page itself began it anew
    page.clock.install()
    page.goto("/rooms/room/")
    page.clock.fast_forward("09:55:00")
    expect(warning).to_be_visible()
    expect(warning).to_contain_text("sisa menit")
    page.get_by_role("button", name="Tetap masuk").click()
    expect(warning).to_be_hidden()


def test_the_bell_opens_below_itself_and_leads_to_the_page(page: Any) -> None:
    sign_in(page, "kendal.staf")
    page.locator(".bell").click()
    panel = page.locator(".bell-panel")
    expect(panel).to_be_visible()
    expect(panel).to_contain_text(re.compile("Tidak ada yang baru|lalu"))
    panel.get_by_text("Lihat semua").click()
    expect(page.locator("h1")).to_have_text("Pemberitahuan")


def test_the_overview_shows_its_cards_and_a_chart(page: Any) -> None:
    sign_in(page, "kendal.staf")
    page.goto("/kernel/dashboard/")
    expect(page.locator(".dashboard .card:not([hidden])").first).to_be_visible()
    page.get_by_role("link", name="Atur", exact=True).click()
    page.get_by_role("checkbox").first.uncheck()
    page.get_by_role("button", name="Simpan").last.click()
    expect(page.locator("h1")).to_have_text("Ringkasan")


def test_enter_opens_what_was_typed_and_not_what_stood_there_before(page: Any) -> None:
    sign_in(page, "kendal.staf")
    page.goto("/rooms/room/")
    page.route("**/found?**", lambda route: (page.wait_for_timeout(600), route.continue_()))
    page.keyboard.press("Control+k")
    expect(page.locator("#palette .found-hit").first).to_contain_text("Pekerjaan saya")
    page.keyboard.type("naskah kerja")
    expect(page.locator("#palette-found")).to_have_attribute("aria-busy", "true")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Naskah kerja sama")


def test_cards_are_arranged_by_keyboard_and_by_dragging(page: Any) -> None:
    sign_in(page, "kendal.staf")
    page.goto("/kernel/dashboard/arrange")
    names = page.locator("[data-arrange] .form-check-label")
    before = names.all_inner_texts()
    down = page.get_by_role("button", name=f"Turunkan: {before[0]}")
    down.focus()
    page.keyboard.press("Enter")
    expect(down).to_be_focused()
    page.keyboard.press("Enter")
    assert names.all_inner_texts()[:3] == [before[1], before[2], before[0]]
    expect(page.get_by_role("status").first).to_have_text(f"Tempat 3 dari {len(before)}")
    grips = page.locator(".arrange-grip")
    grips.last.hover()
    page.mouse.down()
    target = grips.first.bounding_box()
    page.mouse.move(target["x"] + 5, target["y"] + 40, steps=8)
    page.mouse.move(target["x"] + 5, target["y"] + 5, steps=4)
    page.mouse.up()
    wanted = [before[-1], before[1], before[2], before[0], *before[3:-1]]
    assert names.all_inner_texts() == wanted
    page.get_by_role("button", name="Simpan").last.click()
    page.wait_for_url("**/dashboard/")
    page.goto("/kernel/dashboard/arrange")
    assert names.all_inner_texts() == wanted
