"""Writing records: two people at once, archiving and names, life cycles, and what the database refuses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.database.base import models
from app.database.session import db
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.records.service import RecordService, service_of
from app.registry import hooks

pytestmark = pytest.mark.postgres


@pytest.fixture
def notes(note: Any) -> RecordService:
    """The service of notes."""
    return service_of(note)


def titled(note: Any, title: str) -> Any:
    return db.session.scalar(select(note).where(note.title == title))


# Two people at once -------------------------------------------------------------------------------------------------


def test_a_save_over_a_newer_one_is_refused_and_changes_nothing(administrator: Any, note: Any, notes: Any) -> None:
    with administrator():
        number = notes.create({"title": "Rapat"}).id
        db.session.commit()
    with administrator():
        record = notes.get(number)
        assert record.version == 1
        notes.update(record, {"mood": "bad"}, version=1)
        db.session.commit()
        assert record.version == 2
        with pytest.raises(Conflict) as refusal:
            notes.update(record, {"title": "Rapat lain"}, version=1)
        assert refusal.value.code == "stale"
        assert (record.title, record.mood) == ("Rapat", "bad")


def test_of_two_transactions_over_one_record_the_second_is_refused(administrator: Any, note: Any, notes: Any) -> None:
    """Both read version 1 before either writes, so only the database can tell them apart."""
    with administrator():
        number = notes.create({"title": "Rapat"}).id
        db.session.commit()
    both_have_read = Barrier(2)

    def save(mood: str) -> str:
        with administrator():
            record = notes.get(number)
            both_have_read.wait()
            try:
                notes.update(record, {"mood": mood, "title": f"Rapat {mood}"}, version=1)
            except Conflict as refusal:
                return refusal.code
            db.session.commit()
            return "saved"

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(save, ("good", "bad")))
    assert sorted(answers) == ["saved", "stale"]
    with administrator():
        winner = ("good", "bad")[answers.index("saved")]
        record = notes.get(number)
        assert (record.title, record.mood, record.version) == (f"Rapat {winner}", winner, 2)


def test_saving_nothing_new_is_no_change(administrator: Any, notes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(hooks.hooks["kernel.record_changed"], "receivers", [(None, lambda **_: told.append("told"))])
    with administrator():
        record = notes.create({"title": "Rapat", "mood": "good"})
        before = record.changed_at
        notes.update(record, {"title": "Rapat", "mood": "good"}, version=1)
        assert (record.version, record.changed_at, told) == (1, before, [])
        notes.update(record, {"mood": "bad"}, version=1)
        assert (record.version, told) == (2, ["told"])


def test_a_receiver_is_told_what_was_and_what_is(
    administrator: Any, notes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr(
        hooks.hooks["kernel.record_changed"], "receivers", [(None, lambda record, changes: told.update(changes))]
    )
    with administrator():
        record = notes.create({"title": "Rapat"})
        notes.update(record, {"title": "Rapat", "mood": "bad"})
    assert told == {"mood": ("good", "bad")}


# Looking up -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63, 999_999])
def test_what_is_not_there_is_not_found(administrator: Any, notes: Any, number: int) -> None:
    with administrator(), pytest.raises(NotFound):
        notes.get(number)


def test_a_locked_record_is_read_anew(administrator: Any, note: Any, notes: Any) -> None:
    with administrator():
        number = notes.create({"title": "Rapat"}).id
        db.session.commit()
    with administrator():
        seen = notes.get(number)
        assert seen.mood == "good"
        with administrator():
            notes.update(notes.get(number), {"mood": "bad"})
            db.session.commit()
        assert notes.get(number).mood == "good", "what was read stays as it was read"
        assert notes.get(number, lock=True).mood == "bad"


# Archive and names ------------------------------------------------------------------------------------------------


def test_a_name_is_taken_once_among_the_active_ones(administrator: Any, note: Any, notes: Any) -> None:
    with administrator():
        first = notes.create({"title": "Satu nama"})
        with pytest.raises(Conflict) as refusal:
            notes.create({"title": "Satu nama"})
        assert refusal.value.code == "duplicate"
        assert list(refusal.value.errors) == ["title"]
        notes.archive(first)
        second = notes.create({"title": "Satu nama"})
        with pytest.raises(Conflict) as again:
            notes.restore(first)
        assert again.value.code == "duplicate"
        db.session.refresh(first)
        assert not first.active
        notes.update(second, {"title": "Nama lain"})
        notes.restore(first)
        assert first.active


def test_a_refusal_leaves_the_transaction_whole(administrator: Any, note: Any, notes: Any) -> None:
    with administrator():
        notes.create({"title": "Satu"})
        for _attempt in range(2):
            with pytest.raises(Conflict):
                notes.create({"title": "Satu"})
        other = notes.create({"title": "Dua"})
        with pytest.raises(Conflict):
            notes.update(other, {"title": "Satu"})
        db.session.commit()
        titles = set(db.session.scalars(select(note.title)))
    assert titles == {"Satu", "Dua", "Welcome to dummy"}


def test_a_name_of_another_institution_is_free(acting: Any) -> None:
    partner = models["partners.Partner"]
    for username, institution in (("kendal.admin", "kendal"), ("unair.admin", "unair")):
        with acting(username, institution):
            service_of(partner).create({"name": "Nama yang sama"})
            db.session.commit()


def test_an_official_code_stays_taken_when_its_record_is_archived(administrator: Any) -> None:
    unit = models["organization.Unit"]
    with administrator():
        first = service_of(unit).create({"name": "Unit satu", "code": "U-1"})
        service_of(unit).archive(first)
        with pytest.raises(Conflict) as refusal:
            service_of(unit).create({"name": "Unit dua", "code": "U-1"})
        assert list(refusal.value.errors) == ["code"]
        service_of(unit).create({"name": "Unit satu", "code": "U-2"})


def test_an_archived_record_is_neither_changed_nor_moved_until_it_is_restored(administrator: Any, notes: Any) -> None:
    with administrator():
        record = notes.create({"title": "Rapat"})
        notes.archive(record)
        for attempt in (lambda: notes.update(record, {"mood": "bad"}), lambda: notes.transition(record, "close")):
            with pytest.raises(Conflict) as refusal:
                attempt()
            assert refusal.value.code == "archived"
        notes.restore(record)
        notes.update(record, {"mood": "bad"})
        notes.transition(record, "close")


# What the database refuses ------------------------------------------------------------------------------------------


def test_a_missing_value_names_its_field(administrator: Any, notes: Any) -> None:
    with administrator(), pytest.raises(Invalid) as refusal:
        notes.create({"mood": "good"})
    assert list(refusal.value.errors) == ["title"]


def test_values_that_do_not_fit_together_are_a_sentence_without_sql(administrator: Any) -> None:
    partner = models["partners.Partner"]
    with administrator(), pytest.raises(Invalid) as refusal:
        service_of(partner).create({"name": "Mitra", "level": "galactic"})
    assert "ck_" not in str(refusal.value)


def test_a_link_to_what_does_not_exist_is_refused(administrator: Any, notes: Any) -> None:
    with administrator(), pytest.raises(Invalid) as refusal:
        notes.create({"title": "Rapat", "partner_id": 999_999})
    assert list(refusal.value.errors) == ["partner"]


# Life cycles --------------------------------------------------------------------------------------------------------


def test_a_step_moves_the_state_once(administrator: Any, notes: Any) -> None:
    with administrator():
        record = notes.create({"title": "Rapat"})
        assert record.state == "open"
        notes.transition(record, "close")
        assert record.state == "closed"
        with pytest.raises(Conflict) as refusal:
            notes.transition(record, "close")
        assert refusal.value.code == "state_changed"
        with pytest.raises(NotFound):
            notes.transition(record, "invented")


def test_of_two_who_take_one_step_at_once_one_is_told_that_the_state_has_changed(
    administrator: Any, notes: Any
) -> None:
    with administrator():
        number = notes.create({"title": "Rapat"}).id
        db.session.commit()
    both_have_read = Barrier(2)

    def close(_number: int) -> str:
        with administrator():
            record = notes.get(number)
            assert record.state == "open"
            both_have_read.wait()
            try:
                notes.transition(record, "close")
            except Conflict as refusal:
                return refusal.code
            db.session.commit()
            return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(close, range(2))) == ["done", "state_changed"]


def test_a_receiver_may_hold_a_step_back_and_nothing_is_written(
    administrator: Any, notes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(record: Any, transition: Any) -> None:
        raise Conflict(f"not {transition.name} yet", code="gate")

    monkeypatch.setattr(hooks.hooks["kernel.before_transition"], "receivers", [("dummy", refuse)])
    with administrator():
        record = notes.create({"title": "Rapat"})
        with pytest.raises(Conflict, match="not close yet"):
            notes.transition(record, "close")
        db.session.commit()
        db.session.refresh(record)
        assert (record.state, record.version) == ("open", 1)


def test_a_receiver_after_a_step_that_fails_takes_the_step_back(
    administrator: Any, notes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(record: Any, transition: Any) -> None:
        raise Invalid("no")

    monkeypatch.setattr(hooks.hooks["kernel.after_transition"], "receivers", [(None, fail)])
    with administrator():
        record = notes.create({"title": "Rapat"})
        with pytest.raises(Invalid):
            notes.transition(record, "close")
        db.session.commit()
        db.session.refresh(record)
        assert record.state == "open"


def test_a_step_needs_its_right(administrator: Any, acting: Any, note: Any, notes: Any) -> None:
    with administrator():
        notes.create({"title": "Rapat"})
        db.session.commit()
    with acting("kendal.staf", "kendal"), pytest.raises(Forbidden):
        notes.transition(titled(note, "Rapat"), "close")


def test_the_state_has_no_form_field_and_the_api_does_not_take_it(note: Any, program: Any) -> None:
    script = program("kendal.admin", "kendal")
    info = script.api("GET", "dummy_note/_info").json
    assert "state" not in {column["name"] for column in (*info["add_columns"], *info["edit_columns"])}
    answer = script.api("POST", "dummy_note/", {"title": "Curang", "state": "closed"})
    assert answer.status_code in {400, 422}
    created = script.api("POST", "dummy_note/", {"title": "Jujur"}).json
    answer = script.api("PUT", f"dummy_note/{created['id']}", {"state": "closed"})
    assert answer.status_code in {400, 422}
    assert script.api("GET", f"dummy_note/{created['id']}").json["result"]["state"] == "open"


def test_an_update_around_the_service_is_not_possible(administrator: Any, note: Any, notes: Any) -> None:
    from app.errors import ScopeViolation

    with administrator():
        notes.create({"title": "Rapat"})
        with pytest.raises(ScopeViolation):
            db.session.execute(update(note).values(state="closed"))
        assert db.session.scalar(select(func.count()).where(note.state == "closed")) == 0
