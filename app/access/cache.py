"""What was worked out about rights, kept per process until the access version in the database moves."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event, select, update
from sqlalchemy.orm import Session

from app.database.base import Model
from app.database.session import GuardedSession
from app.registry.installed_addon import RegistryState

Value = TypeVar("Value")

_entries: WeakKeyDictionary[Any, tuple[int, dict[Hashable, Any]]] = WeakKeyDictionary()


def access_version(session: Session) -> int:
    """The version of rights this session works with; read once per session unless the user loader brought it along."""
    version: int | None = session.info.get("access_version")
    if version is None:
        version = session.scalar(select(RegistryState.access_version)) or 0
        session.info["access_version"] = version
    return version


def cached(session: Session, key: Hashable, compute: Callable[[], Value]) -> Value:
    """The value of ``compute()`` for the present access version, kept in this process."""
    if session.info.get("access_changed"):
        # This transaction changed rights and may still be rolled back: nothing it sees may be kept for others.
        return compute()
    version = access_version(session)
    engine = session.get_bind()
    engine = engine if isinstance(engine, Engine) else engine.engine
    known, entries = _entries.get(engine, (None, {}))
    if known != version:
        entries = {}
        _entries[engine] = (version, entries)
    if key not in entries:
        entries[key] = compute()
    value: Value = entries[key]
    return value


@event.listens_for(GuardedSession, "after_flush")
def move_version(session: Session, _context: Any) -> None:
    """Move the access version when a flush touched anything that rights are worked out from."""
    touched = (*session.new, *session.dirty, *session.deleted)
    if any(isinstance(item, Model) and item.__affects_access__ for item in touched):
        bump_access_version(session)


def bump_access_version(session: Session) -> None:
    """Make every process forget what it worked out, once this transaction commits."""
    session.execute(update(RegistryState).values(access_version=RegistryState.access_version + 1))
    session.info["access_changed"] = True
    session.info.pop("access_version", None)


def forget() -> None:
    """Empty the caches of this process: for tests that put another database behind the same engine."""
    _entries.clear()
