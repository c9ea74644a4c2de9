"""Every page of every role in Chromium, at the width of a desk and of a phone: nothing breaks, nothing is cut off,
nothing keeps anybody out, nothing is in the wrong language.

A page that has nothing more for another role is looked at once. ``SINERGI_PICTURES=1`` keeps pictures.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask import template_rendered

from app.registry.enablement import registry
from app.testing.client import Browserish
from tests.security.routes import addresses
from tests.security.world import World
from tests.views.crawler import AXE, WIDTHS, Crawler, english_texts, lines_of, served, write_report

pytestmark = [
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed"),
    pytest.mark.timeout(3600),
]

PEOPLE = ("kendal.admin", "kendal.staf", "kendal.kadis", "admin")
"""Administrator, officer, head, platform: what the other roles see are the same pages with fewer buttons."""

APART = ("/api/", "/static/", "/dummy/")
"""What is for programs, and the dummy, which speaks English on purpose."""

NO_PAGES = {
    "history", "related_list", "panel", "preview_page", "counts", "timeline", "people", "print_out", "download",
    "export", "lookup", "card",
}  # fmt: skip
"""Files, and parts of pages that come with their page."""

LOGGED_OUT = ("/login/", "/kernel/forgotten_password/", f"/kernel/new_password/{'x' * 43}", "/no/such/page")


def pages_of(world: World, someone: Browserish, seen: dict[str, set[str]], parts: set[str]) -> list[str]:
    """The addresses of whole pages with something that ``seen`` does not hold of them yet; ``parts`` are known to be
    something else.
    """
    found = []
    someone.headers = {"Accept-Language": "id"}
    for address in addresses(world, "GET"):
        if address.name in NO_PAGES or address.path in parts or address.path.startswith(APART):
            continue
        path = f"{address.path}?order=-id" if address.name == "list_page" else address.path
        page = someone.get(path)
        if page.status_code != 200:
            continue
        if page.mimetype != "text/html" or "<main" not in page.text:
            parts.add(address.path)
        elif not (lines := lines_of(page.text)) <= seen.setdefault(path, set()):
            seen[path] |= lines
            found.append(path)
    return found


@pytest.mark.crawl
def test_every_page_of_every_role_is_whole_on_a_desk_and_on_a_phone(world: World, chromium: Any) -> None:
    wrong: list[str] = []
    seen: dict[str, set[str]] = {}
    parts: set[str] = set()
    shapes: dict[int, set[str]] = {width: set() for width in WIDTHS}
    looked = 0
    english = english_texts()
    # Addons of the tests say in English what they are for.
    spared = frozenset(item.summary for item in registry().manifests.values() if "tests" in item.folder.parts)
    rendered: set[str] = set()

    def note(_app: Any, template: Any, **_more: Any) -> None:
        rendered.add(template.filename or "")

    with served(world.app) as url, template_rendered.connected_to(note, world.app):
        for name in PEOPLE:
            someone = world.person(name)
            paths = pages_of(world, someone, seen, parts)
            with Crawler(chromium, url, someone, name, english, shapes=shapes, spared=spared) as crawler:
                for path in paths:
                    crawler.look(path)
            wrong += crawler.wrong
            looked += crawler.looked
            write_report(wrong, "the crawl")
        with Crawler(chromium, url, Browserish(world.app), "nobody", english, shapes=shapes) as crawler:
            for path in LOGGED_OUT:
                crawler.look(path, status=404 if "new_password" in path or "no/such" in path else 200)
        wrong += crawler.wrong
    write_report(wrong, "the crawl")
    assert not wrong, f"{len(wrong)} findings:\n" + "\n".join(wrong[:60])
    assert looked > 80
    assert not [name for name in rendered if "site-packages" in name], "templates of Flask-AppBuilder itself"
    assert len(rendered) > 40
