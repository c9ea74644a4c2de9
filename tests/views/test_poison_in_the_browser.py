"""What people type is run by no page and breaks no page, in Chromium at the width of a desk and of a phone: markup,
quotes, words without an end, right-to-left text and signs beyond the usual planes in every text of every model.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.security.test_poison import POISON
from tests.security.world import World
from tests.views.crawler import Crawler, served, write_report
from tests.views.test_crawl import pages_of

pytestmark = pytest.mark.timeout(3600)
LONG = POISON + "Tanpajeda" * 30


@pytest.fixture(scope="module")
def poisoned(empty_world: World) -> World:
    """Kendal with one record of every model whose every text is poison."""
    empty_world.fill("kendal", LONG)
    return empty_world


@pytest.mark.crawl
def test_no_page_runs_what_was_typed_or_is_broken_by_it(poisoned: World, chromium: Any) -> None:
    someone = poisoned.person("kendal.admin")
    with served(poisoned.app) as url, Crawler(chromium, url, someone, "kendal.admin", shapes=None) as crawler:
        for path in pages_of(poisoned, someone, {}, set()):
            crawler.look(path)
    write_report(crawler.wrong, "the poison")
    assert not crawler.wrong, f"{len(crawler.wrong)} findings:\n" + "\n".join(crawler.wrong[:60])
    assert crawler.looked > 80


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (f"<p>{POISON}</p>", "was run"),
        ("<script>alert(1)</script>", "a dialog opened"),
        (f"<p>{'Tanpajeda' * 200}</p>", "scrolls sideways at 390"),
        ("<p id=a></p><p id=a></p>", "two elements are #a"),
        ("<input>", "no label"),
    ],
)
def test_a_page_that_does_not_escape_or_wrap_is_found(poisoned: World, chromium: Any, text: str, finding: str) -> None:
    page = f"<!doctype html><title>Halaman</title><main><h1>Halaman</h1>{text}</main>"
    someone = poisoned.person("kendal.admin")
    with served(poisoned.app) as url, Crawler(chromium, url, someone, "kendal.admin", shapes=None) as crawler:
        crawler.page.route(
            "**/control", lambda route: route.fulfill(body=page, content_type="text/html; charset=utf-8")
        )
        crawler.look("/control")
    assert [line for line in crawler.wrong if finding in line], crawler.wrong
