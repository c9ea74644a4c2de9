"""The journey of the first issue: Kendal without PK, from the request letter to the closed case, by four people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.conftest import Clerk

SCAN = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def take_next_task(person: Clerk, words: str) -> None:
    person.go("/procedures/my_work/")
    assert words in person.text()
    person.press(f'main .list-group-item:has-text("{words}") a.fw-bold')
    person.press('form[action*="/procedures/work/"] button')


def tick_everything(person: Clerk) -> None:
    person.tick("[name=paper]")


def finish(person: Clerk) -> None:
    person.press('form[action$="/done"] button.btn-primary')


def make_output(person: Clerk, kind: str) -> None:
    person.press(f'main a[href*="{kind}"][href*="/add"]')


def moment(day: datetime) -> str:
    return day.strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(("width", "has_mouse"), [(1440, True), (390, True), (1280, False)])
def test_a_request_letter_becomes_a_finished_visit(clerk: Callable[..., Clerk], width: int, has_mouse: bool) -> None:
    """The third time without a mouse, from the first page to the closed case."""
    title = f"Permohonan kunjungan literasi {width}"
    now = datetime.now(ZoneInfo("Asia/Jakarta")).replace(minute=0, second=0)
    starts, ends = now - timedelta(hours=width // 100), now - timedelta(hours=width // 100 - 1)

    staf = clerk("kendal.staf", width, has_mouse=has_mouse)
    case_url = register_letter(staf, title)
    finish_first_step(staf)

    kadis = clerk("kendal.kadis", width, has_mouse=has_mouse)
    dispose(kadis)

    kabid = clerk("kendal.kabid", width, has_mouse=has_mouse)
    receive_disposition(kabid)

    subkoor = clerk("kendal.subkoor", width, has_mouse=has_mouse)
    coordinate_without_agreement(subkoor, starts, ends)

    staf.go(case_url)
    assert "10. Melaksanakan Kegiatan sesuai jadwal" in staf.text()
    assert "Tidak dengan PK" in staf.text()
    carry_out(staf, title, starts, ends)

    staf.go(case_url)
    staf.page.wait_for_selector("text=Jadwal pemakaian ruang")
    staf.picture("case")
    assert staf.fits()
    assert staf.page.locator("[data-track] >> text=10. Melaksanakan Kegiatan").count() == 1
    assert "waktu baku 150 menit" in staf.text()
    assert "(jam kerja)" in staf.text()
    closed = staf.page.request.get(f"/api/v1/case/{case_url.rsplit('/', 1)[1]}").json()["result"]
    assert closed["state"] == "closed"
    assert closed["closed_at"]


def register_letter(staf: Clerk, title: str) -> str:
    staf.go("/correspondence/letter/add")
    staf.fill(letter_number="005/12/2026", sender_name="SD Negeri Contoh 1", subject=title)
    staf.choose("procedure", "Pelayanan Kerjasama")
    staf.attach("permohonan.pdf", SCAN)
    staf.picture("letter-form")
    assert staf.fits()
    staf.save()
    assert title in staf.text()
    assert "permohonan.pdf" in staf.text()
    assert f"/{datetime.now(ZoneInfo('Asia/Jakarta')).year}" in staf.text()
    staf.picture("letter")
    return str(staf.page.locator('main a[href^="/procedures/case/"]').first.get_attribute("href"))


def finish_first_step(staf: Clerk) -> None:
    take_next_task(staf, "Menerima Surat Permohonan")
    finish(staf)
    assert "Surat permohonan" in staf.page.locator("[role=alert]").inner_text()
    staf.picture("task-refused")
    tick_everything(staf)
    finish(staf)
    assert "Mendisposisi surat permohonan" in staf.text()


def dispose(kadis: Clerk) -> None:
    take_next_task(kadis, "Mendisposisi surat permohonan")
    make_output(kadis, "/correspondence/disposition/")
    kadis.choose("to_position", "Kepala Bidang")
    kadis.tick("[name=instruction][value=process]")
    kadis.tick("[name=instruction][value=coordinate]")
    kadis.save()
    tick_everything(kadis)
    kadis.picture("task")
    finish(kadis)
    assert "Menerima disposisi dari Kepala Dinas" in kadis.text()


def receive_disposition(kabid: Clerk) -> None:
    kabid.go("/correspondence/disposition/")
    kabid.press('main tbody a[href^="/correspondence/disposition/"]')
    kabid.press('form[action$="/do/receive"] button')
    take_next_task(kabid, "Menerima disposisi dari Kepala Dinas")
    tick_everything(kabid)
    finish(kabid)
    assert "Melakukan Koordinasi dengan Pemohon" in kabid.text()


def coordinate_without_agreement(subkoor: Clerk, starts: datetime, ends: datetime) -> None:
    take_next_task(subkoor, "Melakukan Koordinasi dengan Pemohon")
    assert "waktu baku belum ditetapkan" in subkoor.text()
    make_output(subkoor, "/rooms/booking/")
    subkoor.choose("room", "Aula")
    subkoor.fill(purpose="Kunjungan literasi", starts_at=moment(starts), ends_at=moment(ends))
    subkoor.save()
    tick_everything(subkoor)
    subkoor.tick("[name=choice][value=tanpa_pk]")
    subkoor.pick('select[name^="output_"]:has(option:has-text("Kunjungan literasi"))')
    finish(subkoor)
    assert "Melaksanakan Kegiatan sesuai jadwal" in subkoor.text()


def carry_out(staf: Clerk, title: str, starts: datetime, ends: datetime) -> None:
    take_next_task(staf, "Melaksanakan Kegiatan sesuai jadwal")
    task = staf.page.url
    make_output(staf, "/activities/activity/")
    staf.choose("kind", "kunjungan")
    staf.fill(title=title, starts_at=moment(starts), ends_at=moment(ends), participants="30")
    staf.save()
    staf.go("/activities/activity/")
    staf.press(f'main tr:has-text("{title}") a')
    staf.press('form[action$="/do/hold"] button')
    staf.press('main a[href^="/activities/attendance_entry/"]')
    staf.fill(lines="Siswa Contoh Satu; SD Negeri Contoh 1\nSiswa Contoh Dua; SD Negeri Contoh 1")
    staf.save()
    staf.go(task)
    make_output(staf, "/activities/report/")
    staf.fill(title=f"Laporan {title}", summary="Kunjungan berjalan lancar.", participants_count="30")
    staf.save()
    tick_everything(staf)
    staf.tick("[name=choice][value=selesai]")
    finish(staf)


def test_a_unair_user_sees_nothing_of_it(clerk: Callable[..., Clerk], live: Any) -> None:
    kepala = clerk("unair.kepala")
    kepala.page.goto("/procedures/case/")
    assert "KS-" not in kepala.text()
    kepala.page.goto("/correspondence/letter/?q=Permohonan")
    assert "Permohonan kunjungan literasi" not in kepala.text()
