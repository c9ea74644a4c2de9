"""What browsers without scripts can do: choose a linked record by its name, and read what they wrote in a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ADD = "/procedures/case/add"


def test_a_linked_record_is_chosen_by_its_name(person: Callable[[str], Any]) -> None:
    staf = person("kendal.staf")
    assert '<noscript><input class="form-control" name="procedure"' in staf.get(ADD).text
    case = {"title": "Kunjungan tanpa skrip", "kind": "new", "origin": "own"}
    made = staf.send(ADD, {**case, "procedure": ["", "pelayanan kerjasama"], "partner": ["", ""]})
    assert made.status_code == 302, made.text
    page = staf.get(made.headers["Location"]).text
    assert "Kunjungan tanpa skrip" in page
    assert "SOP-KERJASAMA" in page or "Pelayanan Kerjasama" in page


def test_a_name_that_fits_none_or_several_is_told_and_stays(person: Callable[[str], Any]) -> None:
    staf = person("kendal.staf")
    for name in ("Mitra Contoh Satu", "Mitra Contoh Dua"):
        staf.send("/partners/partner/add", {"name": name})
    case = {"title": "Kunjungan", "kind": "new", "origin": "own", "procedure": ["", "pelayanan kerjasama"]}
    several = staf.send(ADD, {**case, "partner": ["", "mitra contoh"]})
    assert several.status_code == 422
    assert "Several fit: Mitra Contoh Dua, Mitra Contoh Satu. Write more of the name." in several.text
    assert 'value="mitra contoh"' in several.text
    none = staf.send(ADD, {**case, "partner": ["", "tidak ada"]})
    assert "Nothing here is called so." in none.text
    foreign = staf.send(ADD, {**case, "procedure": ["", "IK"], "partner": ["", ""]})
    assert "Nothing here is called so." in foreign.text, "what belongs to another institution is not found"
    one = staf.send(ADD, {**case, "partner": ["", "mitra contoh dua"]})
    assert one.status_code == 302


def test_after_a_message_the_thread_is_shown_with_it(person: Callable[[str], Any]) -> None:
    staf = person("kendal.staf")
    partner = str(staf.send("/partners/partner/add", {"name": "Mitra Contoh"}).headers["Location"]).split("?")[0]
    answer = staf.send(f"{partner}/messages", {"text": "Sudah ditelepon."}, form_at=f"{partner}/timeline")
    page = staf.get(answer.headers["Location"], headers={"Sec-Fetch-Mode": "navigate"}).text
    assert "Sudah ditelepon." in page
    assert "<h1" in page, "in the frame of a page"


def test_scripts_and_styles_are_sent_packed_to_whoever_unpacks(visitor: Any) -> None:
    import gzip
    import re

    address = re.findall(r'src="(/static/forms\.[0-9a-f]{12}\.js)"', visitor().get("/login/").text)[0]
    plain = visitor().get(address)
    packed = visitor().get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) * 2 < len(plain.data)
    assert "Content-Encoding" not in plain.headers
    assert "max-age=31536000" in packed.headers["Cache-Control"]
