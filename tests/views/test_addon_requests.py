"""The page of the platform's addons: asking, seeing the plan, confirming, cancelling; and who may."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.database.addresses import Addresses, libpq_address
from app.registry.enablement import registry

PAGE = "/kernel/addon-requests/"
PLAN = {
    "command": "purge",
    "addon": "dummy",
    "refusals": [],
    "needs": ["kendal: 1 open case runs on it"],
    "version": "1.0.0",
    "tables": {"dummy_note": 12},
}


@pytest.fixture
def owner(addresses: Addresses) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(libpq_address(addresses.owner), autocommit=True) as connection:
        yield connection


def ask(admin: Any, command: str = "retire", addon: str = "dummy") -> str:
    """Ask for a command; the address of the request."""
    answer = admin.http.post(f"{PAGE}ask", data={**admin.hidden(PAGE), "command": command, "addon": addon})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def planned(owner: Any, **changed: Any) -> None:
    """What the agent does."""
    owner.execute("UPDATE addon_request SET state = 'planned', plan = %s", [json.dumps(PLAN | changed)])


def states(owner: Any) -> list[str]:
    return [row[0] for row in owner.execute("SELECT state FROM addon_request ORDER BY id")]


def test_the_platforms_administrator_sees_every_addon_and_nobody_else_does(person: Any, app: Flask) -> None:
    page = person("admin").get(PAGE)
    assert page.status_code == 200
    assert "dummy 1.0.0" in page.text
    for name in ("kendal.admin", "kendal.staf"):
        answer = person(name).get(PAGE)
        assert answer.status_code == 403
        assert "dummy 1.0.0" not in answer.text


def test_what_an_addon_needs_stands_there_by_its_title_in_the_readers_language(person: Any) -> None:
    page = person("admin").get(PAGE, headers={"Accept-Language": "id"}).text
    told = {title for line in re.findall(r"Memerlukan: ([^<]+)<", page) for title in line.strip().split(", ")}
    assert "Mitra" in told
    assert told.isdisjoint(registry().manifests), "these are technical names"


def test_a_request_is_planned_confirmed_with_the_name_typed_and_shown_with_its_steps(person: Any, owner: Any) -> None:
    admin = person("admin")
    address = ask(admin, "purge")
    assert ask(admin, "purge") == address, "asked for twice, it is one request"
    assert "data-poll" in admin.get(address).text
    planned(owner)
    page = admin.get(address).text
    assert "dummy_note (12" in page
    assert "kendal: 1 open case runs on it" in page
    assert "data-poll" not in page, "what is typed must not be swept away"
    for form in ({}, {"typed": "dummy"}, {"typed": "dumy", "forced": "1"}):
        admin.http.post(f"{address}/confirm", data={**admin.hidden(address), **form})
        assert states(owner) == ["planned"], form
    admin.http.post(f"{address}/confirm", data={**admin.hidden(address), "typed": "dummy", "forced": "1"})
    assert states(owner) == ["confirmed"]
    steps = [{"number": 1, "of": 4, "title": "Check"}]
    owner.execute("UPDATE addon_request SET state = 'running', log = 'Half-way', steps = %s", [json.dumps(steps)])
    part = admin.get(f"{address}/progress").text
    assert "Half-way" in part
    assert "Check" in part
    assert "<html" not in part
    owner.execute("UPDATE addon_request SET state = 'done', finished_at = now()")
    assert "data-poll" not in admin.get(f"{address}/progress").text
    assert address in admin.get(PAGE).text


def test_what_would_be_refused_has_no_button_and_cannot_be_confirmed(person: Any, owner: Any) -> None:
    admin = person("admin")
    address = ask(admin)
    planned(owner, command="retire", refusals=["dummy cannot be retired."], needs=[])
    page = admin.get(address).text
    assert "dummy cannot be retired." in page
    assert f"{address}/confirm" not in page
    admin.http.post(f"{address}/confirm", data=admin.hidden(address))
    assert states(owner) == ["planned"]


def test_a_request_is_cancelled_until_it_runs(person: Any, owner: Any) -> None:
    admin = person("admin")
    address = ask(admin)
    admin.http.post(f"{address}/cancel", data=admin.hidden(address))
    assert states(owner) == ["cancelled"]
    address = ask(admin)
    owner.execute("UPDATE addon_request SET state = 'running' WHERE state = 'asked'")
    admin.http.post(f"{address}/cancel", data=admin.hidden(PAGE))
    assert states(owner) == ["cancelled", "running"]


def test_an_administrator_of_an_institution_can_neither_ask_nor_confirm(person: Any, owner: Any) -> None:
    address = ask(person("admin"))
    planned(owner, command="retire", needs=[])
    other = person("kendal.admin")
    hidden = other.hidden("/kernel/addons/")
    for path, form in ((f"{PAGE}ask", {"command": "retire", "addon": "rooms"}), (f"{address}/confirm", {})):
        assert other.http.post(path, data={**hidden, **form}).status_code == 403
    assert other.get(address).status_code == 403
    assert states(owner) == ["planned"]


def test_nonsense_is_not_asked_for(person: Any, owner: Any) -> None:
    admin = person("admin")
    for command, addon in (("explode", "rooms"), ("retire", "--help"), ("", "")):
        answer = admin.http.post(f"{PAGE}ask", data={**admin.hidden(PAGE), "command": command, "addon": addon})
        assert answer.status_code == 404
    assert admin.get(f"{PAGE}999").status_code == 404
    assert states(owner) == []


def test_without_an_agent_the_page_says_so(person: Any, owner: Any) -> None:
    admin = person("admin")
    assert "addons agent" in admin.get(PAGE).text
    owner.execute("INSERT INTO running_process (kind, host, process, registry_version) VALUES ('agent', 'here', 1, 1)")
    assert "addons agent" not in admin.get(PAGE).text
