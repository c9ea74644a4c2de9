"""The days of role assignments, and that an institution never loses its last administrator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.access.administration import (
    ADMINISTRATOR,
    assignments,
    change_dates,
    give_role,
    refuse_last_administrator,
    take_role,
)
from app.access.role_grid import set_right
from app.database.session import db
from app.errors import Conflict, Forbidden, Invalid, NotFound

pytestmark = pytest.mark.postgres

READER = "partners.reader"
DAY = timedelta(days=1)


def today() -> Any:
    """The day in Kendal."""
    return clock.today("Asia/Jakarta")


@pytest.fixture
def given(administrator: Any, user_id: Any) -> Callable[..., int]:
    """``given("kendal.kadis", role, first, last)`` gives a role and tells the number of the assignment."""

    def give(username: str, role: str, first: Any = None, last: Any = None) -> int:
        person = user_id(username)
        with administrator():
            number = give_role(db.session(), person, role, first, last).id
            db.session.commit()
        return number

    return give


def test_other_days_are_saved_with_who_changed_them_and_what_they_were(given: Any, person: Any) -> None:
    number, admin = given("kendal.kadis", READER, today(), today() + 10 * DAY), person("kendal.admin")
    page = admin.get(f"/kernel/assignments/{number}")
    assert f'value="{today().isoformat()}"' in page.text
    answer = admin.send(f"/kernel/assignments/{number}", {"date_from": "", "date_to": "2030-01-31"})
    assert answer.status_code == 302
    page = admin.get(f"/kernel/assignments/{number}").text
    assert 'value="2030-01-31"' in page
    history = page[page.index('class="history"') :]
    assert "31 January 2030" in history
    assert "<ins><bdi>open</bdi></ins>" in history


@pytest.mark.parametrize(
    ("first", "last"), [("2026-02-01", "2026-01-31"), ("0001-01-01", ""), ("", "9999-12-31"), ("x", "")]
)
def test_days_that_cannot_be_are_refused_and_what_was_typed_stays(
    given: Any, person: Any, first: str, last: str
) -> None:
    number, admin = given("kendal.kadis", READER), person("kendal.admin")
    answer = admin.send(f"/kernel/assignments/{number}", {"date_from": first, "date_to": last})
    assert answer.status_code == 422
    assert f'value="{first}"' in answer.text


def test_ended_and_future_roles_are_shown_and_not_in_force(given: Any, person: Any, acting: Any) -> None:
    given("kendal.kadis", READER, None, today() - DAY)
    given("kendal.kadis", "partners.manager", today() + DAY)
    page = person("kendal.admin").get("/kernel/people/").text
    assert "ended" in page
    assert "not yet in force" in page
    with acting("kendal.kadis", "kendal") as access:
        assert not {READER, "partners.manager"} & access.roles


def test_assignments_of_another_institution_are_not_found(given: Any, person: Any, acting: Any) -> None:
    number = given("kendal.kadis", READER)
    assert person("kendal.admin").get(f"/kernel/assignments/{number}").status_code == 200
    stranger = person("unair.admin")
    assert stranger.get(f"/kernel/assignments/{number}").status_code == 404
    with acting("unair.admin", "unair"), pytest.raises(NotFound):
        change_dates(db.session(), number, None, None)


def test_a_role_with_more_than_one_holds_is_shortened_and_not_prolonged(
    given: Any, administrator: Any, acting: Any
) -> None:
    number = given("kendal.kadis", "kendal.kepala_bidang", today(), today() + 10 * DAY)
    with administrator():
        for operation in ("read", "write"):
            set_right(db.session(), "kendal.staf", "kernel.RoleAssignment", operation, True)
        db.session.commit()
    with acting("kendal.staf", "kendal"):
        change_dates(db.session(), number, today(), today() + 5 * DAY)
        for first, last in ((today(), today() + 6 * DAY), (today(), None), (None, today() + 5 * DAY)):
            with pytest.raises(Forbidden) as refusal:
                change_dates(db.session(), number, first, last)
            assert refusal.value.code == "not_held"


# The last administrator -----------------------------------------------------------------------------------------------


def _last(session: Any) -> Any:
    return next(row for rows in assignments(session).values() for row in rows if row.role == ADMINISTRATOR)


def _end(session: Any, row: Any) -> None:
    change_dates(session, row.id, None, today() - DAY)


def _limit(session: Any, row: Any) -> None:
    change_dates(session, row.id, None, today() + DAY)


def _postpone(session: Any, row: Any) -> None:
    change_dates(session, row.id, today() + DAY, None)


def _take(session: Any, row: Any) -> None:
    take_role(session, row.id)


def _switch_off(session: Any, row: Any) -> None:
    refuse_last_administrator(session, row.user_id)


WAYS = [_end, _limit, _postpone, _take, _switch_off]


@pytest.mark.parametrize("way", WAYS)
def test_beside_another_lasting_administrator_it_may_go(given: Any, administrator: Any, way: Any) -> None:
    given("kendal.kadis", ADMINISTRATOR)
    with administrator():
        way(db.session(), _last(db.session()))


@pytest.mark.parametrize("way", WAYS)
def test_the_last_administrator_stays_whatever_is_tried(given: Any, administrator: Any, way: Any) -> None:
    given("kendal.kadis", ADMINISTRATOR, None, today() + 30 * DAY)
    with administrator():
        with pytest.raises(Conflict) as refusal:
            way(db.session(), _last(db.session()))
        assert refusal.value.code == "last_administrator"


@pytest.mark.parametrize("operation", ["read", "create", "write", "archive"])
def test_the_rights_to_administer_are_neither_taken_nor_narrowed(administrator: Any, operation: str) -> None:
    with administrator():
        set_right(db.session(), ADMINISTRATOR, "partners.Partner", operation, False)
        for scope in (None, *(["kernel.own"] if operation != "create" else [])):
            with pytest.raises(Conflict) as refusal:
                set_right(db.session(), ADMINISTRATOR, "kernel.RoleAssignment", operation, scope is not None, scope)
            assert refusal.value.code == "lock_out"


def test_the_page_refuses_the_last_administrator_with_a_sentence(person: Any, administrator: Any) -> None:
    with administrator():
        number = _last(db.session()).id
    answer = person("kendal.admin").send(f"/kernel/assignments/{number}", {"date_from": "", "date_to": "2020-01-01"})
    assert answer.status_code == 409
    assert "The last administrator cannot lose the role." in answer.text
    with pytest.raises(Invalid), administrator():
        change_dates(db.session(), number, today(), today() - DAY)
