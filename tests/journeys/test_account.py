"""From the invitation to the second factor, in browsers of desktop and phone, in Indonesian."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pyotp
import pytest

from app import clock
from app.database.addresses import libpq_address
from tests.journeys.conftest import PICTURES, Clerk

PASSWORD = "gerobak-langit-tujuh-kancil"


def link_for(live: Any, address: str) -> str:
    """The path of the link in the mail to ``address``."""
    with psycopg.connect(libpq_address(live.addresses.owner)) as connection:
        row = connection.execute(
            "SELECT body FROM outgoing_mail WHERE recipient = %s ORDER BY id DESC", [address]
        ).fetchone()
    assert row is not None
    found = re.search(r"https?://[^/\s]+(/\S+)", row[0])
    assert found is not None
    return found[1]


def picture(page: Any, name: str) -> None:
    """Keep a picture for people to look at; the page must fit its window."""
    PICTURES.mkdir(exist_ok=True)
    width = page.viewport_size["width"]
    page.screenshot(path=str(PICTURES / f"account-{name}-{width}.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name


@pytest.mark.parametrize("width", [1440, 390])
def test_an_invited_person_gets_in_and_switches_the_second_factor_on(
    clerk: Callable[..., Clerk], live: Any, chromium: Any, width: int
) -> None:
    address = f"orang.baru{width}@contoh.test"
    admin = clerk("kendal.admin", width)
    admin.page.goto("/kernel/people/")
    admin.press('a[href="/kernel/invitations/"]')
    admin.fill(first_name="Orang", last_name="Baru", email=address)
    admin.page.check('[name=roles][value="kendal.staf"]')
    admin.picture("invite")
    assert admin.fits()
    admin.press("main form[data-guard] button.btn-primary")
    assert f"Undangan sedang dikirim ke {address}." in admin.text()
    admin.picture("invitations")
    assert admin.fits()

    context = chromium.new_context(base_url=live.url, locale="id-ID", viewport={"width": width, "height": 844})
    errors: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)
    page.goto(link_for(live, address))
    assert "mengundang Orang Baru" in page.inner_text("main")
    page.fill("[name=password]", "1")
    page.fill("[name=again]", "1")
    page.click("main button")
    assert "paling sedikit 12 karakter" in page.inner_text("main").lower()
    picture(page, "accept")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.click("main button")
    page.wait_for_url(lambda url: "/invitation/" not in url)

    page.goto("/kernel/profile/")
    assert "perangkat ini" in page.inner_text("main")
    picture(page, "profile")
    page.click('a[href="/kernel/second_factor/"]')
    page.fill("[name=password]", PASSWORD)
    page.click("main button.btn-primary")
    secret = page.inner_text("code.secret")
    assert page.locator("img.qr").evaluate("image => image.naturalWidth") > 100
    picture(page, "second-factor")
    page.fill("[name=code]", pyotp.TOTP(secret).at(clock.now()))
    page.click("main button.btn-primary")
    assert page.locator(".recovery-codes li").count() == 10
    picture(page, "recovery-codes")
    with page.expect_download() as download:
        page.click("a[download]")
    assert download.value.suggested_filename == "sinergi-kode-pemulihan.txt"
    code = page.locator(".recovery-codes li").first.inner_text()
    assert code in download.value.path().read_text()

    page.goto("/kernel/profile/password")
    picture(page, "password")
    page.goto("/kernel/profile/")
    page.click('form[action$="/sessions/end"] button')
    page.click("dialog[open] [data-yes]")
    page.wait_for_url("**/login/")
    picture(page, "login")
    page.fill("[name=username]", address)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/login/code")
    picture(page, "second-step")
    page.fill("[name=code]", code)
    page.press("[name=code]", "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    page.goto("/kernel/forgotten_password/")
    picture(page, "forgotten")
    page.goto("/kernel/new_password/made-up")
    picture(page, "dead-link")

    admin.page.goto("/kernel/people/")
    admin.picture("people")
    admin.press('a[href^="/kernel/person/"]:has-text("Orang Baru") >> nth=-1')
    admin.picture("person")
    assert admin.fits()
    context.close()
    assert errors == []
