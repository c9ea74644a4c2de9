"""Why somebody may or may not do something: which role, which row of access.csv, which change decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.access.access import Access, access_for
from app.access.access_override import AccessOverride
from app.access.administration import people_here, scope_here
from app.access.column_rights import column_operations
from app.access.grants import RoleGrant, grants_of
from app.access.rows import AccessRow
from app.access.scopes import scope_titles
from app.database.base import models
from app.database.scope import Scope
from app.errors import NotFound
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.i18n.formats import format_date, format_moment
from app.records.transitions import transitions_of
from app.registry.enablement import registry
from app.registry.loader import operations_of
from app.registry.roles import role_choices


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence; ``effect`` is ``allows``, ``forbids`` or ``""`` for what only tells."""

    text: str
    effect: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer with its reasons in the order in which they were weighed."""

    allowed: bool
    reasons: list[Reason]


def explain(session: Session, user_id: int, model: str, operation: str, record_id: int | None = None) -> Explanation:
    """Why the person may or may not do ``operation`` with records of ``model`` in the active institution, today; with
    ``record_id``, whether the scopes reach that one and its state allows it.

    Raises `NotFound` for a person of another institution, an unknown model or operation; `Forbidden` without the right
    to see people's roles.
    """
    person = next((item for item in people_here(session) if item.id == user_id), None)
    if person is None:
        raise NotFound(_l("This person does not exist, or you may not see them."))
    if model not in models or operation not in (*operations_of(model), *column_operations(models[model])):
        raise NotFound(_l("There is no such right."))
    scope = scope_here(session)
    access = access_for(session, user_id, scope.institution_id, clock.today(scope.timezone))
    reasons = [*_person_reasons(person), *_addon_reasons(model, access.enabled)]
    if access.is_platform:
        reasons.append(Reason(_("Administers the platform and may do everything where the addon is on."), "allows"))
    grants = [grant for grant in grants_of(session, user_id) if grant.institution_id == scope.institution_id]
    if not grants:
        reasons.append(Reason(_("Has no role in this institution.")))
    for grant in sorted(grants, key=lambda item: item.role):
        reasons.extend(_grant_reasons(session, grant, model, operation, access.roles))
    reasons.extend(_restriction_reasons(model, access.enabled))
    allowed = bool(person.active) and access.may(model, operation)
    if record_id is not None:
        reached, reason = _record_reason(session, access, models[model], operation, record_id)
        reasons.append(reason)
        allowed = allowed and reached
    return Explanation(allowed, reasons)


def _record_reason(session: Session, access: Access, model: Any, operation: str, record_id: int) -> tuple[bool, Reason]:
    """Whether ``operation`` reaches the record, by its scopes and by its state."""
    here = scope_here(session)
    person = Scope(here.institution_id, access.user_id, here.readable, here.timezone)
    known = select(model).where(model.id == record_id) if 0 < record_id < 2**31 else None
    record = session.scalar(known) if known is not None else None
    if record is None:
        raise NotFound(_l("This record does not exist, or you may not see it."))
    kinds = dict.fromkeys(("read", operation.partition(".")[0]))
    criteria = [access.criterion(model, kind, person) for kind in kinds]
    conditions = [item for item in criteria if item is not None]
    if conditions and session.scalar(select(model.id).where(model.id == record_id, *conditions)) is None:
        return False, Reason(_("The scopes do not reach the record “%(record)s”.", record=record), "forbids")
    step = next((item for item in transitions_of(model) if item.name == operation), None)
    if step is not None and record.state not in step.from_states:
        return False, Reason(_("The state of the record “%(record)s” does not allow it.", record=record), "forbids")
    return True, Reason(_("The record “%(record)s” is reached.", record=record))


def _person_reasons(person: User) -> Iterator[Reason]:
    if not person.active:
        yield Reason(_("The account is switched off; nobody can sign in with it."), "forbids")


def _addon_reasons(model: str, enabled: frozenset[str]) -> Iterator[Reason]:
    addon = model.split(".", maxsplit=1)[0]
    if addon != "kernel" and addon not in enabled:
        title = _(registry().manifests[addon].title)
        yield Reason(_("The addon “%(addon)s” is off in this institution.", addon=title), "forbids")


def _grant_reasons(
    session: Session, grant: RoleGrant, model: str, operation: str, in_force: frozenset[str]
) -> Iterator[Reason]:
    scope = scope_here(session)
    title = role_choices(scope.institution_id, session).get(grant.role, grant.role)
    origin = _("given") if grant.origin == "assignment" else _("comes with a position")
    if not grant.holds_on(clock.today(scope.timezone)) or grant.role not in in_force:
        days = " – ".join(format_date(day) if day else "…" for day in (grant.date_from, grant.date_to))
        yield Reason(
            _("Role “%(role)s” (%(origin)s) is not in force today: %(days)s.", role=title, origin=origin, days=days)
        )
        return
    yield Reason(_("Role “%(role)s” (%(origin)s) is in force today.", role=title, origin=origin))
    rows = [row for row in registry().access_rows if row.role == grant.role and row.model == model]
    override = session.scalar(
        select(AccessOverride).where(
            AccessOverride.institution_id == scope.institution_id,
            AccessOverride.role == grant.role,
            AccessOverride.model == model,
            AccessOverride.operation == operation,
        )
    )
    shipped = [row for row in rows if operation in row.operations]
    yield from _cell_reasons(session, title, shipped, override)


def _cell_reasons(
    session: Session, title: str, shipped: list[AccessRow], override: AccessOverride | None
) -> Iterator[Reason]:
    decided = override is None
    for row in shipped:
        reach = _("all rows") if not row.scope else _("only rows of the scope %(scope)s", scope=row.scope)
        text = _("Row %(row)s ships it to the role “%(role)s”: %(reach)s.", row=row.id, role=title, reach=reach)
        yield Reason(text, "allows" if decided else "")
    if not shipped:
        yield Reason(_("No row ships it to the role “%(role)s”.", role=title))
    if override is not None:
        who = session.get(User, override.changed_by_id) if override.changed_by_id else None
        words: dict[str, Any] = {
            "role": title,
            "person": who.get_full_name() if who else _("System"),
            "moment": format_moment(override.changed_at),
        }
        if override.allowed and override.scope:
            words["scope"] = str(scope_titles.get(override.scope, override.scope))
            text = _("%(person)s gave it to the role “%(role)s” here on %(moment)s, for %(scope)s.", **words)
            yield Reason(text, "allows")
        elif override.allowed:
            yield Reason(_("%(person)s gave it to the role “%(role)s” here on %(moment)s.", **words), "allows")
        else:
            yield Reason(_("%(person)s took it from the role “%(role)s” here on %(moment)s.", **words), "forbids")


def _restriction_reasons(model: str, enabled: frozenset[str]) -> Iterator[Reason]:
    for row in registry().access_rows:
        if row.is_restriction and row.model == model and row.addon in enabled:
            yield Reason(_("Row %(row)s narrows it for everybody to the scope %(scope)s.", row=row.id, scope=row.scope))
