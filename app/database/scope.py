"""Which institution a session works for, and the two listed ways out.

A session has exactly one active institution. It reads that one and the shared one ("bersama"), and writes that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

SHARED_INSTITUTION_ID = 1
"""The id of "bersama", whose records every institution reads and only the platform writes."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a session may see and write; ``readable`` are institution ids."""

    institution_id: int
    user_id: int | None = None
    readable: tuple[int, ...] = ()
    timezone: str = "Asia/Jakarta"
    system_reason: str = ""
    row_criteria: tuple[Any, ...] = ()

    @property
    def is_system(self) -> bool:
        """Whether rights (not the institution wall) are lifted."""
        return bool(self.system_reason)


def current_scope(session: Session) -> Scope | None:
    """The scope of ``session``, or None before an institution is active."""
    scope: Scope | None = session.info.get("scope")
    return scope


def enter_scope(session: Session, scope: Scope | None) -> None:
    """Make ``scope`` the session's own. Objects of the former institution are forgotten.

    Raises RuntimeError when unsaved objects would cross over.
    """
    if current_scope(session) == scope:
        return
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("the institution cannot change while objects are unsaved")
    session.expunge_all()
    session.info["scope"] = scope


def institution_scope(
    institution_id: int,
    *,
    user_id: int | None = None,
    timezone: str = "Asia/Jakarta",
    row_criteria: tuple[Any, ...] = (),
) -> Scope:
    """The ordinary scope of a user in an institution: its records and the shared ones."""
    readable = tuple(sorted({institution_id, SHARED_INSTITUTION_ID}))
    return Scope(institution_id, user_id, readable, timezone, "", row_criteria)


@contextmanager
def as_system(session: Session, reason: str) -> Iterator[None]:
    """Lift rights, not the institution wall: for numbering, clash checks and rules the user may not see. Listed by a
    test.
    """
    scope = current_scope(session)
    if scope is None:
        raise RuntimeError("as_system needs an active institution")
    session.info["scope"] = replace(scope, system_reason=reason, row_criteria=())
    try:
        yield
    finally:
        session.info["scope"] = scope


@contextmanager
def across_institutions(session: Session, reason: str) -> Iterator[Session]:
    """A second, read-only session over all institutions, for figures and set-up checks. Listed by a test."""
    if not reason:
        raise ValueError("across_institutions needs a reason")
    from app.database.session import GuardedSession

    bind = session.get_bind()
    if isinstance(bind, Engine):
        bind = bind.execution_options(postgresql_readonly=True)
    with GuardedSession(bind=bind, info={"across": reason}) as reader:
        yield reader
        reader.rollback()
