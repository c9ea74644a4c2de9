"""What a browser adds to forms: nothing typed is lost when the session ends, and nothing is saved twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from playwright.sync_api import expect

from app.cli.demo import DEMO_PASSWORD
from app.database.addresses import libpq_address
from tests.journeys.conftest import Clerk


def end_every_session(live: Any) -> None:
    """In the database; a cookie removed in the browser comes back with the answer to a search still on its way."""
    with psycopg.connect(libpq_address(live.addresses.owner)) as connection:
        connection.execute("DELETE FROM user_session")


def test_what_was_typed_survives_an_expired_session(clerk: Callable[..., Clerk], live: Any) -> None:
    staf = clerk("kendal.staf")
    staf.page.goto("/rooms/booking/add")
    staf.choose("room", "Aula")
    staf.fill(purpose="Bedah buku yang panjang ceritanya", responsible="Petugas Contoh")
    end_every_session(live)
    staf.save()
    staf.page.wait_for_url("**/login/**")
    staf.fill(username="kendal.staf", password=DEMO_PASSWORD)
    staf.page.press("[name=password]", "Enter")
    staf.page.wait_for_url("**/rooms/booking/add**")
    assert staf.page.input_value("[name=purpose]") == "Bedah buku yang panjang ceritanya"
    assert staf.page.input_value("[name=responsible]") == "Petugas Contoh"
    assert "Aula" in staf.page.locator(".ts-wrapper", has_text="Aula").first.inner_text()


def test_a_second_click_saves_nothing_twice(clerk: Callable[..., Clerk], live: Any) -> None:
    staf = clerk("kendal.staf")
    staf.page.goto("/partners/partner/add")
    staf.fill(name="Komunitas Klik Ganda")
    with staf.page.expect_navigation():
        staf.page.locator("form.record-form button.btn-primary").dblclick()
    staf.page.goto("/partners/partner/?q=Klik+Ganda")
    assert staf.page.locator("main tbody tr").count() == 1


def test_the_other_person_is_named_when_a_slot_is_taken(clerk: Callable[..., Clerk]) -> None:
    staf, kabid = clerk("kendal.staf"), clerk("kendal.kabid")
    for person in (staf, kabid):
        person.page.goto("/rooms/booking/add")
        person.choose("room", "Aula")
        person.fill(purpose="Rapat", starts_at="2027-03-01T09:00", ends_at="2027-03-01T10:00")
    staf.save()
    kabid.save()
    assert "Staf Contoh Kendal" in kabid.page.locator("[role=alert]").first.inner_text()
    assert kabid.page.input_value("[name=purpose]") == "Rapat"


def test_a_detour_to_make_an_output_keeps_what_was_ticked_and_written(clerk: Callable[..., Clerk]) -> None:
    from tests.journeys.test_kendal_without_agreement import make_output, register_letter, take_next_task

    staf = clerk("kendal.staf")
    register_letter(staf, "Permohonan dengan jalan memutar")
    take_next_task(staf, "Menerima Surat Permohonan")
    task = staf.page.url
    make_output(staf, "/correspondence/letter/")
    staf.page.goto(task)
    assert not staf.page.get_by_text("Isian sebelumnya telah dipulihkan.").is_visible(), "nothing was typed before"
    staf.page.locator("[name=paper]").first.check()
    staf.fill(remark="Ditulis sebelum membuat surat")
    make_output(staf, "/correspondence/letter/")
    staf.fill(sender_name="SD Contoh", subject="Surat kedua")
    staf.save()
    assert staf.page.locator("[name=paper]").first.is_checked()
    assert staf.page.input_value("[name=remark]") == "Ditulis sebelum membuat surat"


def test_a_row_is_removed_by_a_button_and_kept_again_until_the_form_is_saved(clerk: Callable[..., Clerk]) -> None:
    staf = clerk("kendal.admin")
    page = staf.page
    page.goto("/partners/partner/add")
    staf.fill(name="Mitra dengan baris")
    staf.choose("kind", "")
    rows = page.locator("[data-lines=contacts] [data-line]")
    for place, name in enumerate(("Tetap ada", "Pergi dulu")):
        page.locator("[data-lines=contacts] [data-add-line]").click()
        page.fill(f"[name=contacts-{place}-name]", name)
    gone = rows.nth(1)
    gone.get_by_role("button", name="Hapus baris").click()
    assert not page.locator("[name=contacts-1-name]").is_visible()
    assert gone.get_by_text("Baris ini akan dihapus saat Anda menyimpan.").is_visible()
    gone.get_by_role("button", name="Batal hapus").click()
    assert page.locator("[name=contacts-1-name]").input_value() == "Pergi dulu"
    gone.get_by_role("button", name="Hapus baris").click()
    staf.save()
    page.goto(f"{page.url}/edit")
    assert rows.count() == 1
    assert page.input_value("[name=contacts-0-name]") == "Tetap ada"


def test_a_name_that_is_not_there_is_made_from_the_list_of_choices(clerk: Callable[..., Clerk]) -> None:
    admin = clerk("kendal.admin")
    admin.page.goto("/partners/partner/add")
    admin.fill(name="Komunitas Rajin")
    box = admin.page.locator("select[name=kind] + .ts-wrapper")
    box.click()
    admin.page.keyboard.type("Paguyuban QZ")
    box.get_by_role("link", name="Paguyuban QZ").wait_for()
    admin.page.keyboard.press("Enter")
    dialog = admin.page.locator("dialog.form-dialog")
    dialog.wait_for()
    assert dialog.locator("[name=name]").input_value() == "Paguyuban QZ"
    dialog.locator("[data-save]").click()
    dialog.wait_for(state="detached")
    assert "Paguyuban QZ" in box.inner_text()
    admin.save()
    assert "Paguyuban QZ" in admin.text()


@pytest.mark.parametrize(("language", "kind"), [("en-US", "text"), ("id-ID", "datetime-local")])
def test_a_phone_of_another_language_writes_dates_in_the_language_of_the_page(
    chromium: Any, live: Any, language: str, kind: str
) -> None:
    phone = chromium.new_context(
        base_url=live.url, locale=language, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}
    )
    page = phone.new_page()
    page.goto("/login/")
    page.fill("[name=username]", "kendal.staf")
    page.fill("[name=password]", DEMO_PASSWORD)
    page.press("[name=password]", "Enter")
    page.locator(".topbar-user").click()
    page.get_by_role("button", name="Bahasa Indonesia").click()
    page.goto("/rooms/booking/add")
    box = page.locator("[name=starts_at]")
    expect(box).to_have_attribute("type", kind)
    if kind == "text":
        page.locator("[data-open-calendar]").first.click()
        calendar = page.locator(".flatpickr-calendar.open")
        expect(calendar).to_contain_text("Sen")
        edge = calendar.bounding_box()
        assert edge["x"] >= 0
        assert edge["x"] + edge["width"] <= 390
    phone.close()


def test_a_date_that_stands_there_is_replaced_by_what_is_typed(clerk: Callable[..., Clerk]) -> None:
    staf = clerk("kendal.staf")
    page = staf.page
    page.goto("/activities/activity/add")
    box = page.locator("[data-date-box] input[type=text]").first
    box.fill("3 Maret 2027")
    page.locator("h1").click()
    box.click()
    page.keyboard.type("4 Maret 2027")
    page.keyboard.press("Tab")
    assert box.input_value().startswith("4 Maret 2027")
