"""Explaining access: which role, row or change decided, for administrators of the institution alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask_babel import force_locale

from app.access.administration import give_role
from app.access.explanation import Explanation, explain
from app.access.role_grid import set_right
from app.database.session import db
from app.errors import Forbidden, NotFound
from app.i18n.formats import today_here


@pytest.fixture
def why(acting: Callable[..., Any], user_id: Callable[[str], int]) -> Callable[..., Explanation]:
    """``why("kendal.staf", "rooms.Room", "read")`` as Kendal's administrator is told."""

    def ask(who: str, model: str, operation: str) -> Explanation:
        with acting("kendal.admin", "kendal"), force_locale("en"):
            return explain(db.session(), user_id(who), model, operation)

    return ask


@pytest.fixture
def user_id(app: Any) -> Callable[[str], int]:
    from flask_appbuilder.security.sqla.models import User
    from sqlalchemy import select

    def find(username: str) -> int:
        with app.app_context():
            return int(db.session.scalar(select(User.id).where(User.username == username)))

    return find


def texts(answer: Explanation, effect: str) -> str:
    return " | ".join(reason.text for reason in answer.reasons if reason.effect == effect)


def test_the_row_that_allows_is_named(why: Callable[..., Explanation]) -> None:
    answer = why("kendal.staf", "correspondence.OutgoingLetter", "send")
    assert answer.allowed
    assert "kendal.staf_outgoing_letter" in texts(answer, "allows")
    assert "comes with a position" in texts(answer, "")


def test_no_row_is_said_to_be_none(why: Callable[..., Explanation]) -> None:
    answer = why("kendal.staf", "correspondence.OutgoingLetter", "approve")
    assert not answer.allowed
    assert "No row ships it" in texts(answer, "")
    assert texts(answer, "allows") == ""


def test_a_change_of_the_institution_decides_and_names_who_made_it(
    why: Callable[..., Explanation], acting: Callable[..., Any]
) -> None:
    with acting("kendal.admin", "kendal"):
        set_right(db.session(), "kendal.staf", "rooms.Booking", "create", False)
        set_right(db.session(), "kendal.staf", "rooms.Booking", "archive", True)
        db.session.commit()
    taken, given = (why("kendal.staf", "rooms.Booking", name) for name in ("create", "archive"))
    assert not taken.allowed
    assert "Admin Contoh Kendal took it" in texts(taken, "forbids")
    assert given.allowed
    assert "Admin Contoh Kendal gave it" in texts(given, "allows")


def test_an_addon_that_is_off_and_a_role_that_ended_are_reasons(
    why: Callable[..., Explanation], acting: Callable[..., Any], user_id: Callable[[str], int]
) -> None:
    from app.registry.enablement import disable

    with acting("kendal.admin", "kendal") as access:
        day = today_here()
        first, last = day - timedelta(days=9), day - timedelta(days=1)
        give_role(db.session(), user_id("kendal.kabid"), "kernel.administrator", first, last)
        for name in ("activities", "rooms"):
            disable(db.session(), access.institution_id, name)
        db.session.commit()
    answer = why("kendal.kabid", "rooms.Room", "read")
    assert not answer.allowed
    assert "is off in this institution" in texts(answer, "forbids")
    assert "is not in force today" in texts(answer, "")


def test_people_of_others_and_unknown_rights_are_not_explained(
    why: Callable[..., Explanation], acting: Callable[..., Any], user_id: Callable[[str], int]
) -> None:
    for wish in (("unair.humas", "rooms.Room", "read"), ("kendal.staf", "rooms.Nothing", "read"),
                 ("kendal.staf", "rooms.Room", "fly")):  # fmt: skip
        with pytest.raises(NotFound):
            why(*wish)
    with acting("kendal.staf", "kendal"), pytest.raises(Forbidden):
        explain(db.session(), user_id("kendal.staf"), "rooms.Room", "read")


def test_the_page_answers_with_the_same_reasons(person: Callable[[str], Any], user_id: Callable[[str], int]) -> None:
    address = f"/kernel/explain/?person={user_id('kendal.staf')}&right=correspondence.OutgoingLetter:send"
    page = person("kendal.admin").get(address)
    assert "Allowed" in page.text
    assert "kendal.staf_outgoing_letter" in page.text
    assert person("kendal.staf").get(address).status_code == 403
    assert person("unair.admin").get(address).status_code == 404


def test_two_who_tick_the_same_cell_at_once_both_succeed(acting: Callable[..., Any]) -> None:
    def tick(_turn: int) -> None:
        with acting("kendal.admin", "kendal"):
            set_right(db.session(), "kendal.staf", "rooms.Booking", "archive", True)
            db.session.commit()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(tick, range(6)))
