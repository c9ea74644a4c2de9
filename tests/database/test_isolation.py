"""The wall between institutions, as the session draws it: what is read, what is written, and the listed ways out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import delete, event, exists, func, insert, select, text, true, update
from sqlalchemy.exc import DBAPIError, InternalError, ProgrammingError
from sqlalchemy.orm import aliased, joinedload, make_transient_to_detached, selectinload

from app.access.acting import institution_id_of
from app.database import session as guard
from app.database.scope import (
    SHARED_INSTITUTION_ID,
    across_institutions,
    as_system,
    current_scope,
    enter_scope,
    institution_scope,
)
from app.database.session import GuardedSession, db
from app.errors import Invalid, NoActiveInstitution, ScopeViolation
from app.records.sequence import Sequence
from app.registry.institution import Institution

pytestmark = pytest.mark.postgres

FOREIGN = "SMA Contoh Surabaya"
"""A partner of Unair in the demo."""
OWN = "SD Negeri Contoh 1 Kendal"
KENDAL = ("kendal.admin", "kendal")


@pytest.fixture
def models(application: Flask) -> Any:
    """The models that the tests read and write."""
    from addons.partners.models.contact import Contact
    from addons.partners.models.partner import Partner
    from addons.partners.models.partner_kind import PartnerKind

    class Models:
        partner, contact, kind = Partner, Contact, PartnerKind

    return Models


@pytest.fixture
def foreign_id(acting: Any, models: Any) -> int:
    """The id of a partner of Unair."""
    with acting("unair.admin", "unair"):
        found: int = db.session.scalar(select(models.partner.id).where(models.partner.name == FOREIGN))
    return found


@pytest.fixture
def other(app: Flask) -> int:
    """The id of Unair."""
    with app.app_context():
        return institution_id_of("unair")


@contextmanager
def unguarded(name: str) -> Iterator[None]:
    """The session without one of its guards; the database's own policies still stand."""
    listener = {"do_orm_execute": guard.confine_reads, "before_flush": guard.confine_writes}[name]
    event.remove(GuardedSession, name, listener)
    try:
        yield
    finally:
        event.listen(GuardedSession, name, listener)


@contextmanager
def open_policies() -> Iterator[None]:
    """The active scope told to the database as one that reads every institution: a wall of ours is then the only
    one.
    """
    session, scope = db.session(), current_scope(db.session())
    everything = tuple(session.scalars(select(Institution.id)))
    session.info["scope"] = replace(scope, readable=everything)
    try:
        yield
    finally:
        session.info["scope"] = scope


Statement = Callable[[Any, Any], Any]
READS: dict[str, Statement] = {
    "record": lambda p, _c: select(p),
    "column": lambda p, _c: select(p.name),
    "number of rows": lambda p, _c: select(func.count()).select_from(p),
    "number of ids": lambda p, _c: select(func.count(p.id)),
    "number of a subquery": lambda p, _c: select(func.count()).select_from(select(p).subquery()),
    "largest": lambda p, _c: select(func.max(p.name)),
    "exists": lambda p, _c: select(exists().where(p.name == FOREIGN)),
    "exists of a select": lambda p, _c: select(select(p.id).where(p.name == FOREIGN).exists()),
    "people who exist": lambda p, _c: select(User.id).where(exists().where(p.name == FOREIGN, User.id > 0)),
    "join from a table of all": lambda p, _c: select(p.name).select_from(User).join(p, true()),
    "outer join": lambda p, _c: select(p.name).select_from(User).outerjoin(p, true()),
    "join of two": lambda p, c: select(c.name, p.name).join(c.partner),
    "link": lambda p, c: select(c.name).where(c.partner.has(p.name == FOREIGN)),
    "scalar subquery": lambda p, _c: select(User.id, select(func.count(p.id)).scalar_subquery()),
    "in": lambda p, _c: select(User.id).where(User.id.in_(select(func.count(p.id)))),
    "alias": lambda p, _c: select(aliased(p).name),
    "alias of a subquery": lambda p, _c: select(aliased(p, select(p).subquery()).name),
    "union": lambda p, _c: select(p.name).union(select(p.name)),
    "union in a subquery": lambda p, _c: select(select(p.name).union_all(select(p.name)).subquery().c.name),
    "common table": lambda p, _c: select(select(p.name).cte().c.name),
    "lateral": lambda p, _c: select(select(p.name).lateral().c.name),
    "array": lambda p, _c: select(func.array(select(p.name).scalar_subquery())),
    "links loaded along": lambda _p, c: select(c).options(joinedload(c.partner)),
    "links loaded after": lambda _p, c: select(c).options(selectinload(c.partner)),
}
WRITES: dict[str, Statement] = {
    "update": lambda p, _c: update(p).where(p.name == FOREIGN).values(city="Elsewhere"),
    "update from": lambda p, c: update(c).where(c.partner_id == p.id, p.name == FOREIGN).values(note="x"),
    "update of all": lambda p, _c: update(p).values(city="Elsewhere"),
    "delete": lambda p, _c: delete(p).where(p.name == FOREIGN),
    "insert": lambda p, _c: insert(p).values(name="Smuggled", institution_id=3),
    "insert from": lambda p, _c: insert(p).from_select(["name", "institution_id"], select(p.name, p.institution_id)),
}


# Reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*READS, *WRITES])
def test_without_an_institution_every_statement_is_refused(app: Flask, models: Any, kind: str) -> None:
    statement = (READS | WRITES)[kind](models.partner, models.contact)
    with app.app_context(), pytest.raises(NoActiveInstitution, match="no institution is active"):
        db.session.execute(statement)


def test_without_an_institution_looking_a_record_up_is_refused(app: Flask, models: Any, foreign_id: int) -> None:
    with app.app_context():
        with pytest.raises(NoActiveInstitution):
            db.session.get(models.partner, foreign_id)
        with pytest.raises(NoActiveInstitution):
            db.session.query(models.partner).count()
        with pytest.raises(NoActiveInstitution):
            db.session.merge(models.partner(id=foreign_id, name="Mine"))


def test_without_an_institution_tables_of_all_can_be_read(app: Flask) -> None:
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(User)) > 3


@pytest.mark.parametrize("kind", [*READS, *WRITES])
def test_without_the_guard_the_database_refuses_the_same_statements(app: Flask, models: Any, kind: str) -> None:
    statement = (READS | WRITES)[kind](models.partner, models.contact)
    # Never told, told and over: "unrecognized configuration parameter", or the empty text that is left of it.
    refusal = r"app\.(read|write)_institution|malformed array|invalid input syntax for type integer"
    with app.app_context(), unguarded("do_orm_execute"), pytest.raises(DBAPIError, match=refusal):
        db.session.execute(statement)


def test_without_guard_and_policies_the_same_statements_would_be_answered(
    acting: Any, models: Any, foreign_id: int
) -> None:
    with acting(*KENDAL), open_policies(), unguarded("do_orm_execute"):
        names = set(db.session.scalars(select(models.partner.name)))
        assert {FOREIGN, OWN} <= names
        assert db.session.get(models.partner, foreign_id).name == FOREIGN


def seen(statement: Any) -> str:
    """Everything a statement answers, as text."""
    rows = db.session.execute(statement).all()
    texts = [str(value) for row in rows for value in row]
    texts += [str(value.partner) for row in rows for value in row if hasattr(value, "partner")]
    return " ".join(sorted(texts))


@pytest.mark.parametrize("kind", READS)
def test_no_statement_shows_records_of_another_institution(acting: Any, models: Any, kind: str) -> None:
    statement = READS[kind](models.partner, models.contact)
    with acting(*KENDAL):
        guarded = seen(statement)
    with acting(*KENDAL), unguarded("do_orm_execute"):
        second_wall = seen(READS[kind](models.partner, models.contact))
    with acting(*KENDAL), open_policies(), unguarded("do_orm_execute"):
        unprotected = seen(READS[kind](models.partner, models.contact))
    assert FOREIGN not in guarded
    assert second_wall == guarded, "the database alone shows the same"
    # The same statement without the guard does see the other institution, so the comparison means something.
    assert guarded != unprotected


def test_a_record_of_another_institution_cannot_be_looked_up(acting: Any, models: Any, foreign_id: int) -> None:
    with acting(*KENDAL):
        assert db.session.get(models.partner, foreign_id) is None
        assert db.session.scalar(select(models.partner).where(models.partner.id == foreign_id)) is None
    with acting("unair.admin", "unair"):
        assert db.session.get(models.partner, foreign_id).name == FOREIGN


def test_what_all_institutions_share_is_read_by_each(acting: Any, models: Any) -> None:
    for person, institution in (KENDAL, ("unair.admin", "unair"), ("polibatam.admin", "polibatam")):
        with acting(person, institution):
            owners = set(db.session.scalars(select(models.kind.institution_id)))
            assert owners == {SHARED_INSTITUTION_ID}


# Writing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WRITES)
def test_records_are_not_written_by_statements(acting: Any, models: Any, kind: str) -> None:
    with acting(*KENDAL), pytest.raises(ScopeViolation, match="written through its objects, not by statements"):
        db.session.execute(WRITES[kind](models.partner, models.contact))


def test_a_statement_that_says_it_writes_its_own_institution_reaches_only_that(acting: Any, models: Any) -> None:
    option = {guard.WRITES_OWN_INSTITUTION: True}
    for model in (models.partner, models.kind):
        with acting(*KENDAL) as access:
            changed = update(model).values(name=func.concat("x ", model.name)).returning(model.institution_id)
            owners = set(db.session.scalars(changed, execution_options=option))
        assert owners <= {access.institution_id}
    assert owners == set(), "all kinds of the demo are shared"


def test_a_new_record_belongs_to_the_active_institution_and_its_author(acting: Any, models: Any) -> None:
    with acting(*KENDAL) as access:
        record = models.partner(name="Mitra Baru")
        db.session.add(record)
        db.session.flush()
        assert record.institution_id == access.institution_id
        assert record.created_by_id == record.changed_by_id == access.user_id


def test_a_record_for_another_institution_is_refused(acting: Any, models: Any, other: int) -> None:
    with acting(*KENDAL):
        db.session.add(models.partner(name="Selundupan", institution_id=other))
        with pytest.raises(ScopeViolation):
            db.session.flush()


def test_without_the_flush_guard_the_database_refuses_it(acting: Any, models: Any, other: int) -> None:
    with acting(*KENDAL), unguarded("before_flush"):
        db.session.add(models.partner(name="Selundupan", institution_id=other))
        with pytest.raises(ProgrammingError, match="row-level security policy"):
            db.session.flush()


def test_a_record_does_not_move_to_another_institution(acting: Any, models: Any, other: int) -> None:
    with acting(*KENDAL):
        record = db.session.scalar(select(models.partner).where(models.partner.name == OWN))
        record.institution_id = other
        with pytest.raises(ScopeViolation):
            db.session.flush()


@pytest.mark.parametrize("forgotten", [False, True], ids=["just loaded", "loaded again after a commit"])
def test_a_shared_record_is_neither_changed_nor_taken_over_nor_deleted(
    acting: Any, models: Any, forgotten: bool
) -> None:
    def rename(kind: Any) -> None:
        kind.name = "Renamed"

    def take_over(kind: Any) -> None:
        kind.institution_id = current_scope(db.session()).institution_id

    for change in (rename, take_over, db.session.delete):
        with acting(*KENDAL):
            kind = db.session.scalar(select(models.kind).limit(1))
            if forgotten:
                db.session.commit()
            change(kind)
            with pytest.raises(ScopeViolation):
                db.session.flush()


def test_a_shared_record_is_not_created_by_a_person(acting: Any, models: Any) -> None:
    with acting(*KENDAL):
        db.session.add(models.kind(name="For everybody", institution_id=SHARED_INSTITUTION_ID))
        with pytest.raises(ScopeViolation):
            db.session.flush()


@pytest.mark.parametrize("how", ["by its id", "by its id, with the link loaded", "by the object"])
def test_a_link_to_a_record_of_another_institution_is_refused(
    acting: Any, models: Any, foreign_id: int, how: str
) -> None:
    with acting(*KENDAL):
        contact = db.session.scalar(select(models.contact))
        if how == "by the object":
            foreign = models.partner(id=foreign_id)
            make_transient_to_detached(foreign)
            contact.partner = foreign
        else:
            if "loaded" in how:
                assert contact.partner.name == OWN
            contact.partner_id = foreign_id
        with pytest.raises(Invalid) as refusal:
            db.session.flush()
        assert list(refusal.value.errors) == ["partner"]


def test_a_link_without_a_relation_is_checked_too(acting: Any, foreign_id: int) -> None:
    from app.records.sequence import SequenceCounter

    with acting("unair.admin", "unair"):
        sequence_id = db.session.scalar(select(Sequence.id).limit(1))
    with acting(*KENDAL):
        db.session.add(SequenceCounter(sequence_id=sequence_id, period="2026", value=1))
        with pytest.raises(Invalid):
            db.session.flush()


def test_links_to_own_and_shared_records_and_to_new_ones_are_accepted(acting: Any, models: Any) -> None:
    with acting(*KENDAL):
        kind = db.session.scalar(select(models.kind).limit(1))
        partner = models.partner(name="Mitra Baru", kind=kind)
        db.session.add(models.contact(partner=partner, name="Orang Contoh"))
        db.session.flush()
        assert partner.kind_id == kind.id
        partner.kind = None
        db.session.flush()
        assert partner.kind_id is None


# Changing the institution -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("unsaved", ["new", "changed", "deleted"])
def test_the_institution_does_not_change_under_unsaved_objects(
    acting: Any, models: Any, other: int, unsaved: str
) -> None:
    with acting(*KENDAL):
        record = db.session.scalar(select(models.contact))
        if unsaved == "new":
            db.session.add(models.partner(name="Belum disimpan"))
        elif unsaved == "changed":
            record.name = "Nama lain"
        else:
            db.session.delete(record)
        with pytest.raises(RuntimeError, match="while objects are unsaved"):
            enter_scope(db.session(), institution_scope(other))


def test_objects_of_the_former_institution_are_forgotten(acting: Any, models: Any, foreign_id: int) -> None:
    with acting("unair.admin", "unair"):
        assert db.session.get(models.partner, foreign_id) is not None
        enter_scope(db.session(), institution_scope(institution_id_of("kendal")))
        assert db.session.get(models.partner, foreign_id) is None


# Ways out ---------------------------------------------------------------------------------------------------------


def test_as_system_lifts_rights_and_keeps_the_wall(acting: Any, models: Any, foreign_id: int, other: int) -> None:
    with acting(*KENDAL), as_system(db.session(), "a test"):
        assert db.session.get(models.partner, foreign_id) is None
        assert FOREIGN not in set(db.session.scalars(select(models.partner.name)))
        db.session.add(models.partner(name="Selundupan", institution_id=other))
        with pytest.raises(ScopeViolation):
            db.session.flush()


def test_as_system_does_not_write_what_all_share(acting: Any, models: Any) -> None:
    with acting(*KENDAL), as_system(db.session(), "a test"):
        db.session.scalar(select(models.kind).limit(1)).name = "Renamed"
        with pytest.raises(ScopeViolation):
            db.session.flush()


def test_as_system_needs_an_institution_and_ends_with_its_block(app: Flask, acting: Any) -> None:
    with app.app_context(), pytest.raises(RuntimeError), as_system(db.session(), "a test"):
        pass
    with acting(*KENDAL):
        with suppress(ZeroDivisionError), as_system(db.session(), "a test"):
            assert current_scope(db.session()).is_system
            raise ZeroDivisionError
        assert not current_scope(db.session()).is_system


def test_across_institutions_reads_everything(acting: Any, models: Any) -> None:
    with acting(*KENDAL):
        with across_institutions(db.session(), "a test") as reader:
            assert {FOREIGN, OWN} <= set(reader.scalars(select(models.partner.name)))
        assert FOREIGN not in set(db.session.scalars(select(models.partner.name)))


def test_across_institutions_writes_nothing(acting: Any, models: Any, foreign_id: int) -> None:
    with acting(*KENDAL), across_institutions(db.session(), "a test") as reader:
        reader.get(models.partner, foreign_id).name = "Taken"
        with pytest.raises(ScopeViolation, match="read-only"):
            reader.flush()
        reader.rollback()
        for statement in (update(models.partner).values(city="x"), text("UPDATE partners_partner SET city = 'x'")):
            with pytest.raises(InternalError, match="read-only transaction"):
                reader.execute(statement)
            reader.rollback()


def test_after_across_institutions_the_connection_can_be_written_with_again(acting: Any, models: Any) -> None:
    with acting(*KENDAL):
        for _round in range(3):
            with across_institutions(db.session(), "a test") as reader:
                reader.scalar(select(func.count(models.partner.id)))
            db.session.add(models.partner(name=f"Mitra {_round}"))
            db.session.commit()


def test_across_institutions_needs_a_reason(acting: Any) -> None:
    with acting(*KENDAL), pytest.raises(ValueError, match="reason"), across_institutions(db.session(), ""):
        pass
