"""Writing a procedure in Chromium: one save keeps everything that was typed on the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import Clerk


@pytest.fixture
def draft(clerk: Callable[..., Clerk]) -> Any:
    """The page of a draft in the editor, with identity and executors open."""
    admin = clerk("kendal.admin")
    page = admin.page
    page.goto("/procedures/procedure/")
    admin.press("main a.record-link")
    # A version in force begins a draft; a draft of the test before this one is written on.
    admin.press("form[action^='/procedures/version/draft/'] button, main a[href^='/procedures/editor/']")
    for part in ("head", "executors"):
        if page.locator(f"#{part}").get_attribute("open") is None:
            page.locator(f"#{part} > summary").click()
    return page


def save(page: Any, form: str) -> None:
    with page.expect_navigation():
        page.locator(f"#{form}-form").get_by_role("button", name="Simpan").click()


def test_identity_and_executors_are_saved_by_one_button(draft: Any) -> None:
    draft.fill("#h-title", "Judul yang baru")
    draft.fill("[name='executors-0-name']", "Staf Layanan")
    save(draft, "executors")
    assert draft.input_value("#h-title") == "Judul yang baru"
    assert draft.input_value("[name='executors-0-name']") == "Staf Layanan"
    assert draft.get_by_text("Ada isian Anda di sini yang belum disimpan").count() == 0


def test_when_the_other_part_is_refused_nothing_that_was_typed_is_lost(draft: Any) -> None:
    draft.fill("#h-title", "")
    draft.fill("[name='executors-0-name']", "Staf Layanan")
    save(draft, "executors")
    assert "Judul belum diisi" in draft.locator("#head [role=alert]").inner_text()
    assert draft.input_value("[name='executors-0-name']") == "Staf Layanan"
