"""What was typed and not saved is offered again where it was typed, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.journeys.conftest import Clerk

OFFER = "Ada isian Anda di sini yang belum disimpan"


def wait_until_noted(page: Any, words: str) -> None:
    """Drafts are noted a moment after the last key."""
    page.wait_for_function("(words) => Object.values(localStorage).some((text) => text.includes(words))", arg=words)


def leave_for(page: Any, address: str) -> None:
    """Go away although the browser asks."""
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(address)


def test_a_form_that_was_left_offers_what_was_typed_and_when(clerk: Callable[..., Clerk]) -> None:
    page = clerk("kendal.staf").page
    page.goto("/partners/partner/add")
    page.fill("[name=name]", "Komunitas Belum Disimpan")
    wait_until_noted(page, "Komunitas Belum Disimpan")
    leave_for(page, "/rooms/room/")
    assert page.get_by_text(OFFER).count() == 0
    page.goto("/partners/partner/add")
    offer = page.locator("form .alert", has_text=OFFER)
    assert offer.locator("[data-draft-time]").inner_text().strip()
    offer.get_by_role("button", name="Kembalikan").click()
    assert page.input_value("[name=name]") == "Komunitas Belum Disimpan"


def test_a_step_of_a_procedure_gets_its_own_draft_back_with_the_lines_that_were_added(
    clerk: Callable[..., Clerk],
) -> None:
    admin = clerk("kendal.admin")
    page = admin.page
    page.goto("/procedures/procedure/")
    admin.press("main a.record-link")
    admin.press("form[action^='/procedures/version/draft/'] button")
    editor = page.url.split("?")[0].split("#")[0]
    keys = [row.get_attribute("data-key") for row in page.locator("tr[data-key]").all()[:2]]
    page.goto(f"{editor}?step={keys[0]}")
    form = page.locator("#step-form")
    outputs = form.locator("fieldset[data-rows]").nth(1)
    before = outputs.locator("[data-row]").count()
    outputs.get_by_role("button", name="+").click()
    outputs.locator("[data-row]").nth(before).locator("input[name$='-name']").fill("Keluaran yang belum disimpan")
    wait_until_noted(page, "Keluaran yang belum disimpan")
    leave_for(page, f"{editor}?step={keys[1]}")
    assert page.get_by_text(OFFER).count() == 0
    page.goto(f"{editor}?step={keys[0]}")
    page.locator("#step-form").get_by_role("button", name="Kembalikan").click()
    rows = page.locator("#step-form fieldset[data-rows]").nth(1).locator("[data-row]")
    assert rows.nth(before).locator("input[name$='-name']").input_value() == "Keluaran yang belum disimpan"
