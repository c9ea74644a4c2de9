"""The pictures of README and user guide: `make screenshots` takes them anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.cli.demo import DEMO_PASSWORD
from tests.journeys.conftest import Clerk, clerk  # noqa: F401  # the fixture
from tests.journeys.test_kendal_with_agreement import (
    accept_the_draft,
    coordinate_with_agreement,
    draft_agreement_and_reply,
    mend_the_draft,
    open_agreement,
    publish,
    return_the_draft,
    send_the_reply,
    sign,
    submit_the_reply,
)
from tests.journeys.test_kendal_without_agreement import (
    carry_out,
    dispose,
    finish_first_step,
    receive_disposition,
    register_letter,
)

pytestmark = pytest.mark.screenshots
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"

PARTNERS = (
    ("SMA Negeri Contoh 2", "Kendal"),
    ("Komunitas Baca Contoh", "Weleri"),
    ("PT Contoh Makmur", "Semarang"),
    ("Universitas Contoh", "Semarang"),
    ("Desa Contoh Asri", "Boja"),
    ("MTs Contoh 5", "Kaliwungu"),
)
"""Plainly invented; the names and towns of those that the pictures show."""


def keep(person: Clerk, name: str, address: str | None = None) -> None:
    if address:
        person.page.goto(address)
        person.page.wait_for_load_state("networkidle")
    person.page.screenshot(path=str(PICTURES / f"{name}.png"))


def fill_the_institution(person: Clerk, now: datetime) -> None:
    """What an ordinary week has, so that lists, boards, calendars and charts have something to show."""
    kinds, rooms = choices(person, "agreement/related/kind"), choices(person, "booking/related/room")
    activities = choices(person, "activity/related/kind")
    for place, (name, city) in enumerate(PARTNERS):
        partner = made(person, "partner/", name=name, city=city)
        day = now.date() - timedelta(days=40 * place)
        values = {"starts_on": day.isoformat(), "ends_on": (day + timedelta(days=270)).isoformat()}
        kind = kinds["Perjanjian Kerja Sama" if place % 2 else "Nota Kesepahaman"]
        made(person, "agreement/", title=f"Layanan literasi bersama {name}", kind=kind, partner=partner, **values)
        begin = (now - timedelta(days=now.weekday())).replace(hour=9) + timedelta(days=2 * place)
        hours = {"starts_at": begin.isoformat(), "ends_at": (begin + timedelta(hours=2)).isoformat()}
        made(person, "booking/", room=rooms["Ruang Baca Anak"], purpose=f"Kunjungan {name}", **hours)
        kind = activities["Bedah buku" if place % 2 else "Kunjungan literasi"]
        made(person, "activity/", title=f"Kunjungan {name}", kind=kind, partner=partner, **hours)
        received = (now.date() - timedelta(days=35 * place)).isoformat()
        made(person, "letter/", subject=f"Permohonan kerja sama {name}", sender_name=name, received_on=received)


def api(person: Clerk, path: str, body: dict[str, Any] | None = None) -> Any:
    """What the API answers to the person; with a ``body``, what it makes of it."""
    http = person.page.request
    who = {"username": person.username, "password": DEMO_PASSWORD, "provider": "db"}
    token = http.post("/api/v1/security/login", data=who).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    address = f"/api/v1/{path}"
    answer = http.get(address, headers=headers) if body is None else http.post(address, headers=headers, data=body)
    assert answer.ok, answer.text()
    return answer.json()


def made(person: Clerk, path: str, **values: Any) -> int:
    """The id of a new record."""
    return int(api(person, path, values)["id"])


def choices(person: Clerk, path: str) -> dict[str, int]:
    """The ids of what can be chosen, by their names."""
    return {item["text"]: item["value"] for item in api(person, path)["result"]}


def test_pictures_of_the_guide(clerk: Callable[..., Clerk], live: Any) -> None:  # noqa: F811  # the fixture
    PICTURES.mkdir(parents=True, exist_ok=True)
    now = datetime.now(ZoneInfo("Asia/Jakarta")).replace(minute=0, second=0)
    starts, ends = now - timedelta(hours=2), now - timedelta(hours=1)
    people = {name: clerk(f"kendal.{name}") for name in ("staf", "kadis", "kabid", "subkoor", "admin")}
    staf, kadis, kabid, title = people["staf"], people["kadis"], people["kabid"], "Permohonan kunjungan literasi"
    fill_the_institution(staf, now)
    case = register_letter(staf, title)
    keep(staf, "surat")
    keep(staf, "pekerjaan-saya", "/procedures/my_work/")
    finish_first_step(staf)
    dispose(kadis)
    receive_disposition(kabid)
    keep(people["subkoor"], "tugas", "/procedures/my_work/")
    coordinate_with_agreement(people["subkoor"])
    draft_agreement_and_reply(staf, title, starts, ends)
    return_the_draft(kabid)
    mend_the_draft(staf, title)
    submit_the_reply(staf, title)
    accept_the_draft(kabid)
    keep(staf, "surat-keluar", send_the_reply(staf, kabid, title))
    publish(staf)
    sign(staf, kadis, title)
    open_agreement(staf, title)
    keep(staf, "naskah")
    carry_out(staf, title, starts, ends)
    keep(staf, "case", case)
    keep(staf, "prosedur", "/procedures/procedure/")
    keep(staf, "ruang", "/rooms/booking/")
    for name, address in (("pengguna", "people/"), ("hak-akses", "roles/kendal.staf"), ("addon", "addons/")):
        keep(people["admin"], name, f"/kernel/{address}")
    keep_the_gallery(staf, people["admin"], case)
    phone = clerk("kendal.staf", 390)
    keep(phone, "ponsel", case)
    keep(phone, "ponsel-daftar", "/correspondence/letter/")
    keep(phone, "ponsel-pekerjaan", "/procedures/my_work/")


def keep_the_gallery(staf: Clerk, admin: Clerk, case: str) -> None:
    """What docs/galeri.md shows besides the pictures of the guide."""
    pages = {
        "ringkasan": "/kernel/dashboard/",
        "daftar": "/agreements/agreement/",
        "papan": "/agreements/agreement/board",
        "kalender": "/activities/activity/calendar",
        "grafik": "/agreements/agreement/graph?by=state",
        "pivot": "/agreements/agreement/pivot?rows=state",
        "formulir": "/partners/partner/add",
        "angka": "/procedures/figures/",
    }
    for name, address in pages.items():
        keep(staf, name, address)
    staf.page.goto(case)
    staf.page.locator("#thread").scroll_into_view_if_needed()  # its parts are loaded when they come into sight
    staf.page.locator("[data-thread]").wait_for()
    staf.page.wait_for_load_state("networkidle")
    top = "card => scrollTo({top: card.getBoundingClientRect().top + scrollY - 72, behavior: 'instant'})"
    staf.page.locator("#thread").evaluate(top)  # below the top bar
    keep(staf, "percakapan")
    admin.go("/procedures/procedure/")
    admin.press('main tbody a[href^="/procedures/procedure/"]')
    keep(admin, "bagan-alir")
    admin.press('form[action*="/procedures/version/draft/"] button')
    keep(admin, "penyunting")
    staf.page.goto(case)
    staf.page.keyboard.press("Control+K")
    staf.page.keyboard.type("kunjungan")
    staf.page.locator("#palette-found:not([aria-busy]) a", has_text="unjungan").first.wait_for()
    keep(staf, "cari")
    staf.page.emulate_media(color_scheme="dark")
    keep(staf, "gelap", case)
    staf.page.emulate_media(color_scheme="light")
