"""Which roles a person has, where and when: from role assignments and from the providers that addons register."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.cache import cached
from app.access.role_assignment import RoleAssignment
from app.database.scope import across_institutions
from app.registry.extensions import addon_of

PLATFORM_ADMINISTRATOR = "Admin"
"""The only role kept in Flask-AppBuilder's own table."""


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role in an institution between two inclusive dates (None is open); ``origin`` tells where it comes from."""

    institution_id: int
    role: str
    date_from: date | None
    date_to: date | None
    origin: str = ""
    addon: str | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the grant is in force on ``day``."""
        return (self.date_from is None or self.date_from <= day) and (self.date_to is None or day <= self.date_to)


Provider = Callable[[Session, int], Iterable[RoleGrant]]
_providers: list[tuple[str | None, Provider]] = []


def role_provider(provider: Provider) -> Provider:
    """Register ``provider(reader, user_id)``, asked with a read-only session over all institutions."""
    _providers.append((addon_of(provider.__module__), provider))
    return provider


MemberProvider = Callable[[Session, int], Iterable[int]]
_member_providers: list[MemberProvider] = []


def member_provider(provider: MemberProvider) -> MemberProvider:
    """Register ``provider(reader, institution_id)``, which names the ids of people who belong there without a role."""
    _member_providers.append(provider)
    return provider


TitleProvider = Callable[[Session, date], Iterable[tuple[int, str]]]
_title_providers: list[tuple[str | None, TitleProvider]] = []


def title_provider(provider: TitleProvider) -> TitleProvider:
    """Register ``provider(session, day)``, which names what people are in the active institution: (user id, title)."""
    _title_providers.append((addon_of(provider.__module__), provider))
    return provider


def titles_on(session: Session, day: date, enabled: frozenset[str]) -> dict[int, list[str]]:
    """What people are in the active institution on ``day``, such as their positions, by user id."""
    found: dict[int, list[str]] = {}
    for addon, provider in _title_providers:
        for user_id, title in provider(session, day) if addon is None or addon in enabled else ():
            found.setdefault(user_id, []).append(title)
    return found


def members_of(session: Session, institution_id: int) -> frozenset[int]:
    """The ids of everybody who belongs to the institution, by a role or by what the providers name."""

    def collect() -> frozenset[int]:
        assigned = select(RoleAssignment.user_id).where(RoleAssignment.institution_id == institution_id)
        found = set(session.scalars(assigned))
        with across_institutions(session, "people whom a position brings to an institution") as reader:
            for provider in _member_providers:
                found.update(provider(reader, institution_id))
        return frozenset(found)

    return cached(session, ("members", institution_id), collect)


def grants_of(session: Session, user_id: int) -> tuple[RoleGrant, ...]:
    """Every role grant of a person in every institution, past and future ones included."""
    return cached(session, ("grants", user_id), lambda: _collect(session, user_id))


def _collect(session: Session, user_id: int) -> tuple[RoleGrant, ...]:
    found = [
        RoleGrant(row.institution_id, row.role, row.date_from, row.date_to, "assignment")
        for row in session.scalars(select(RoleAssignment).where(RoleAssignment.user_id == user_id))
    ]
    with across_institutions(session, "roles that a person's positions carry") as reader:
        for _addon, provider in _providers:
            found.extend(provider(reader, user_id))
    return tuple(found)


def is_platform_administrator(session: Session, user_id: int) -> bool:
    """Whether the person may configure the platform itself, in every institution."""

    def look_up() -> bool:
        user = session.get(User, user_id)
        return user is not None and any(role.name == PLATFORM_ADMINISTRATOR for role in user.roles)

    return cached(session, ("platform", user_id), look_up)
