"""Board, calendar, graph and pivot table: what they show, to whom, and that moving keeps every rule."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from app.testing.client import Browserish
from tests.security.world import World, token_of

ACTIVITIES, AGREEMENTS, BOOKINGS = "/activities/activity/", "/agreements/agreement/", "/rooms/booking/"
JAKARTA = ZoneInfo("Asia/Jakarta")
DAY = date(2031, 5, 14)


@pytest.fixture
def admin(world: World) -> Browserish:
    """Kendal's administrator."""
    return world.person("kendal.admin")


def at(day: date, hour: int) -> datetime:
    """A moment of Jakarta."""
    return datetime.combine(day, time(hour), JAKARTA).astimezone(UTC)


@pytest.fixture
def activity(world: World) -> Iterator[int]:
    """A planned activity of two hours, without booking; archived afterwards."""
    given = {"title": "Bimtek Literasi", "state": "planned", "booking_id": None, "case_id": None, "agreement_id": None}
    pk = world.make("kendal", "activities.Activity", starts_at=at(DAY, 9), ends_at=at(DAY, 11), **given)
    yield pk
    with world.owner() as connection:
        connection.execute("UPDATE activities_activity SET active = false WHERE id = %s", [pk])


def send(person: Browserish, path: str, fields: dict[str, str]) -> Any:
    """POST with a token of the session."""
    return person.http.post(path, data={"csrf_token": token_of(person), **fields}, headers=person.headers)


def all_with(name: str) -> list[Any]:
    """The screens that declare the mode ``name``."""
    from app.views.model_view import views

    return [view for view in views.values() if any(mode.name == name for mode in view.modes)]


@pytest.mark.parametrize(("name", "least"), [("board", 4), ("calendar", 5), ("graph", 6), ("pivot", 5)])
def test_what_is_declared_is_there_and_what_is_not_is_not(admin: Browserish, name: str, least: int) -> None:
    from app.views.model_view import views

    declared = all_with(name)
    assert len(declared) >= least
    for view in views.values():
        answer = admin.get(f"{view.route_base}/{name}")
        assert answer.status_code == (200 if view in declared else 404), view.key
        if view in declared:
            assert f'href="{view.route_base}/{name}"' in admin.get(f"{view.route_base}/?all=1").text
            assert f'<h1 class="page-title">{view.plural}</h1>' in answer.text


def test_a_card_offers_the_steps_that_its_state_and_the_rights_of_the_person_allow(
    world: World, admin: Browserish, activity: int
) -> None:
    page = admin.get(f"{ACTIVITIES}board?q=bimtek").text
    card = page[page.index("data-card>") :]
    card = card[: card.index("</li>")]
    assert f'href="{ACTIVITIES}{activity}"' in card
    assert f'action="{ACTIVITIES}{activity}/do/hold"' in card
    assert 'data-to="held"' in card
    assert "do/report" not in card
    world.newcomer("kendal.penonton", "kendal")
    assert world.person("kendal.penonton").get(f"{ACTIVITIES}board").status_code in {200, 403}


def test_moving_a_card_that_is_not_ready_tells_why_and_leaves_it(
    world: World, admin: Browserish, activity: int
) -> None:
    answer = send(admin, f"{ACTIVITIES}{activity}/do/hold", {"next": f"{ACTIVITIES}board"})
    assert answer.location == f"{ACTIVITIES}board"
    assert "alert-danger" in admin.get(answer.location).text
    assert world.column("kendal", "activities.Activity", "state", activity) == "planned"


def test_the_board_counts_by_state_what_the_filters_leave(world: World, admin: Browserish, activity: int) -> None:
    from addons.activities.models.activity import Activity

    planned = world.value(
        "kendal", select(func.count()).select_from(Activity).where(Activity.active, Activity.state == "planned")
    )
    page = admin.get(f"{ACTIVITIES}board").text
    column = page[page.index('data-state="planned"') :]
    assert re.search(r'class="count">(\d+)<', column)[1] == str(planned)
    assert admin.get(f"{ACTIVITIES}board?f_title=x").status_code == 400
    assert "Bimtek Literasi" not in world.person("unair.admin").get(f"{ACTIVITIES}board").text


def test_a_month_shows_each_record_on_its_day(admin: Browserish, activity: int) -> None:
    page = admin.get(f"{ACTIVITIES}calendar?day=2031-05-01").text
    day = page[page.index('data-day="2031-05-14"') :]
    day = day[: day.index("</ul>")]
    assert f'href="{ACTIVITIES}{activity}"' in day
    assert "<b>09.00</b>" in day
    assert page.count(f'href="{ACTIVITIES}{activity}"') == 1
    assert page.count('class="cal-day') == 35
    assert f"{ACTIVITIES}{activity}" not in admin.get(f"{ACTIVITIES}calendar?day=2031-06-20").text
    for scale in ("week", "agenda"):
        assert f"{ACTIVITIES}{activity}" in admin.get(f"{ACTIVITIES}calendar?scale={scale}&day=2031-05-14").text
    for query in ("day=soon", "day=2031-02-30", "scale=decade", "day=9999-01-01"):
        assert admin.get(f"{ACTIVITIES}calendar?{query}").status_code == 400


def test_what_lasts_several_days_stands_on_each_of_them(world: World, admin: Browserish) -> None:
    first, last = at(date(2032, 3, 30), 9), at(date(2032, 4, 2), 0)
    given = {"starts_at": first, "ends_at": last, "state": "reserved", "case_id": None}
    pk = world.make("kendal", "rooms.Booking", **given)
    page = admin.get(f"{BOOKINGS}calendar?day=2032-03-01").text
    assert page.count(f'href="{BOOKINGS}{pk}"') == 3, "the 30th, the 31st and the 1st; at midnight it is over"
    assert f"{BOOKINGS}{pk}" in admin.get(f"{BOOKINGS}calendar?day=2032-04-15").text


def test_moving_to_another_day_keeps_hour_and_length(world: World, admin: Browserish, activity: int) -> None:
    path = f"{ACTIVITIES}{activity}/reschedule"
    assert 'value="2031-05-14"' in admin.get(path).text
    answer = send(admin, path, {"day": "2031-05-15", "next": f"{ACTIVITIES}calendar?day=2031-05-01"})
    assert answer.status_code == 302
    assert "Moved to Thursday, 15 May 2031." in admin.get(answer.location).text
    starts, ends = (world.column("kendal", "activities.Activity", name, activity) for name in ("starts_at", "ends_at"))
    assert (starts, ends) == (at(date(2031, 5, 15), 9), at(date(2031, 5, 15), 11))
    assert send(admin, path, {"day": "never"}).status_code == 400
    assert send(admin, path, {}).status_code == 400
    stale = send(admin, path, {"day": "2031-05-20", "version": "999"})
    assert "alert-danger" in admin.get(stale.location).text
    assert world.column("kendal", "activities.Activity", "starts_at", activity) == starts


def test_a_clash_is_refused_with_its_sentence_and_nothing_moves(world: World, admin: Browserish) -> None:
    given = {"state": "reserved", "case_id": None}
    monday, tuesday = date(2033, 5, 9), date(2033, 5, 10)
    world.make("kendal", "rooms.Booking", starts_at=at(tuesday, 9), ends_at=at(tuesday, 11), **given)
    pk = world.make("kendal", "rooms.Booking", starts_at=at(monday, 9), ends_at=at(monday, 11), **given)
    answer = send(admin, f"{BOOKINGS}{pk}/reschedule", {"day": tuesday.isoformat()})
    assert "alert-danger" in admin.get(answer.location).text
    assert world.column("kendal", "rooms.Booking", "starts_at", pk) == at(monday, 9)


def test_nobody_moves_what_they_may_not_change(world: World, admin: Browserish, activity: int) -> None:
    path = f"{ACTIVITIES}{activity}/reschedule"
    assert path in admin.get(f"{ACTIVITIES}calendar?scale=week&day=2031-05-14").text
    reader = world.newcomer("kendal.pembaca", "kendal", "kendal.kepala_dinas")
    page = reader.get(f"{ACTIVITIES}calendar?scale=week&day=2031-05-14")
    assert page.status_code == 200
    assert path not in page.text
    assert reader.get(path).status_code == 404
    assert world.person("unair.admin").get(path).status_code == 404


def test_a_graph_counts_or_sums_by_a_column_and_its_file_holds_the_same(world: World, admin: Browserish) -> None:
    from addons.activities.models.activity import Activity

    active = select(func.count(), func.sum(Activity.participants)).where(Activity.active)
    count = world.value("kendal", active)
    total = world.value("kendal", select(func.sum(Activity.participants)).where(Activity.active))
    for query, expected in (("of=count", count), ("of=participants", total or 0)):
        page = admin.get(f"{ACTIVITIES}graph?by=kind&{query}").text
        figures = [int(value) for value in re.findall(r'data-value="(\d+)"', page)]
        assert sum(figures) == expected
        rows = list(
            csv.reader(io.StringIO(admin.get(f"{ACTIVITIES}graph?by=kind&{query}&file=csv").data.decode("utf-8-sig")))
        )
        assert [int(row[1]) for row in rows[1:]] == figures
    for query in ("by=title", "by=institution_id", "of=case_id", "as=spiral", "f_title=x"):
        assert admin.get(f"{ACTIVITIES}graph?{query}").status_code == 400, query


def test_a_pivot_table_adds_up(world: World, admin: Browserish) -> None:
    from addons.activities.models.activity import Activity

    count = world.value("kendal", select(func.count()).select_from(Activity).where(Activity.active))
    answer = admin.get(f"{ACTIVITIES}pivot?rows=kind&by=starts_at&file=csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert int(rows[-1][-1]) == count
    assert sum(int(row[-1]) for row in rows[1:-1]) == count
    assert sum(int(value) for value in rows[-1][1:-1]) == count
    assert f"<b>{count}</b>" in admin.get(f"{ACTIVITIES}pivot?rows=kind&by=starts_at").text
    assert admin.get(f"{ACTIVITIES}pivot?rows=title").status_code == 400


def test_these_views_keep_the_budget_of_lists(world: World, admin: Browserish) -> None:
    from tests.views.test_budgets import BUDGETS, statements

    over = []
    for name in ("board", "calendar", "graph", "pivot"):
        for view in all_with(name):
            admin.get(f"{view.route_base}/{name}")
            with statements(world) as seen:
                assert admin.get(f"{view.route_base}/{name}").status_code == 200
            if len(seen) > BUDGETS["list"]:
                over.append(f"{view.key} {name}: {len(seen)}")
    assert not over
