"""An agreement in a browser, from the form to the recorded signing: as staff and as Kepala Dinas."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from addons.agreements.tests.conftest import PDF
from tests.journeys.conftest import Clerk, clerk  # noqa: F401  # the fixture


@pytest.mark.parametrize("width", [1440, 390])
def test_an_agreement_is_drafted_twice_scanned_and_signed(clerk: Callable[..., Clerk], width: int) -> None:  # noqa: F811
    staf, kadis = clerk("kendal.staf", width), clerk("kendal.kadis", width)
    address = draft(staf, f"PKS literasi {width}")
    for reason in ("", "Jadwal diubah atas permintaan mitra"):
        add_version(staf, "draft", reason)
    panel = staf.page.locator("[data-version]")
    panel.first.wait_for()
    assert panel.count() == 2
    assert "Jadwal diubah atas permintaan mitra" in panel.first.inner_text()
    staf.picture("agreement-draft")
    assert staf.fits()

    kadis.page.goto(address)
    kadis.press('a[href$="/ask/sign"]')
    kadis.fill(signed_on=date.today().isoformat())  # noqa: DTZ011  # what the browser would offer
    kadis.save()
    assert "Tambahkan dahulu pindaian bertanda tangan" in kadis.text()
    kadis.picture("agreement-refused")

    add_version(staf, "signed", "", {"name": "pindaian.pdf", "mimeType": "application/pdf", "buffer": PDF})
    kadis.save()
    assert "Ditandatangani" in kadis.text()
    kadis.page.locator("[data-version]").first.wait_for()
    assert "Naskah asli tersimpan" in kadis.text()
    kadis.picture("agreement-signed")
    assert kadis.fits()
    kadis.press("[data-version] >> text=Versi 3")
    kadis.page.locator("text=Tidak berubah sejak").wait_for()
    kadis.picture("agreement-version")
    assert kadis.fits()


def draft(staf: Clerk, title: str) -> str:
    """A new agreement; returns its address."""
    staf.page.goto("/agreements/agreement/add")
    sides: dict[str, Any] = {"our_signatory": "Kadis Contoh Kendal", "our_position": "Kepala Dinas"}
    sides |= {"partner_signatory": "Kepala Sekolah Contoh", "partner_position": "Kepala Sekolah"}
    staf.fill(
        title=title,
        number=f"001/{title[-4:].strip()}",
        subject="Kunjungan literasi setiap semester",
        signing_place="Kendal",
        **sides,
    )
    for field, words in (("kind", "Perjanjian Kerja Sama"), ("partner", "SD Negeri Contoh")):
        # The offers are made anew while words arrive; a click on an old one chooses nothing.
        while not staf.page.input_value(f"#f-{field}"):
            staf.choose(field, words)
    staf.picture("agreement-form")
    staf.save()
    return staf.page.url


def add_version(staf: Clerk, kind: str, reason: str, file: Any = None) -> None:
    """Another version by the buttons of the agreement's page."""
    link = staf.page.locator(f'a[href*="agreement_version/add"][href*="kind={kind}"]')
    link.wait_for()
    with staf.page.expect_navigation():
        link.click()
    staf.fill(reason=reason)
    if file:
        staf.page.set_input_files("[name=files]", file)
    staf.picture(f"agreement-version-form-{kind}")
    staf.save()
