"""Selects that search while typing: wherever one stands, it finds."""

from __future__ import annotations

import re
from html import unescape

from tests.security.routes import PUBLIC, addresses
from tests.security.world import World

LOOKUP = re.compile(r'data-lookup="([^"]+)"')
FORMS = {"add", "edit", "ask", "quick", "list_page", "show", "late", "form"}
"""Pages with selects; other pages show these, or none."""


def test_every_select_that_searches_gets_choices_whatever_page_it_stands_on(world: World) -> None:
    admin, asked, wrong = world.person("kendal.admin"), {}, []
    for address in addresses(world, "GET"):
        if address.name in FORMS and address.rule.endpoint not in PUBLIC:
            answer = admin.get(address.path, follow_redirects=True)
            asked |= {unescape(found): address.path for found in LOOKUP.findall(answer.text)}
    for lookup, page in asked.items():
        answer = admin.get(lookup)
        if answer.status_code != 200 or not isinstance(answer.json, list):
            wrong.append(f"{page}: {lookup} answers {answer.status_code}")
    assert not wrong
    steps = {lookup for lookup, page in asked.items() if "/ask/" in page}
    assert "/lookup/procedures.Request/procedure" in steps
    assert len(asked) > 50
