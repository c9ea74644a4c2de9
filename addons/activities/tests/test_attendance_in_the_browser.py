"""A clerk at the door with a phone: from the activity to the list of who came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.cli.demo import DEMO_PASSWORD


@pytest.fixture
def phone(chromium: Any, live: Any) -> Iterator[Any]:
    """Kendal's staff at a phone of 390 pixels."""
    context = chromium.new_context(base_url=live.url, locale="id-ID", viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto("/login/")
    page.fill("[name=username]", "kendal.staf")
    page.fill("[name=password]", DEMO_PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda address: "/login/" not in address)
    yield page
    context.close()


def fits(page: Any) -> bool:
    """Whether nothing stands out of the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def plan(page: Any) -> None:
    """An activity that goes on right now, through the form."""
    page.goto("/activities/activity/add")
    now = datetime.now(ZoneInfo("Asia/Jakarta")).replace(second=0)
    page.fill("[name=title]", "Kunjungan literasi kelas 5")
    page.locator("#f-kind-ts-control").fill("Kunjungan literasi")
    page.locator("#f-kind-ts-dropdown .option", has_text="Kunjungan literasi").first.click()
    page.fill("[name=starts_at]", now.strftime("%Y-%m-%dT%H:%M"))
    page.fill("[name=ends_at]", (now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"))
    with page.expect_navigation():
        page.locator("form.record-form button.btn-primary").first.click()


def test_a_clerk_enters_a_class_on_a_phone(phone: Any, look: Callable[[Any, str], None]) -> None:
    plan(phone)
    phone.get_by_role("link", name="Isi presensi").click()
    names = "\n".join(f"{place}. Siswa Contoh {place}" for place in range(1, 31))
    phone.fill("#organisation", "SD Negeri Contoh 1")
    phone.fill("#lines", f"{names}\n; SMP Contoh\nSiswa Contoh 3")
    look(phone, "entry")
    phone.get_by_role("button", name="Simpan presensi").click()
    trouble = phone.locator("#lines-troubles")
    trouble.wait_for()
    assert "Baris 31: nama belum diisi." in trouble.inner_text()
    assert "Baris 32: Siswa Contoh 3 (SD Negeri Contoh 1) sudah tertulis pada baris 3." in trouble.inner_text()
    assert fits(phone)
    look(phone, "entry-refused")
    phone.fill("#lines", f"{names}\nGuru Contoh; SMP Contoh; Guru")
    phone.get_by_role("button", name="Simpan presensi").click()
    phone.get_by_text("31 orang hadir").wait_for()
    assert fits(phone)
    look(phone, "activity")
