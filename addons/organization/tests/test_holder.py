"""Who may hold a position beside whom, and for how long (definitive, Plt., Plh.)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from addons.organization.tests.test_signature import KADIS, SUBKOOR, position
from app.database.base import models
from app.database.session import db
from app.errors import Conflict, Invalid
from app.records.service import service_of

DAY = date(2026, 3, 2)
WEEK = timedelta(days=6)


@pytest.fixture
def hold(acting: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """``hold("acting", post=SUBKOOR)`` lets Kendal's staff hold a post in a week of March 2026."""
    with acting("kendal.admin", "kendal") as access:
        holder = models["organization.Holder"]
        user = holder.user.property.mapper.class_
        person = db.session.query(user).filter_by(username="kendal.staf").one()

        def work(kind: str, post: Any = None, first: date = DAY, last: date | None = DAY + WEEK) -> Any:
            place = (
                post
                if post is not None and not isinstance(post, str)
                else position(post or KADIS, access.institution_id)
            )
            values = {"position": place, "user": person, "kind": kind, "date_from": first, "date_to": last}
            return service_of(holder).create(values)

        yield work


@pytest.fixture
def vacant(acting: Callable[..., Any], hold: Callable[..., Any]) -> Any:
    """A post that nobody holds."""
    from addons.organization.models.position import Position

    unit = db.session.query(Position).filter_by(title="Kepala Dinas").one().unit
    post = Position(title="Kepala Seksi Kosong", unit=unit)
    db.session.add(post)
    db.session.flush()
    return post


@pytest.mark.parametrize("kind", ["acting", "daily_acting"])
def test_an_acting_holder_is_appointed_for_a_time(hold: Callable[..., Any], vacant: Any, kind: str) -> None:
    with pytest.raises(Invalid) as refusal:
        hold(kind, vacant, last=None)
    assert list(refusal.value.errors) == ["date_to"]
    hold(kind, vacant)


def test_a_plt_stands_in_only_while_the_post_is_vacant(hold: Callable[..., Any], vacant: Any) -> None:
    with pytest.raises(Conflict) as refusal:
        hold("acting")
    assert "Kadis Contoh Kendal" in str(refusal.value.message)
    hold("daily_acting")
    hold("acting", vacant)
    with pytest.raises(Conflict) as refusal:
        hold("definitive", vacant, last=None)
    assert "Plt." in str(refusal.value.message)
    hold("definitive", vacant, first=DAY + WEEK + timedelta(days=1), last=None)


@pytest.mark.parametrize("kind", ["acting", "daily_acting"])
def test_one_post_has_one_plt_and_one_plh_on_a_day(hold: Callable[..., Any], vacant: Any, kind: str) -> None:
    first = hold(kind, vacant)
    with pytest.raises(Conflict) as refusal:
        hold(kind, vacant, first=DAY + WEEK)
    assert refusal.value.code == "position_held"
    service_of(type(first)).archive(first)
    hold(kind, vacant, first=DAY + WEEK)
    with pytest.raises(Conflict):
        service_of(type(first)).restore(first)


def test_a_plh_stands_beside_a_plt(hold: Callable[..., Any], vacant: Any) -> None:
    hold("acting", vacant)
    hold("daily_acting", vacant)


def test_who_left_the_post_since_the_date_of_a_paper_does_not_sign_it(hold: Callable[..., Any], vacant: Any) -> None:
    from addons.organization.services.signature import signature_block

    hold("acting", vacant)
    hold("daily_acting", SUBKOOR, last=DAY)
    after = DAY + WEEK + timedelta(days=1)
    assert signature_block(vacant, DAY, signed_on=DAY + WEEK).kind == "acting"
    with pytest.raises(Conflict) as refusal:
        signature_block(vacant, DAY, signed_on=after)
    assert refusal.value.code == "term_ended"
    assert "Plt. Kepala Seksi Kosong" in str(refusal.value.message)
