"""The search over everything: what the person may read, in a bounded number of statements."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text

from app.access.acting import acting
from app.database.session import db
from app.views import global_search
from app.views.global_search import find_everywhere
from tests.security.world import KENDAL_MARK, UNAIR_MARK, World
from tests.views.test_budgets import statements

FOUND = "/kernel/search/found"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may need longer than people would wait."""
    monkeypatch.setattr(global_search, "SECONDS", 60.0)


def hits(page: Any) -> list[str]:
    """The addresses of what was found."""
    assert page.status_code == 200
    return re.findall(r'href="([^"]+)" class="found-hit"', page.text)


def test_records_pages_and_beginnings_are_found_in_the_own_institution_only(world: World) -> None:
    admin = world.person("kendal.admin")
    found = admin.get(FOUND, query_string={"q": KENDAL_MARK})
    assert len(hits(found)) > 10
    assert KENDAL_MARK in found.text
    other = admin.get(FOUND, query_string={"q": UNAIR_MARK})
    assert hits(other) == []
    assert "/rooms/room/" in hits(admin.get(FOUND, query_string={"q": "Rooms"}))
    assert "/rooms/room/add" in hits(admin.get(FOUND, query_string={"q": "add room"}))


def test_what_is_called_exactly_so_comes_first_and_says_what_it_is_of(world: World) -> None:
    admin = world.person("kendal.admin")
    partner = world.make("kendal", "partners.Partner", name="Sanggar Contoh")
    for number in range(6):
        world.make("kendal", "partners.Partner", name=f"Sanggar Contoh {number}")
        world.make("kendal", "partners.Contact", name=f"Pengurus {number}", partner_id=partner)
    page = admin.get(FOUND, query_string={"q": "sanggar contoh"})
    assert hits(page)[0] == f"/partners/partner/{partner}"
    contacts = admin.get(FOUND, query_string={"q": "pengurus"}).text
    assert '<small class="found-about">Sanggar Contoh' in contacts


def test_whoever_may_not_read_finds_nothing(world: World) -> None:
    admin, staf = world.person("kendal.admin"), world.person("kendal.staf")
    page = "/kernel/roles/"
    assert page in hits(admin.get(FOUND, query_string={"q": "roles"}))
    assert page not in hits(staf.get(FOUND, query_string={"q": "roles"}))
    own = {address.rsplit("/", 1)[0] for address in hits(staf.get(FOUND, query_string={"q": KENDAL_MARK}))}
    assert own
    for address in own:
        assert staf.get(f"{address}/").status_code == 200, address


def test_what_is_typed_is_shown_and_means_nothing_else(world: World) -> None:
    admin = world.person("kendal.admin")
    for words in ("<b>x", "%", "_", "\\", "'", "   ", "a" * 3000, "q"):
        for path in (FOUND, "/kernel/search/"):
            page = admin.get(path, query_string={"q": words})
            assert page.status_code == 200, words
            assert "<b>x" not in page.text


def test_a_search_asks_a_bounded_number_of_statements(world: World) -> None:
    admin = world.person("kendal.admin")
    admin.get(FOUND, query_string={"q": KENDAL_MARK})
    with statements(world) as seen:
        admin.get(FOUND, query_string={"q": KENDAL_MARK})
    assert len(seen) <= 34, "\n".join(seen)
    with statements(world) as few:
        assert hits(admin.get(FOUND, query_string={"q": "tidakadadimanapun"})) == []
    assert len(few) <= 5, "\n".join(few)


def test_the_search_takes_its_time_limit_back(world: World) -> None:
    with world.app.test_request_context(), acting("kendal.staf", "kendal"):
        find_everywhere(KENDAL_MARK)
        assert db.session.scalar(text("SHOW statement_timeout")) == "0"
