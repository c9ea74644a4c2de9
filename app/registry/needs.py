"""What needs an addon in an institution just now: asked before it is switched off there or retired."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database.scope import current_scope
from app.records.external_id import ExternalId
from app.registry.enablement import enabled_addons
from app.registry.extensions import addon_of

Need = Callable[[Session, str], Iterable[str]]

_needs: list[tuple[str | None, Need]] = []


def addon_need(function: Need) -> Need:
    """Register a function that tells what running work of the active institution needs an addon.

    It is called with the session and the addon's name, and yields one sentence for each thing that would be left
    without it. Only the functions of addons that are on in the institution are asked.
    """
    _needs.append((addon_of(function.__module__), function))
    return function


def needs_of(session: Session, institution_id: int, addon: str) -> list[str]:
    """What needs ``addon`` in the institution, which is the active one of ``session``."""
    enabled = enabled_addons(institution_id, session)
    if addon not in enabled:
        return []
    return [
        str(sentence)
        for owner, function in _needs
        if owner is None or owner in enabled
        for sentence in function(session, addon)
    ]


def brought_ids(session: Session, addon: str, model: str) -> set[int]:
    """The ids of the records of ``model`` that the data files of ``addon`` brought to the active institution."""
    scope = current_scope(session)
    return set(
        session.scalars(
            select(ExternalId.record_id).where(
                ExternalId.addon == addon,
                ExternalId.model == model,
                ExternalId.institution_id.in_(scope.readable if scope else ()),
            )
        )
    )
