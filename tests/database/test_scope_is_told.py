"""The session names its scope to the database: once per transaction, and again when it changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import event, select

pytestmark = pytest.mark.postgres


@pytest.fixture
def told(acting: Any) -> Iterator[list[tuple[Any, ...]]]:
    """What the session tells the database in an application context of Kendal's administrator."""
    from app.database.session import db

    seen: list[tuple[Any, ...]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "app.read_institutions" in statement:
            seen.append(tuple(parameters))

    with acting("kendal.admin", "kendal"):
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(db.engine, "before_cursor_execute", note)


def test_the_scope_is_told_once_per_transaction_for_reads_and_writes(told: list[Any]) -> None:
    from app.database.base import models
    from app.database.session import db

    partner, session = models["partners.Partner"], db.session()
    for turn in range(2):
        session.rollback()
        told.clear()
        assert session.scalars(select(partner)).all()
        session.add(partner(name=f"Mitra {turn}"))
        session.flush()
        session.scalars(select(partner).limit(1)).one().city = "Kendal"
        session.commit()
        assert len(told) == 1
    told.clear()
    assert session.scalars(select(partner).limit(1)).one().city is not None
    assert len(told) == 1, "the next transaction is told anew"


def test_the_scope_is_told_again_after_a_rollback_to_a_savepoint(told: list[Any]) -> None:
    from app.database.base import models
    from app.database.session import db

    partner, session = models["partners.Partner"], db.session()
    session.rollback()
    told.clear()
    with suppress(ZeroDivisionError), session.begin_nested():
        assert session.scalars(select(partner.id)).all()
        raise ZeroDivisionError
    # PostgreSQL took the settings back with the savepoint in which they were made.
    assert session.scalars(select(partner.id)).all()
    assert len(told) == 2


def test_a_change_of_institution_is_told_within_the_transaction(told: list[Any], app: Any) -> None:
    from app.access.acting import institution_id_of
    from app.database.base import models
    from app.database.scope import across_institutions, as_system, enter_scope, institution_scope
    from app.database.session import db

    name, session = select(models["partners.Partner"].institution_id).distinct(), db.session()
    kendal, unair = institution_id_of("kendal"), institution_id_of("unair")
    assert unair not in set(session.scalars(name))
    told.clear()
    with as_system(session, "a test"):
        assert unair not in set(session.scalars(name))
    assert told == [], "rights are lifted, the institution stays"
    with across_institutions(session, "a test") as reader:
        assert {kendal, unair} <= set(reader.scalars(name))
    enter_scope(session, institution_scope(unair))
    assert kendal not in set(session.scalars(name))
    enter_scope(session, None)
    assert session.scalar(select(models["kernel.Institution"].id).limit(1))
    assert [entry[:2] for entry in told] == [(None, ""), (f"{{1,{unair}}}", str(unair)), ("", "")]
