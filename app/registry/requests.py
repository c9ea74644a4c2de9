"""Requests for the owner's agent: asked for, planned by it, confirmed or cancelled by the person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.access.access import current_access
from app.database.scope import current_scope
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.registry.addon_request import (
    ASKED,
    CANCELLED,
    COMMANDS,
    CONFIRMED,
    OPEN_STATES,
    PLANNED,
    RUNNING,
    AddonRequest,
)
from app.registry.manifest import NAME_PATTERN
from app.registry.presence import SECONDS_ALIVE
from app.registry.running_process import RunningProcess

_ASKING = 7_361_003
"""Two administrators who ask at once wait for each other here."""


def require_platform() -> None:
    """Addons are installed for all institutions: only who administers the platform may. Raises `Forbidden`."""
    if not current_access().is_platform:
        raise Forbidden(_l("You do not have the right to do this."))


def ask(session: Session, command: str, addon: str) -> AddonRequest:
    """Ask for ``command``; one that is under way for the same addon is given instead of a second one."""
    require_platform()
    if command not in COMMANDS or not NAME_PATTERN.fullmatch(addon):
        raise NotFound(_l("This page does not exist."))
    session.execute(select(func.pg_advisory_xact_lock(_ASKING)))
    under_way = select(AddonRequest).where(AddonRequest.addon == addon, AddonRequest.state.in_(OPEN_STATES))
    present = session.scalar(under_way.order_by(AddonRequest.id.desc()).limit(1))
    if present is not None and (present.command == command or present.state in {CONFIRMED, RUNNING}):
        return present
    if present is not None:
        present.state = CANCELLED
    scope = current_scope(session)
    request = AddonRequest(command=command, addon=addon, state=ASKED, asked_by_id=scope.user_id if scope else None)
    session.add(request)
    session.flush()
    return request


def request_of(session: Session, pk: int, *, locked: bool = False) -> AddonRequest:
    """The request ``pk``. Raises `NotFound`."""
    require_platform()
    statement = select(AddonRequest).where(AddonRequest.id == pk)
    request = session.scalar(statement.with_for_update() if locked else statement)
    if request is None:
        raise NotFound(_l("This record does not exist, or you may not see it."))
    return request


def confirm(session: Session, pk: int, *, typed: str = "", forced: bool = False) -> None:
    """Have what was planned done. Raises `Conflict` when it cannot be, `Invalid` when its confirmation is lacking."""
    request = request_of(session, pk, locked=True)
    if request.state != PLANNED or request.plan.get("refusals"):
        raise Conflict(_l("This request waits for no confirmation."), code="state")
    if request.command == "purge" and typed != request.addon:
        raise Invalid(_l("Type the addon's name to confirm that all its records are removed."))
    if request.plan.get("needs") and not forced:
        raise Invalid(_l("Running work needs this addon: confirm that you go on in spite of it."))
    request.state, request.forced = CONFIRMED, forced
    session.flush()


def cancel(session: Session, pk: int) -> None:
    """Take the request back. Raises `Conflict` when it is being carried out, or was."""
    request = request_of(session, pk, locked=True)
    if request.state not in {ASKED, PLANNED, CONFIRMED}:
        raise Conflict(_l("This request can no longer be cancelled."), code="state")
    request.state, request.finished_at = CANCELLED, func.now()
    session.flush()


def latest(session: Session, count: int = 10) -> list[AddonRequest]:
    """The newest requests."""
    return list(session.scalars(select(AddonRequest).order_by(AddonRequest.id.desc()).limit(count)))


def has_agent(session: Session) -> bool:
    """Whether an agent that carries requests out has been heard of just now."""
    recent: Any = RunningProcess.seen_at > func.now() - text(f"interval '{SECONDS_ALIVE} seconds'")
    return session.scalar(select(RunningProcess.id).where(RunningProcess.kind == "agent", recent).limit(1)) is not None
