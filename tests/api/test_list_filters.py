"""The API knows the filters of the lists, kept filters, and pages that follow one another."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.testing.client import Browserish
from tests.security.world import World

HOME = "/api/v1/agreement/"


@pytest.fixture
def script(world: World) -> Browserish:
    """A program of Kendal's administrator."""
    return world.program("kendal.admin")


def ids(script: Browserish, query: str, home: str = HOME) -> list[int]:
    """What a list answers to ``query``."""
    answer = script.get(f"{home}?q={query}")
    assert answer.status_code == 200, answer.text
    found: list[int] = answer.json["ids"]
    return found


def test_where_narrows_as_the_list_does(world: World, script: Browserish) -> None:
    pk = world.make("kendal", "agreements.Agreement", starts_on=date(2035, 3, 1), ends_on=date(2035, 3, 9))
    endless = world.make("kendal", "agreements.Agreement", starts_on=date(2035, 3, 1), ends_on=None)
    assert ids(script, "(where:(ends_on_from:'2035-03-01',ends_on_to:'2035-03-31'))") == [pk]
    assert endless in ids(script, "(where:(ends_on:'-'),page_size:100)")
    assert pk not in ids(script, "(where:(ends_on:'-'),page_size:100)")
    assert pk in ids(script, "(where:(state:draft,ends_on_from:'2035-01-01'))")
    assert ids(script, "(where:(ends_on_in:last_year,state:draft,ends_on_from:'2035-01-01'))") == []
    told = script.get(f"{HOME}_info").json
    assert "ends_on_in" in told["where"]
    assert "next_month" in told["periods"]


@pytest.mark.parametrize(
    "query",
    [
        "(where:(institution_id:1))",
        "(where:(ends_on_in:someday))",
        "(where:(state:nothing))",
        "(where:!(1))",
        "(where:(state:(a:b)))",
        "(where:text)",
        "(after:x)",
        "(saved:x)",
    ],
)
def test_what_cannot_be_read_is_refused(script: Browserish, query: str) -> None:
    assert script.get(f"{HOME}?q=(where:(state:draft))").status_code == 200
    assert script.get(f"{HOME}?q={query}").status_code == 400


def test_pages_follow_the_last_record(world: World, script: Browserish) -> None:
    for _turn in range(3):
        world.make("kendal", "agreements.Agreement")
    every = ids(script, "(order_column:id,order_direction:desc,page_size:100)")
    found = script.get(f"{HOME}?q=(order_column:id,order_direction:desc,page_size:2)").json
    seen = found["ids"]
    while found["has_next"]:
        found = script.get(f"{HOME}?q=(order_column:id,order_direction:desc,page_size:2,page:1,after:{seen[-1]})").json
        seen += found["ids"]
        assert len(seen) <= len(every)
    assert seen == every
    assert found["count"] == len(every)


def test_filters_are_kept_used_shared_and_removed(world: World, script: Browserish) -> None:
    pk = world.make("kendal", "agreements.Agreement", starts_on=date(2036, 3, 1), ends_on=date(2036, 3, 9))
    staff, there = world.program("kendal.staf"), world.program("unair.admin")

    def keep(client: Browserish, **body: Any) -> Any:
        arguments = {"f_ends_on_from": "2036-03-01"}
        return client.api("POST", "agreement/filters", {"name": "Lama sekali", "arguments": arguments, **body})

    made = keep(script)
    assert made.status_code == 201
    number = made.json["id"]
    assert [item["id"] for item in script.get(f"{HOME}filters").json["result"]] == [number]
    assert ids(script, f"(saved:{number})") == [pk]
    assert staff.get(f"{HOME}filters").json["result"] == []
    assert staff.get(f"{HOME}?q=(saved:{number})").status_code == 404
    assert keep(script, sharing="institution").json["id"] == number, "the own filter of that name is replaced"
    assert staff.get(f"{HOME}filters").json["result"][0]["is_mine"] is False
    assert ids(staff, f"(saved:{number})") == [pk]
    assert there.get(f"{HOME}filters").json["result"] == []
    assert there.get(f"{HOME}?q=(saved:{number})").status_code == 404
    assert keep(staff, sharing="institution").status_code == 403
    assert staff.api("DELETE", f"agreement/filters/{number}").status_code == 403
    assert there.api("DELETE", f"agreement/filters/{number}").status_code == 404
    for body in ({"arguments": {}}, {"arguments": "x"}, {"name": 7}, {"page": "nowhere"}, {"sharing": "all"}):
        assert keep(script, **body).status_code == 422, body
    assert keep(script, arguments={"f_title": "x"}).status_code == 400
    assert script.api("DELETE", f"agreement/filters/{number}").status_code == 200
    assert script.get(f"{HOME}filters").json["count"] == 0
