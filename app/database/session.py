"""The database session: no institution, no data; and nothing is written outside the active one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from flask_appbuilder.models.sqla.base import SQLA
from sqlalchemy import Table, event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, with_loader_criteria
from sqlalchemy.sql import visitors

from app import clock
from app.database.base import Audited, InstitutionOwned, Model
from app.database.scope import SHARED_INSTITUTION_ID, Scope, current_scope
from app.errors import Invalid, NoActiveInstitution, ScopeViolation
from app.i18n import lazy_gettext as _l

WRITES_OWN_INSTITUTION = "writes_own_institution"
"""Execution option of the few statements that write owned rows by themselves and name the active institution."""


LINKS_AT_ONCE = 1000
"""So many linked records are looked up with one statement."""
_TOLD = "told_database"
_TELL = (
    "select set_config('app.read_institutions', coalesce(%s, (select array_agg(id)::text from institution)), true), "
    "set_config('app.write_institution', %s, true), set_config('app.user_id', %s, true), "
    "set_config('app.request_id', %s, true)"
)


class GuardedSession(Session):
    """A session that carries a `Scope` in ``info["scope"]``."""


class RequestSession(GuardedSession):
    """The session of a request or command; Flask-SQLAlchemy makes it and ends it with the application context."""

    def __init__(self, db: SQLA, bind: Any = None, **options: Any) -> None:
        """Bind to the one engine there is."""
        super().__init__(bind=bind or db.engine, **options)


db = SQLA(session_options={"class_": RequestSession})


@lru_cache(maxsize=1)
def _owned_tables(_count: int) -> frozenset[Table]:
    return frozenset(
        mapper.local_table for mapper in Model.registry.mappers if issubclass(mapper.class_, InstitutionOwned)
    )


def owned_tables() -> frozenset[Table]:
    """The tables with an institution, of all models loaded so far."""
    return _owned_tables(len(list(Model.registry.mappers)))


@event.listens_for(GuardedSession, "do_orm_execute")
def tell_before_statement(state: ORMExecuteState) -> None:
    """Let the database know the scope that the statement runs in."""
    _tell_database(state.session, writes=state.is_insert or state.is_update or state.is_delete)


@event.listens_for(GuardedSession, "do_orm_execute")
def confine_reads(state: ORMExecuteState) -> None:
    """Add the institution to every statement over owned tables; refuse the statement when none is active."""
    if state.is_column_load or state.session.info.get("across"):
        return
    scope = current_scope(state.session)
    writes = state.is_insert or state.is_update or state.is_delete
    if scope is None:
        _refuse_owned_tables(state.statement)
        return
    if writes:
        _refuse_unguarded_write(state)
    readable = (scope.institution_id,) if writes else scope.readable
    criterion = with_loader_criteria(
        InstitutionOwned,
        lambda cls: cls.institution_id.in_(readable),
        include_aliases=True,
        track_closure_variables=True,
    )
    state.statement = state.statement.options(criterion, *scope.row_criteria)


def _refuse_owned_tables(statement: Any) -> None:
    owned = owned_tables()
    for element in visitors.iterate(statement):
        if isinstance(element, Table) and element in owned:
            raise NoActiveInstitution(f"{element.name} is institution-owned, and no institution is active")


def _refuse_unguarded_write(state: ORMExecuteState) -> None:
    # Such a statement would pass by the flush guard, the version, the author and the rules of the service.
    table = getattr(state.statement, "table", None)
    if table in owned_tables() and not state.execution_options.get(WRITES_OWN_INSTITUTION):
        raise ScopeViolation(f"{table} is written through its objects, not by statements")


@event.listens_for(GuardedSession, "before_flush")
def tell_before_flush(session: Session, _context: Any, _instances: Any) -> None:
    """Let the database know the scope that the objects are written in."""
    _tell_database(session, writes=bool(session.new or session.dirty or session.deleted))


@event.listens_for(GuardedSession, "before_flush")
def confine_writes(session: Session, _context: Any, _instances: Any) -> None:
    """Stamp and check every object about to be written: its institution, its links, its author."""
    if session.info.get("across"):
        raise ScopeViolation("across_institutions is read-only")
    scope = current_scope(session)
    new = session.new  # a set that is made anew whenever it is asked for
    changed = [*new, *(item for item in session.dirty if item not in new and session.is_modified(item))]
    owned = [item for item in changed if isinstance(item, InstitutionOwned)]
    for item in owned:
        _check_institution(item, scope)
    _check_links(session, owned)
    for item in changed:
        if isinstance(item, Audited):
            _stamp(item, scope, is_new=item in new)
    for item in session.deleted:
        if isinstance(item, InstitutionOwned):
            _check_institution(item, scope)


def _check_institution(item: Any, scope: Scope | None) -> None:
    if scope is None:
        raise NoActiveInstitution(f"{type(item).__name__} cannot be written: no institution is active")
    if item.institution_id is None:
        item.institution_id = scope.institution_id
    history = inspect(item).attrs.institution_id.history
    moved = bool(history.deleted) and history.deleted[0] is not None and history.deleted != history.added
    if moved or item.institution_id != scope.institution_id:
        raise ScopeViolation(f"{type(item).__name__} of institution {item.institution_id} cannot be written here")
    if item.institution_id == SHARED_INSTITUTION_ID and not scope.is_system and scope.user_id is not None:
        raise ScopeViolation("shared records are written by the platform only")


def _check_links(session: Session, items: Iterable[Any]) -> None:
    """Look every changed link up in scope, once for each target: foreign keys themselves know no institution."""
    wanted: dict[Any, dict[Any, str]] = {}
    for item in items:
        for name, target, value in _changed_links(item):
            wanted.setdefault(target, {}).setdefault(value, name)
    for target, names in wanted.items():
        values = list(names)
        for first in range(0, len(values), LINKS_AT_ONCE):
            part = values[first : first + LINKS_AT_ONCE]
            with session.no_autoflush:
                found = set(session.scalars(select(target.id).where(target.id.in_(part))))
            missing = next((value for value in part if value not in found), None)
            if missing is not None:
                raise Invalid(_l("A linked record was not found."), {names[missing]: [_l("Not found.")]})


def _changed_links(item: Any) -> Iterator[tuple[str, Any, Any]]:
    """The links of ``item`` that changed: how they are called, what they lead to, and its id."""
    state = inspect(item)
    kind: Any = type(item)
    for attribute, relation, target in _links_of(kind):
        name = relation or attribute
        if relation is not None and state.attrs[relation].history.has_changes():
            linked = state.dict.get(relation)
            if linked is None or inspect(linked).pending:
                continue
            value = linked.id
        elif state.attrs[attribute].history.has_changes():
            value = getattr(item, attribute)
        else:
            continue
        if value is not None:
            yield name, target, value


@lru_cache(maxsize=500)
def _links_of(model: type[Model]) -> tuple[tuple[str, str | None, type[Any]], ...]:
    """The links of ``model`` to owned models: the foreign key's attribute, its relation if it has one, the target."""
    mapper = inspect(model)
    targets = {other.local_table: other.class_ for other in Model.registry.mappers}
    relations = {
        next(iter(relation.local_columns)): relation.key
        for relation in mapper.relationships
        if relation.direction.name == "MANYTOONE" and not relation.viewonly
    }
    return tuple(
        (mapper.get_property_by_column(key.parent).key, relations.get(key.parent), targets[key.column.table])
        for key in mapper.local_table.foreign_keys
        if key.column.table in owned_tables()
    )


def _stamp(item: Any, scope: Scope | None, *, is_new: bool) -> None:
    user_id = scope.user_id if scope else None
    item.changed_at = clock.now()
    item.changed_by_id = user_id
    if is_new and item.created_by_id is None:
        item.created_by_id = user_id


def _tell_database(session: Session, *, writes: bool) -> None:
    """Name institutions and actor to the policies and audit triggers; for this transaction, in one round trip, and
    again only when something changed.
    """
    scope = current_scope(session)
    told = session.info.get(_TOLD)
    if scope is None and not session.info.get("across") and told is None and not writes:
        return  # nothing was ever told: the policies refuse by themselves
    wanted = _settings(session, scope)
    if told != wanted:
        session.connection().exec_driver_sql(_TELL, wanted)
        session.info[_TOLD] = wanted


def _settings(session: Session, scope: Scope | None) -> tuple[str | None, str, str, str]:
    """What can be read (None: every institution), what can be written, who acts, in which request."""
    request_id = str(session.info.get("request_id", ""))
    if session.info.get("across"):
        return None, "", "", request_id
    if scope is None:
        return "", "", "", request_id
    readable = "{" + ",".join(map(str, scope.readable)) + "}"
    return readable, str(scope.institution_id), str(scope.user_id or ""), request_id


@event.listens_for(GuardedSession, "after_soft_rollback")
def forget_told(session: Session, _previous: Any) -> None:
    """A rollback, also one to a savepoint, takes the settings back."""
    session.info.pop(_TOLD, None)


@event.listens_for(GuardedSession, "after_transaction_end")
def forget_told_at_end(session: Session, transaction: SessionTransaction) -> None:
    """The settings end with their transaction."""
    if transaction.parent is None:
        session.info.pop(_TOLD, None)
