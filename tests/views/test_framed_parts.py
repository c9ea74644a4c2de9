"""Parts that pages load later, opened as an address: a person gets a page with the menu, a script the bare part."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.testing.client import Browserish

NAVIGATIONS = (
    {"Sec-Fetch-Mode": "navigate", "Accept": "*/*"},
    {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
)
FRAME = ("<!doctype html", "</html>", 'class="shell"', 'id="main"')


@pytest.fixture
def partner(person: Callable[[str], Browserish]) -> str:
    """The address of a partner that the staff made."""
    made = person("kendal.staf").send("/partners/partner/add", {"name": "Mitra Berbingkai", "level": "local"})
    return str(made.headers["Location"])


@pytest.mark.parametrize("headers", NAVIGATIONS)
def test_every_part_of_a_record_has_its_frame_and_the_way_to_the_record(
    person: Callable[[str], Browserish], partner: str, headers: dict[str, str]
) -> None:
    staff = person("kendal.staf")
    for part, mark in (
        ("timeline", "data-thread"), ("history", 'class="history"'), ("related/0", "card-body"),
        ("counts", "smart-button"),
    ):  # fmt: skip
        bare = staff.get(f"{partner}/{part}", headers={"Accept": "text/html"})
        assert mark in bare.text
        assert "<html" not in bare.text, part
        whole = staff.get(f"{partner}/{part}", headers=headers)
        assert mark in whole.text
        assert all(sign in whole.text for sign in FRAME), part
        assert whole.text.count("<html") == 1
        assert f'href="{partner}"' in whole.text
        assert "Mitra Berbingkai</h1>" in whole.text.replace("\n", "")


def test_parts_of_other_pages_have_a_frame_too(person: Callable[[str], Browserish]) -> None:
    staff = person("kendal.staf")
    for address in ("/kernel/notifications/newest", "/card/rooms.this_week"):
        assert "<html" not in staff.get(address).text
        assert all(sign in staff.get(address, headers=NAVIGATIONS[0]).text for sign in FRAME), address
    page = staff.get("/partners/partner/", headers=NAVIGATIONS[0]).text
    assert page.count("<html") == 1, "a whole page stays as it is"


def test_what_is_refused_stays_refused_and_files_stay_files(person: Callable[[str], Browserish], partner: str) -> None:
    whole = person("kendal.staf").get(f"{partner}/timeline", headers=NAVIGATIONS[0])
    assert "data-thread" in whole.text
    refused = person("unair.kasie").get(f"{partner}/timeline", headers=NAVIGATIONS[0])
    assert refused.status_code == 404
    assert "Mitra Berbingkai" not in refused.text
    people = person("kendal.staf").get(f"{partner}/people?q=", headers=NAVIGATIONS[0])
    assert people.json
