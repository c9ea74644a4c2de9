"""The pictures of README and user guide: `make screenshots` takes them anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

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


def keep(person: Clerk, name: str, address: str | None = None) -> None:
    if address:
        person.page.goto(address)
        person.page.wait_for_load_state("networkidle")
    person.page.screenshot(path=str(PICTURES / f"{name}.png"))


def test_pictures_of_the_guide(clerk: Callable[..., Clerk], live: Any) -> None:  # noqa: F811  # the fixture
    PICTURES.mkdir(parents=True, exist_ok=True)
    now = datetime.now(ZoneInfo("Asia/Jakarta")).replace(minute=0, second=0)
    starts, ends = now - timedelta(hours=2), now - timedelta(hours=1)
    people = {name: clerk(f"kendal.{name}") for name in ("staf", "kadis", "kabid", "subkoor", "admin")}
    staf, kadis, kabid, title = people["staf"], people["kadis"], people["kabid"], "Permohonan kunjungan literasi"
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
        "daftar": "/agreements/agreement/?group=state",
        "papan": "/agreements/agreement/board",
        "kalender": "/activities/activity/calendar",
        "grafik": "/procedures/task/graph?by=state",
        "pivot": "/procedures/task/pivot?rows=state",
        "formulir": "/partners/partner/add",
        "percakapan": f"{case}#thread",
        "angka": "/procedures/figures/",
    }
    for name, address in pages.items():
        keep(staf, name, address)
    admin.go("/procedures/procedure/")
    admin.press('main tbody a[href^="/procedures/procedure/"]')
    keep(admin, "bagan-alir")
    admin.press('form[action*="/procedures/version/draft/"] button')
    keep(admin, "penyunting")
    staf.page.goto(case)
    staf.page.keyboard.press("Control+K")
    staf.page.keyboard.type("kunjungan")
    staf.page.wait_for_timeout(1_000)  # the answers come while one types
    keep(staf, "cari")
    staf.page.emulate_media(color_scheme="dark")
    keep(staf, "gelap", case)
    staf.page.emulate_media(color_scheme="light")
