"""Tasks that people have with lists, done as a new user would: by looking at the page, at a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from app.cli.demo import DEMO_PASSWORD
from tests.journeys.conftest import Clerk

WIDTHS = (1440, 390)
AGREEMENTS, ACTIVITIES = "/agreements/agreement/", "/activities/activity/"


def today() -> date:
    """The day in Kendal."""
    return datetime.now(ZoneInfo("Asia/Jakarta")).date()


def next_month() -> date:
    """The tenth of the coming month."""
    return (today().replace(day=1) + timedelta(days=32)).replace(day=10)


@pytest.fixture
def enter(clerk: Callable[..., Clerk], live: Any) -> Callable[..., int]:
    """``enter("agreement", title=...)`` enters a record as a program of the administrator would."""
    session = clerk("kendal.admin")
    body = {"username": "kendal.admin", "password": DEMO_PASSWORD, "provider": "db"}
    request = session.page.request
    token = request.post(f"{live.url}/api/v1/security/login", data=body).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    def first(resource: str, words: str) -> int:
        found = request.get(f"{live.url}/api/v1/{resource}/?q=(search:'{words}')", headers=headers).json()
        return int(found["ids"][0])

    def make(resource: str, **values: Any) -> int:
        links = {name: first(*value) if isinstance(value, tuple) else value for name, value in values.items()}
        answer = request.post(f"{live.url}/api/v1/{resource}/", headers=headers, data=links)
        assert answer.status == 201, answer.text()
        return int(answer.json()["id"])

    return make


def open_menu(page: Any, name: str) -> None:
    """Open a menu above the list; on a phone it stands behind a button."""
    more = page.get_by_role("button", name="Alat lainnya")
    if more.is_visible() and more.get_attribute("aria-expanded") == "false":
        more.click()
    page.locator("summary", has_text=name).click()


def agreements(enter: Callable[..., int], width: int) -> tuple[str, str]:
    """Two agreements: one ends next month, one much later."""
    soon, late = f"MoU lekas {width}", f"MoU lama {width}"
    common = {"kind": ("agreement_kind", "mou"), "partner": ("partner", "desa"), "starts_on": today().isoformat()}
    enter("agreement", title=soon, ends_on=next_month().isoformat(), **common)
    enter("agreement", title=late, ends_on=(today() + timedelta(days=900)).isoformat(), **common)
    return soon, late


@pytest.mark.parametrize("width", WIDTHS)
def test_show_the_agreements_that_end_next_month_and_keep_that_filter(
    clerk: Callable[..., Clerk], enter: Callable[..., int], width: int
) -> None:
    soon, late = agreements(enter, width)
    person = clerk("kendal.admin", width)
    page = person.page
    page.goto(f"{AGREEMENTS}?all=1")
    page.evaluate("window.isSamePage = true")
    page.get_by_role("button", name="Saring").click()
    page.get_by_label("Berlaku sampai dengan, jangka waktu").select_option(label="Bulan depan")
    page.get_by_role("button", name="Terapkan").click()
    page.get_by_text("Berlaku sampai dengan: bulan depan").wait_for()
    assert page.evaluate("window.isSamePage"), "only the list was exchanged"
    assert "f_ends_on_in=next_month" in page.url
    assert soon in person.text()
    assert late not in person.text()
    open_menu(page, "Penyaring tersimpan")
    page.get_by_label("Simpan penyaring ini sebagai").fill(f"Segera berakhir {width}")
    page.get_by_role("button", name="Simpan penyaring ini").click()
    page.get_by_text("disimpan. Anda menemukannya").wait_for()
    page.goto(f"{AGREEMENTS}?all=1")
    assert late in person.text()
    open_menu(page, "Penyaring tersimpan")
    page.get_by_role("link", name=f"Segera berakhir {width}").click()
    page.wait_for_url("**saved=**")
    assert soon in person.text()
    assert late not in person.text()
    assert person.fits()
    person.picture("daftar-tersaring")


@pytest.mark.parametrize("width", WIDTHS)
def test_move_an_activity_to_thursday(clerk: Callable[..., Clerk], enter: Callable[..., int], width: int) -> None:
    monday = next_month() + timedelta(days=7 - next_month().weekday())
    thursday, title = monday + timedelta(days=3), f"Bimtek pindah {width}"
    hours = {"starts_at": f"{monday}T09:00", "ends_at": f"{monday}T11:00"}
    enter("activity", title=title, kind=("activity_kind", "bimbingan"), place="Aula", **hours)
    person = clerk("kendal.admin", width)
    page = person.page
    page.goto(f"{ACTIVITIES}calendar?scale=week&day={monday}")
    person.picture("kalender-minggu")
    if width > 500:
        page.locator(".cal-entry", has_text=title).drag_to(page.locator(f'[data-day="{thursday}"]'))
    else:
        page.get_by_role("link", name=f"Pindahkan ke hari lain: {title}").click()
        person.fill(day=thursday.isoformat())
        page.get_by_role("button", name="Pindahkan").click()
    page.get_by_text("Dipindahkan ke Kamis").wait_for()
    assert title in page.locator(f'[data-day="{thursday}"]').inner_text()
    assert "09.00" in page.locator(f'[data-day="{thursday}"]').inner_text()
    assert person.fits()


@pytest.mark.parametrize("width", WIDTHS)
def test_download_this_list(clerk: Callable[..., Clerk], enter: Callable[..., int], width: int, tmp_path: Path) -> None:
    soon, late = agreements(enter, width)
    person = clerk("kendal.admin", width)
    person.page.goto(f"{AGREEMENTS}?f_ends_on_in=next_month")
    open_menu(person.page, "Unduh")
    with person.page.expect_download() as waiting:
        person.page.get_by_role("link", name="XLSX").click()
    target = tmp_path / "daftar.xlsx"
    waiting.value.save_as(target)
    cells = {str(cell) for row in load_workbook(target).active.iter_rows(values_only=True) for cell in row}
    assert soon in cells
    assert late not in cells


@pytest.mark.parametrize("width", WIDTHS)
def test_a_card_goes_only_where_a_step_leads(
    clerk: Callable[..., Clerk], enter: Callable[..., int], width: int
) -> None:
    soon, _late = agreements(enter, width)
    person = clerk("kendal.admin", width)
    page = person.page
    page.goto(f"{AGREEMENTS}board?q=MoU+lekas+{width}")
    card = page.locator("[data-card]", has_text=soon).first
    person.picture("papan")
    if width > 500:
        card.drag_to(page.locator('.board-column[data-state="ended"]'))
        page.get_by_text("tidak dapat pindah ke").wait_for()
        assert page.url.endswith(f"board?q=MoU+lekas+{width}"), "nothing was sent"
        return
    assert card.get_by_text("Pindahkan").count() in {0, 1}
    assert person.fits()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_graph_is_drawn_and_its_picture_downloaded(
    clerk: Callable[..., Clerk], enter: Callable[..., int], width: int
) -> None:
    agreements(enter, width)
    person = clerk("kendal.admin", width)
    person.page.goto(f"{AGREEMENTS}graph")
    with person.page.expect_download() as waiting:
        person.page.locator("[data-picture]").click()
    assert Path(waiting.value.path()).read_bytes().startswith(b"\x89PNG")
    assert person.fits()
    person.picture("grafik")


def test_without_script_a_list_is_searched_filtered_and_paged(chromium: Any, live: Any) -> None:
    context = chromium.new_context(base_url=live.url, locale="id-ID", java_script_enabled=False)
    page = context.new_page()
    page.goto("/login/")
    page.fill("[name=username]", "kendal.admin")
    page.fill("[name=password]", DEMO_PASSWORD)
    page.press("[name=password]", "Enter")
    page.goto("/partners/partner/?all=1")
    page.fill("[name=q]", "desa")
    page.press("[name=q]", "Enter")
    assert "q=desa" in page.url
    assert "Desa" in page.locator("tbody").inner_text()
    page.locator("[name=f_level]").select_option(index=1)
    page.get_by_role("button", name="Terapkan").first.click()
    assert "f_level=" in page.url
    page.goto("/partners/partner/?size=1")
    page.get_by_role("link", name="Berikutnya").click()
    assert "after=" in page.url
    context.close()


HIT = """(box) => {
  const { x, y, width, height } = box.getBoundingClientRect();
  return document.elementFromPoint(x + width / 2, y + height / 2)?.closest("a, button, select, input") === box;
}"""
"""Whether a finger in the middle of an element meets it."""


def test_on_a_phone_names_open_records_and_pencils_edit(clerk: Callable[..., Clerk]) -> None:
    page = clerk("kendal.admin", 390).page
    page.goto("/partners/partner/")
    rows = page.locator("main tbody tr").all()
    assert rows
    for row in rows:
        row.scroll_into_view_if_needed()
        assert row.locator("a.record-link").evaluate(HIT)
        assert all(pencil.evaluate(HIT) for pencil in row.locator("a.quick-link").all())
    page.locator("a.quick-link").first.click()
    form = page.locator("form[data-quick]")
    for control in form.locator("select:visible, input:visible, button, a").all():
        assert control.evaluate(HIT)
        assert control.evaluate("(box) => box.getBoundingClientRect().right <= window.innerWidth - 16")
    assert rows[0].locator("a.record-link").evaluate(HIT)
    form.get_by_text("Batal").click()
    page.locator("a.record-link").first.click()
    page.wait_for_url("**/partners/partner/*")


def test_on_a_phone_what_is_rarer_opens_and_the_month_is_seen_at_a_glance(
    clerk: Callable[..., Clerk], enter: Callable[..., int]
) -> None:
    agreements(enter, 390)
    day = next_month()
    hours = {"starts_at": f"{day}T09:00", "ends_at": f"{day}T11:00"}
    enter("activity", title="Bimtek sekilas", kind=("activity_kind", "bimbingan"), place="Aula", **hours)
    person = clerk("kendal.admin", 390)
    page = person.page
    page.goto(f"{AGREEMENTS}?all=1")
    saved = page.locator("summary", has_text="Penyaring tersimpan")
    assert not saved.is_visible()
    page.get_by_role("button", name="Alat lainnya").click()
    saved.click()
    assert page.get_by_text("Saring atau cari dulu").or_(page.locator(".tool-panel:visible")).first.is_visible()
    assert person.fits()
    page.goto(f"{ACTIVITIES}calendar?day={day}")
    page.locator(".cal-glance").get_by_role("link", name=f"{day.day} ").click()
    assert page.url.endswith(f"#day-{day}")
    assert page.locator(f"#day-{day}").get_by_role("link", name="09.00 Bimtek sekilas").is_visible()
    assert person.fits()
    person.picture("kalender-bulan")


@pytest.mark.parametrize("width", [1440, 1024])
def test_the_title_has_room_and_no_word_is_broken(
    clerk: Callable[..., Clerk], enter: Callable[..., int], width: int
) -> None:
    soon, _late = agreements(enter, width)
    person = clerk("kendal.admin", width)
    person.page.goto(f"{AGREEMENTS}?all=1")
    cell = person.page.locator("td.is-title", has_text=soon).first
    assert cell.bounding_box()["width"] >= 200
    link = cell.locator("a")
    lines = link.evaluate("element => element.getClientRects().length")
    assert lines == 1, "a short title stands on one line"
    assert person.fits()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_row_is_opened_wherever_it_is_clicked_but_on_its_box(
    clerk: Callable[..., Clerk], enter: Callable[..., int], width: int
) -> None:
    enter("partner", name=f"Mitra Baris {width}", level="local", city="Kendal")
    staf = clerk("kendal.admin", width)
    page = staf.page
    page.goto(f"/partners/partner/?q=Mitra+Baris+{width}")
    row = page.locator("tbody tr", has_text=f"Mitra Baris {width}")
    row.locator("[data-choose]").check()
    assert "?q=" in page.url
    place = row.locator("td.is-first").bounding_box()
    page.mouse.click(place["x"] + place["width"] - 3, place["y"] + 3)
    page.wait_for_url(re.compile(r"/partners/partner/\d+$"))
    assert f"Mitra Baris {width}" in staf.text()
