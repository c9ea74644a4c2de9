"""What a person may do in an institution: worked out from shipped rows, overrides, roles and enabled addons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import g, has_app_context
from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session, with_loader_criteria

from app import clock
from app.access.access_override import AccessOverride
from app.access.cache import cached
from app.access.column_rights import Rights, all_names, named_columns, settle_columns
from app.access.grants import grants_of, is_platform_administrator
from app.access.institution_role import own_roles
from app.access.rows import AccessRow
from app.access.scopes import scopes
from app.access.second_factor_role import roles_with_second_factor
from app.database.base import Model, models
from app.database.scope import Scope, current_scope
from app.database.session import db
from app.errors import Forbidden, NoActiveInstitution, NotFound
from app.i18n import lazy_gettext as _l
from app.registry.enablement import enabled_addons, registry

ADMINISTRATOR = "kernel.administrator"


@dataclass(frozen=True, slots=True)
class Access:
    """The answer to "may I": ``granted[(model, operation)]`` is the set of scopes, ``""`` among them for all rows."""

    user_id: int | None
    institution_id: int
    roles: frozenset[str]
    granted: dict[tuple[str, str], frozenset[str]]
    restrictions: dict[str, tuple[str, ...]]
    enabled: frozenset[str]
    is_platform: bool = False
    named_columns: frozenset[tuple[str, str]] = frozenset()
    """The (model, column) that are not everybody's who may handle the record."""
    needs_second_factor: bool = False
    """Whether a role of this person demands a second factor here."""

    def may(self, model: type[Model] | str, operation: str) -> bool:
        """Whether some role permits ``operation`` on at least some rows of ``model``."""
        key = model if isinstance(model, str) else model.__model_key__
        if not self.sees_addon(key.split(".")[0]):
            return False
        if "." in operation and (key, operation.partition(".")[2]) not in self.named_columns:
            operation = operation.partition(".")[0]
        return self.is_platform or (key, operation) in self.granted

    def hidden_columns(self, model: type[Model]) -> frozenset[str]:
        """The attributes of ``model`` that this person may not read."""
        return self._without("read", model.__model_key__)

    def locked_columns(self, model: type[Model]) -> frozenset[str]:
        """The attributes of ``model`` that this person may not change."""
        return self._without("write", model.__model_key__)

    def _without(self, kind: str, key: str) -> frozenset[str]:
        if not self.named_columns or self.is_platform:
            return frozenset()
        missing = [
            name for model, name in self.named_columns if model == key and (key, f"{kind}.{name}") not in self.granted
        ]
        return all_names(key, missing) if missing else frozenset()

    def covers(self, model: str, operation: str, reached: frozenset[str]) -> bool:
        """Whether this person's own right reaches at least as far as ``reached``: nobody gives more than they hold."""
        if "." in operation:
            return self.may(model, operation)
        own = self.granted.get((model, operation), frozenset())
        return self.is_platform or "" in own or (bool(reached) and reached <= own)

    def sees_addon(self, addon: str) -> bool:
        """Whether the addon is enabled here; the kernel always is."""
        return addon == "kernel" or addon in self.enabled

    def criterion(self, model: type[Model], operation: str, scope: Scope) -> ColumnElement[bool] | None:
        """The rows that ``operation`` reaches, as SQL; None means all of them."""
        key = model.__model_key__
        reached = self.granted.get((key, operation), frozenset())
        parts: list[ColumnElement[bool]] = []
        if not self.is_platform and "" not in reached:
            parts.append(or_(false(), *(scopes[name](model, scope) for name in sorted(reached))))
        parts.extend(scopes[name](model, scope) for name in self.restrictions.get(key, ()))
        return and_(true(), *parts) if parts else None

    def require(self, model: type[Model], operation: str, session: Session, record: Model | None = None) -> None:
        """Raise `NotFound` when the addon is off here, `Forbidden` when nothing permits ``operation`` (on
        ``record``).
        """
        scope = current_scope(session)
        if scope is None or scope.is_system:
            return
        if not self.sees_addon(model.__model_key__.split(".")[0]):
            raise NotFound(_l("This page does not exist."))
        if not self.may(model, operation):
            raise Forbidden(_l("You do not have the right to do this."))
        criterion = self.criterion(model, operation, scope)
        if criterion is None or record is None or not record.is_stored:
            return
        with session.no_autoflush:
            if session.scalar(select(model.id).where(model.id == record.id, criterion)) is None:
                raise Forbidden(_l("You do not have the right to do this with this record."))


def access_for(session: Session, user_id: int, institution_id: int, day: date) -> Access:
    """The rights of ``user_id`` in ``institution_id`` on ``day``, cached until rights change."""
    return cached(
        session, ("access", user_id, institution_id, day), lambda: _work_out(session, user_id, institution_id, day)
    )


def _work_out(session: Session, user_id: int, institution_id: int, day: date) -> Access:
    enabled = enabled_addons(institution_id, session)
    known = {role.code for role in registry().roles if role.addon == "kernel" or role.addon in enabled}
    known |= own_roles(session, institution_id).keys()
    roles = frozenset(
        grant.role
        for grant in grants_of(session, user_id)
        if grant.institution_id == institution_id
        and grant.holds_on(day)
        and (grant.addon is None or grant.addon in enabled)
        and grant.role in known
    )
    rows = rows_in_force(session, institution_id)
    granted: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for role in roles:
        for (model, operation), reached in role_rights(session, role, institution_id).items():
            granted[model, operation] |= reached
    restrictions: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.is_restriction:
            restrictions[row.model].append(row.scope)
    is_platform = is_platform_administrator(session, user_id)
    return Access(
        user_id,
        institution_id,
        roles,
        {key: frozenset(value) for key, value in granted.items()},
        {key: tuple(value) for key, value in restrictions.items()},
        frozenset(enabled),
        is_platform,
        _named_columns(session, institution_id, rows),
        bool(roles_with_second_factor(session, institution_id) & (roles | {ADMINISTRATOR} if is_platform else roles)),
    )


def rows_in_force(session: Session, institution_id: int) -> list[AccessRow]:
    """The rows of access.csv that count in the institution: those of its addons about models of its addons."""
    enabled = enabled_addons(institution_id, session)
    return cached(
        session,
        ("rows in force", institution_id, enabled),
        lambda: [row for row in registry().access_rows if _in_force(row, enabled)],
    )


def _in_force(row: AccessRow, enabled: frozenset[str]) -> bool:
    owners = {row.addon, row.model.split(".")[0]} - {"kernel"}
    return owners <= enabled


def shipped_rights(role: str, rows: Iterable[AccessRow] | None = None) -> Rights:
    """What ``role`` may do before any institution changed it: (model, operation) → scopes."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows if rows is not None else registry().access_rows:
        if row.role == role:
            for operation in row.operations:
                found[row.model, operation].add(row.scope)
    return {key: frozenset(value) for key, value in found.items()}


def role_rights(session: Session, role: str, institution_id: int) -> Rights:
    """What ``role`` may do in the institution: the shipped rights with the institution's overrides laid over them."""
    rows = rows_in_force(session, institution_id)
    rights, changes = shipped_rights(role, rows), overrides_of(session, institution_id).get(role, {})
    for key, reached in changes.items():
        if reached is None or (reached and reached not in scopes):  # a scope that went with its addon reaches nothing
            rights.pop(key, None)
        else:
            rights[key] = frozenset({reached})
    allowed = {key: reached is not None for key, reached in changes.items()}
    settle_columns(rights, rows, _named_columns(session, institution_id, rows), allowed)
    return rights


Changes = Mapping[tuple[str, str], str | None]
"""The cells that an institution changed: (model, operation) → the scope of the rows it reaches, None for forbidden."""


def overrides_of(session: Session, institution_id: int) -> dict[str, Changes]:
    """The changed cells of the institution by role."""

    def look_up() -> dict[str, Changes]:
        found: defaultdict[str, dict[tuple[str, str], str | None]] = defaultdict(dict)
        for row in session.scalars(select(AccessOverride).where(AccessOverride.institution_id == institution_id)):
            found[row.role][row.model, row.operation] = row.scope if row.allowed else None
        return dict(found)

    return cached(session, ("overrides", institution_id), look_up)


def _named_columns(session: Session, institution_id: int, rows: list[AccessRow]) -> frozenset[tuple[str, str]]:
    changes = overrides_of(session, institution_id).values()
    return named_columns(rows, (key for changed in changes for key in changed))


def row_criteria(access: Access, scope: Scope) -> tuple[Any, ...]:
    """Loader criteria for the models of which this person reads only some rows."""
    options = []
    for key, model in models.items():
        partly = (key, "read") in access.granted and "" not in access.granted[key, "read"] and not access.is_platform
        if partly or key in access.restrictions:
            criterion = access.criterion(model, "read", scope)
            if criterion is not None:
                options.append(with_loader_criteria(model, criterion, include_aliases=True))
    return tuple(options)


def current_access() -> Access:
    """The rights of whoever the present request or command acts for. Raises RuntimeError when nobody was named."""
    access: Access | None = g.get("access") if has_app_context() else None
    if access is None:
        raise RuntimeError("nobody is acting: enter an institution first")
    return access


def access_of(user_id: int) -> Access:
    """What another person may do today in the active institution: for work that is given to them."""
    session = db.session()
    scope = current_scope(session)
    if scope is None:
        raise NoActiveInstitution("rights need an institution")
    return access_for(session, user_id, scope.institution_id, clock.today(scope.timezone))


def require(model: type[Model], operation: str, session: Session, record: Model | None = None) -> None:
    """Check a right inside a service; `as_system` lifts it."""
    scope = current_scope(session)
    if scope is not None and scope.is_system:
        return
    current_access().require(model, operation, session, record)
