"""Working in an institution as the owner of the database: for the few commands that may change the history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from app.errors import NotFound

if TYPE_CHECKING:
    from app.database.addresses import Addresses
    from config import Settings


@contextmanager
def as_owner(settings: Settings, addresses: Addresses, institution: str) -> Iterator[Session]:
    """A session of the owner role in ``institution``; committed at the end, when nothing was raised."""
    from app import create_app
    from app.database.scope import SHARED_INSTITUTION_ID, Scope, enter_scope
    from app.database.session import GuardedSession
    from app.registry.institution import Institution

    app = create_app(settings, addresses.application)
    engine = create_engine(addresses.owner)
    try:
        with app.test_request_context(headers={"Accept-Language": "en"}), GuardedSession(bind=engine) as session:
            number = session.scalar(select(Institution.id).where(Institution.code == institution))
            if number is None:
                raise NotFound(f"There is no institution {institution}.")
            readable = tuple({number, SHARED_INSTITUTION_ID})
            enter_scope(session, Scope(number, None, readable, system_reason="the operator's command"))
            yield session
            session.commit()
    finally:
        engine.dispose()
