"""Who has which role, where and when: given by an administrator, or carried by a position."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app import clock
from app.access.acting import acting_as_system, institutions_of
from app.access.administration import ADMINISTRATOR, MEMBER, assignments, give_role, people_here, set_right, take_role
from app.access.role_assignment import RoleAssignment
from app.database.base import models
from app.database.session import db
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.records.people import make_user
from app.records.service import service_of

pytestmark = pytest.mark.postgres

PARTNER = "partners.Partner"
READER = "partners.reader"
MANAGER = "partners.manager"
NOON = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)
"""Noon in Kendal on 10 March."""
TODAY = date(2026, 3, 10)
DAY = timedelta(days=1)


@contextmanager
def on(day: date) -> Iterator[None]:
    """Noon in Kendal on ``day``."""
    with clock.frozen(NOON + (day - TODAY)):
        yield


@pytest.fixture
def roles_of(acting: Any) -> Callable[..., frozenset[str]]:
    """The roles a person has in an institution, asked anew."""

    def ask(username: str, institution: str = "kendal") -> frozenset[str]:
        with acting(username, institution) as access:
            found: frozenset[str] = access.roles
        return found

    return ask


# Given roles ------------------------------------------------------------------------------------------------------


def test_a_role_that_is_given_works_at_once(administrator: Any, user_id: Any, may: Callable[..., bool]) -> None:
    assert not may("kendal.kadis", PARTNER, "create")
    with administrator():
        give_role(db.session(), user_id("kendal.kadis"), MANAGER)
        db.session.commit()
    assert may("kendal.kadis", PARTNER, "create")


def test_a_role_that_is_taken_is_gone_at_once(administrator: Any, user_id: Any, may: Callable[..., bool]) -> None:
    with administrator():
        row = give_role(db.session(), user_id("kendal.kadis"), MANAGER).id
        db.session.commit()
        take_role(db.session(), row)
        db.session.commit()
    assert not may("kendal.kadis", PARTNER, "create")


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (TODAY, TODAY, {0}),
        (TODAY, TODAY + DAY, {0, 1}),
        (TODAY, None, {0, 1, 2}),
        (None, TODAY, {-1, 0}),
        (None, None, {-1, 0, 1, 2}),
        (TODAY + DAY, None, {1, 2}),
    ],
)
def test_a_role_holds_from_its_first_day_to_its_last(
    administrator: Any, user_id: Any, roles_of: Any, first: date | None, last: date | None, days: set[int]
) -> None:
    with administrator():
        give_role(db.session(), user_id("kendal.kadis"), READER, first, last)
        db.session.commit()
    held = set()
    for offset in (-1, 0, 1, 2):
        with on(TODAY + offset * DAY):
            if READER in roles_of("kendal.kadis"):
                held.add(offset)
    assert held == days


def test_a_day_begins_at_midnight_of_the_institution(administrator: Any, user_id: Any, roles_of: Any) -> None:
    with administrator():
        give_role(db.session(), user_id("kendal.kadis"), READER, TODAY, TODAY)
        db.session.commit()
    # Kendal is seven hours ahead of UTC: its 10 March runs from 17:00 on the 9th to 17:00 on the 10th.
    for moment, held in (
        (datetime(2026, 3, 9, 16, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 9, 17, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 10, 16, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 10, 17, 0, tzinfo=UTC), False),
    ):
        with clock.frozen(moment):
            assert (READER in roles_of("kendal.kadis")) == held, moment


def test_a_role_is_given_once_and_its_dates_must_fit(administrator: Any, user_id: Any) -> None:
    person = user_id("kendal.kadis")
    with administrator():
        with pytest.raises(Invalid) as refusal:
            give_role(db.session(), person, READER, TODAY, TODAY - DAY)
        assert list(refusal.value.errors) == ["date_to"]
        give_role(db.session(), person, READER)
        with pytest.raises(Conflict) as double:
            give_role(db.session(), person, READER)
        assert double.value.code == "duplicate"
        with pytest.raises(NotFound):
            give_role(db.session(), person, "partners.invented")


def test_an_inactive_institution_opens_to_nobody(addresses: Any, user_id: Any, app: Flask) -> None:
    import psycopg

    from app.access import cache
    from app.database.addresses import libpq_address

    person = user_id("kendal.staf")
    with psycopg.connect(libpq_address(addresses.owner), autocommit=True) as owner:
        owner.execute("UPDATE institution SET active = false WHERE code = 'kendal'")
    cache.forget()
    with app.app_context():
        assert institutions_of(person) == []


# One institution ----------------------------------------------------------------------------------------------------


def test_roles_of_one_institution_open_nothing_in_another(acting: Any, program: Any) -> None:
    with pytest.raises(Forbidden) as refusal, acting("kendal.admin", "unair"):
        pass
    assert refusal.value.code == "institution_forbidden"
    assert program("kendal.admin", "kendal").api("GET", "partner/").status_code == 200
    assert program("kendal.admin", "unair").api("GET", "partner/").status_code == 403


def test_a_person_of_two_institutions_has_the_roles_of_the_active_one(
    addresses: Any, user_id: Any, acting: Any, app: Flask
) -> None:
    person = user_id("kendal.staf")
    with app.app_context(), acting_as_system("unair", "a role for a test") as scope:
        db.session.add(RoleAssignment(institution_id=scope.institution_id, user_id=person, role=READER))
        db.session.commit()
    with acting("kendal.staf", "kendal") as access:
        assert access.may(PARTNER, "create")
        assert READER not in access.roles
    with acting("kendal.staf", "unair") as access:
        assert access.may(PARTNER, "read")
        assert not access.may(PARTNER, "create")
        assert "kendal.staf" not in access.roles


def test_people_of_another_institution_are_not_seen_and_cannot_be_given_or_lose_roles(
    acting: Any, user_id: Any, program: Any, person: Any
) -> None:
    with acting("unair.admin", "unair"):
        foreign_rows = [row.id for row in assignments(db.session())[user_id("unair.admin")]]
    with acting("kendal.admin", "kendal"):
        assert {user.username.split(".")[0] for user in people_here(db.session())} == {"kendal"}
        with pytest.raises(NotFound):
            give_role(db.session(), user_id("unair.humas"), READER)
        for row in foreign_rows:
            with pytest.raises(NotFound):
                take_role(db.session(), row)
    page = person("kendal.admin").get("/kernel/people/")
    assert page.status_code == 200
    assert "Staf Contoh Kendal" in page.text
    assert "Rangga" not in page.text
    found = program("kendal.admin", "kendal").api("GET", "holder/related/user")
    if found.status_code == 200:
        assert "Rangga" not in found.text


def test_a_role_of_an_addon_that_is_off_gives_nothing(acting: Any, user_id: Any, roles_of: Any, app: Flask) -> None:
    person = user_id("kendal.kadis")
    with app.app_context(), acting_as_system("kendal", "a role for a test") as scope:
        db.session.add(RoleAssignment(institution_id=scope.institution_id, user_id=person, role="dummy.keeper"))
        db.session.commit()
    assert "dummy.keeper" not in roles_of("kendal.kadis")


# The last administrator ---------------------------------------------------------------------------------------------


def administrators(session: Any) -> list[RoleAssignment]:
    return [row for rows in assignments(session).values() for row in rows if row.role == ADMINISTRATOR]


def test_the_last_administrator_keeps_the_role(administrator: Any) -> None:
    with administrator():
        (last,) = administrators(db.session())
        with pytest.raises(Conflict) as refusal:
            take_role(db.session(), last.id)
        assert refusal.value.code == "last_administrator"


@pytest.mark.parametrize(
    ("first", "last", "signs_in", "accepted"),
    [
        (None, None, True, True),
        (TODAY, None, True, True),
        (None, TODAY + 30 * DAY, True, False),
        (TODAY + DAY, None, True, False),
        (None, None, False, False),
    ],
    ids=["lasting", "from today", "for a month", "from tomorrow", "cannot sign in"],
)
def test_only_a_lasting_administrator_who_can_sign_in_replaces_the_last_one(
    administrator: Any, user_id: Any, first: date | None, last: date | None, signs_in: bool, accepted: bool
) -> None:
    kadis = user_id("kendal.kadis")
    with on(TODAY), administrator():
        (present,) = administrators(db.session())
        give_role(db.session(), kadis, ADMINISTRATOR, first, last)
        db.session.execute(
            text("UPDATE ab_user SET active = :signs_in WHERE id = :id"), {"signs_in": signs_in, "id": kadis}
        )
        if accepted:
            take_role(db.session(), present.id)
        else:
            with pytest.raises(Conflict):
                take_role(db.session(), present.id)


def test_nobody_gives_a_role_with_rights_that_they_do_not_hold(administrator: Any, acting: Any, user_id: Any) -> None:
    with administrator():
        for operation in ("read", "create"):
            set_right(db.session(), "kendal.staf", "kernel.RoleAssignment", operation, True)
        db.session.commit()
    kadis, staf = user_id("kendal.kadis"), user_id("kendal.staf")
    with acting("kendal.staf", "kendal"):
        give_role(db.session(), kadis, READER)
        for role in (ADMINISTRATOR, MANAGER, "kendal.kepala_bidang"):
            for person in (kadis, staf):
                with pytest.raises(Forbidden) as refusal:
                    give_role(db.session(), person, role)
                assert refusal.value.code == "not_held"


def test_whoever_has_no_right_over_roles_neither_sees_nor_gives_them(acting: Any, user_id: Any) -> None:
    kadis = user_id("kendal.kadis")
    with acting("kendal.staf", "kendal"):
        for attempt in (
            lambda: assignments(db.session()),
            lambda: give_role(db.session(), kadis, READER),
            lambda: take_role(db.session(), 1),
        ):
            with pytest.raises(Forbidden):
                attempt()


# Positions --------------------------------------------------------------------------------------------------------


@pytest.fixture
def hold(administrator: Any, user_id: Any) -> Callable[..., None]:
    """``hold("kendal.staf", "Kepala Dinas", "acting", first, last)`` lets a person hold a position."""
    holder, position = models["organization.Holder"], models["organization.Position"]

    def let(username: str, title: str, kind: str, first: date, last: date | None = None) -> None:
        person = user_id(username)
        with administrator():
            post = db.session.scalar(select(position).where(position.title == title))
            values = {"position": post, "user_id": person, "kind": kind, "date_from": first, "date_to": last}
            service_of(holder).create(values)
            db.session.commit()

    return let


@pytest.fixture
def vacate(administrator: Any) -> Callable[[str], None]:
    """``vacate("Kepala Bidang")`` ends the definitive holding two days ago: a Plt. is for a vacancy."""
    holder, position = models["organization.Holder"], models["organization.Position"]

    def work(title: str) -> None:
        with administrator():
            row = db.session.scalar(select(holder).join(holder.position).where(position.title == title))
            service_of(holder).update(row, {"date_to": TODAY - 2 * DAY})
            db.session.commit()

    return work


def test_a_position_gives_its_roles_to_whoever_holds_it(roles_of: Any) -> None:
    assert "kendal.staf" in roles_of("kendal.staf")
    assert "kendal.kepala_dinas" in roles_of("kendal.kadis")
    assert "kendal.kepala_dinas" not in roles_of("kendal.staf")


@pytest.mark.parametrize("kind", ["acting", "daily_acting"])
def test_an_acting_holder_has_the_roles_for_the_dates_and_not_a_day_longer(
    hold: Any, vacate: Any, roles_of: Any, may: Callable[..., bool], kind: str
) -> None:
    if kind == "acting":
        vacate("Kepala Bidang")
    hold("kendal.staf", "Kepala Bidang", kind, TODAY - DAY, TODAY)
    for offset, held in ((-2, False), (-1, True), (0, True), (1, False)):
        with on(TODAY + offset * DAY):
            assert ("kendal.kepala_bidang" in roles_of("kendal.staf")) == held, offset
            assert may("kendal.staf", PARTNER, "archive") == held, offset
            definitive = kind == "daily_acting" or offset == -2
            assert ("kendal.kepala_bidang" in roles_of("kendal.kabid")) == definitive, "a Plh. takes nothing away"


def test_a_definitive_holder_whose_time_ended_yesterday_has_nothing(administrator: Any, roles_of: Any) -> None:
    holder = models["organization.Holder"]
    with administrator():
        row = db.session.scalar(
            select(holder).join(holder.position).where(models["organization.Position"].title == "Kepala Dinas")
        )
        service_of(holder).update(row, {"date_to": TODAY})
        db.session.commit()
    with on(TODAY):
        assert "kendal.kepala_dinas" in roles_of("kendal.kadis")
    with on(TODAY + DAY):
        assert roles_of("kendal.kadis") == {MEMBER}


@pytest.mark.parametrize("archived", ["organization.Holder", "organization.Position", "organization.PositionRole"])
def test_what_is_archived_gives_nothing(administrator: Any, roles_of: Any, archived: str) -> None:
    position, model = models["organization.Position"], models[archived]
    with administrator():
        statement = select(model).where(position.title == "Kepala Dinas")
        record = db.session.scalar(statement if model is position else statement.join(model.position))
        service_of(model).archive(record)
        db.session.commit()
    assert "kendal.kepala_dinas" not in roles_of("kendal.kadis")


def test_a_role_added_to_a_position_reaches_its_holders_at_once(administrator: Any, may: Callable[..., bool]) -> None:
    position, carried = models["organization.Position"], models["organization.PositionRole"]
    assert not may("kendal.kadis", PARTNER, "create")
    with administrator():
        post = db.session.scalar(select(position).where(position.title == "Kepala Dinas"))
        service_of(carried).create({"position": post, "role": MANAGER})
        db.session.commit()
    assert may("kendal.kadis", PARTNER, "create")


def test_somebody_without_any_role_is_told_so(app: Flask, visitor: Any) -> None:
    with app.app_context():
        make_user(db.session(), "nobody.yet", "Belum", "Punya Peran", "a-long-password")
        db.session.commit()
    stranger = visitor()
    tokens = stranger.hidden("/login/")
    stranger.http.post("/login/", data={**tokens, "username": "nobody.yet", "password": "a-long-password"})
    answer = stranger.get("/partners/partner/")
    assert answer.status_code == 403
    assert "no role in any institution" in answer.text
