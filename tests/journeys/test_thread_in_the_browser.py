"""The thread of a record as somebody meets it: on a phone, hastily, and led there by a notice."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import Clerk

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)


@pytest.mark.parametrize("width", [1440, 390])
def test_plan_something_for_a_colleague_who_is_led_to_it(clerk: Callable[..., Clerk], width: int) -> None:
    staff = clerk("kendal.staf", width)
    page = staff.page
    page.goto("/partners/partner/add")
    staff.fill(name=f"Mitra Telusur {width}")
    page.select_option("[name=level]", "local")
    staff.save()
    home = page.url
    open_impatiently(page)
    plan_for(page, "kepala bidang")
    assert page.url == home
    staff.picture("thread")
    assert staff.fits()
    add_a_picture(page)
    staff.picture("files")
    assert staff.errors == []

    head = clerk("kendal.kabid", width)
    head.page.goto("/kernel/notifications/")
    notice = head.page.locator(".notice", has_text=f"Mitra Telusur {width}")
    assert "meminta Anda: Telepon mitra" in notice.inner_text()
    notice.locator(".notice-open").click()
    marked = head.page.locator(".thread-planned .is-marked", has_text="Telepon mitra")
    marked.wait_for()
    wait_in_sight(marked)
    head.picture("thread-marked")


def open_impatiently(page: Any) -> None:
    """Tap “Tampilkan” while the part is still on its way: it opens where it is."""
    page.route("**/timeline", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.reload(wait_until="domcontentloaded")
    page.evaluate("window.isSamePage = true")
    page.evaluate("document.querySelector('#thread .lazy-wait a').click()")
    page.locator("#thread-text").wait_for()
    assert page.evaluate("window.isSamePage")
    page.unroute("**/timeline")


def plan_for(page: Any, position: str) -> None:
    """Plan an activity for who has ``position``, typed over the present person's name, until a weekday."""
    page.locator("summary", has_text="Rencanakan tindak lanjut").click()
    page.locator("#plan-summary:focus").wait_for()
    wait_in_sight(page.get_by_role("button", name="Simpan rencana"))
    page.keyboard.type("Telepon mitra")
    if page.locator("#plan-deadline").get_attribute("type") == "text":
        page.fill("#plan-deadline", "Jumat")
        page.press("#plan-deadline", "Tab")
        assert page.input_value("#plan-deadline")[0].isdigit()
    page.locator(".thread-plan .ts-control").click()
    page.keyboard.type(position)
    page.locator("#plan-assignee-ts-dropdown .option.active", has_text="Kepala Bidang").wait_for()
    assert "Staf Contoh" not in page.locator(".thread-plan .ts-wrapper").inner_text()
    page.keyboard.press("Enter")
    chosen = page.locator(".thread-plan .ts-control .item").inner_text()
    page.get_by_role("button", name="Simpan rencana").click()
    assert chosen in page.locator(".thread-planned").inner_text()


def add_a_picture(page: Any) -> None:
    """Choosing the file sends it; its name opens it, and the button beside it downloads."""
    given = {"name": "denah.png", "mimeType": "image/png", "buffer": PICTURE}
    with page.expect_navigation():
        page.set_input_files("[name=files]", given)
    name = page.locator(".files a", has_text="denah.png")
    wait_in_sight(name)
    name.click()
    page.locator("dialog[open] h2", has_text="denah.png").wait_for()
    page.keyboard.press("Escape")
    for target in page.locator(".files a, .files button").all():
        assert target.bounding_box()["height"] >= 24
    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh: denah.png").click()
    assert download.value.suggested_filename == "denah.png"


def wait_in_sight(place: Any) -> None:
    """Wait until ``place`` is within the window: pages scroll softly."""
    inside = "e => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; }"
    place.page.wait_for_function(inside, arg=place.element_handle())


DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type: "image/png" }));
  const box = document.querySelector("[data-drop]");
  for (const type of ["dragenter", "dragover", "drop"])
    box.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: carried }));
}"""


@pytest.mark.parametrize("width", [1440, 390])
def test_a_picture_is_dropped_and_looked_at_and_a_broken_one_says_so(clerk: Callable[..., Clerk], width: int) -> None:
    from PIL import Image

    drawn = io.BytesIO()
    Image.new("RGB", (60, 40), "navy").save(drawn, "PNG")
    person = clerk("kendal.admin", width)
    page = person.page
    page.goto("/partners/partner/")
    person.press("a.record-link")
    for name, content in (("utuh.png", drawn.getvalue()), ("rusak.png", drawn.getvalue()[:40])):
        page.evaluate(DROP, [name, base64.b64encode(content).decode()])
        page.get_by_role("link", name=name).first.wait_for()
        page.get_by_role("link", name=name).first.click()
        dialog = page.locator("dialog.preview-dialog[open]")
        dialog.wait_for()
        if name == "utuh.png":
            assert dialog.locator("img").evaluate("(drawn) => drawn.decode().then(() => drawn.naturalWidth)") > 0
        else:
            dialog.get_by_text("tidak dapat ditampilkan di sini").wait_for()
        page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
    assert person.fits()
