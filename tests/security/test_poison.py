"""What people type is shown as they typed it and never becomes markup, script or template, on any page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from tests.security.routes import addresses
from tests.security.world import World

pytestmark = pytest.mark.timeout(600)
POISON = "<x'\"&{{7*7}}></script><img src=q onerror=poisoned=1> \u202eمرحبا 😀 %s %(n)s \\ " + "Panjang" * 12
ATTRIBUTE = re.compile(r"[a-z][a-z0-9:-]*")


class Reader(HTMLParser):
    """Collects what a browser would make of a page: its tags, its attributes, its text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note tags and attributes that no template of ours writes."""
        names = [name for name, _value in attrs]
        if tag == "x" or "onerror" in names or not all(ATTRIBUTE.fullmatch(name) for name in names):
            self.wrong.append(self.get_starttag_text() or tag)
        self.words += [value or "" for _name, value in attrs]

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.words.append(data)


@pytest.fixture(scope="module")
def poisoned(empty_world: World) -> World:
    """Kendal with one record of every model whose every text is poison."""
    empty_world.fill("kendal", POISON)
    return empty_world


def test_no_page_lets_what_was_typed_become_markup(poisoned: World) -> None:
    person, failures, proven = poisoned.person("kendal.admin"), [], 0
    for address in addresses(poisoned, "GET"):
        queries = ("?order=-id",) if address.name == "list_page" else ("",)
        for query in queries if not address.path.startswith("/api/") else ():
            page = person.get(address.path + query)
            if page.status_code != 200 or page.mimetype != "text/html":
                continue
            reader = Reader()
            reader.feed(page.text)
            if reader.wrong:
                failures.append(f"{address.path}{query}: {reader.wrong[:2]}")
            proven += "{{7*7}}" in "".join(reader.words)
    assert not failures, "\n".join(failures)
    assert proven > 80


def test_what_was_searched_filtered_or_mistyped_is_shown_and_not_run(poisoned: World) -> None:
    person = poisoned.person("kendal.admin")
    pages = [
        person.get("/rooms/room/", query_string={"q": POISON}),
        person.get("/rooms/room/", query_string={"f_building": POISON}),
        person.get("/rooms/room/add", query_string={"name": POISON, "next": f"/{POISON}"}),
        person.send("/rooms/room/add", {"name": POISON * 3, "building": POISON, "capacity": POISON}),
        person.send("/rooms/booking/add", {"purpose": POISON, "starts_at": POISON, "room": POISON}),
        person.send("/login/", {"username": POISON, "password": POISON}, form_at="/rooms/room/add"),
    ]
    visitor = type(person)(poisoned.app)
    pages.append(visitor.send("/login/", {"username": POISON[:100], "password": "x"}))
    shown = 0
    for page in pages:
        reader = Reader()
        reader.feed(page.text)
        assert reader.wrong == []
        shown += "{{7*7}}" in "".join(reader.words)
    assert shown >= 6


def test_programs_get_the_text_as_it_was_typed_and_as_json_only(poisoned: World) -> None:
    answer = poisoned.program("kendal.admin").api("GET", f"partner/{poisoned.ids['kendal']['partners.Partner']}")
    assert answer.mimetype == "application/json"
    assert answer.json["result"]["address"].startswith(POISON[:40].replace(" ", "-"))
    assert "<x" not in poisoned.person("kendal.admin").get("/lookup/partners.Contact/partner").headers.get(
        "Location", ""
    )
    found = poisoned.person("kendal.admin").get("/lookup/partners.Contact/partner?q={{7")
    assert found.mimetype == "application/json"
    assert any("{{7*7}}" in row["label" if "label" in row else "text"] for row in found.json)


def test_a_file_name_breaks_out_of_no_header_and_the_file_is_only_ever_downloaded(poisoned: World) -> None:
    key = "partners.Partner"
    path = f"/partners/partner/{poisoned.ids['kendal'][key]}/files/{poisoned.files['kendal'][key]}"
    answer = poisoned.person("kendal.admin").get(path)
    assert answer.status_code == 200
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "\n" not in disposition
    name = unquote(disposition.split("filename*=UTF-8''")[1])
    assert "😀" in name
    assert not set('<>"/\\:*?|') & set(name)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.mimetype == "application/pdf"
