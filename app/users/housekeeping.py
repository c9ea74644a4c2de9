"""What is forgotten each night: ended sessions, old attempts, links nobody used."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.i18n import lazy_gettext as _l
from app.jobs.declared import job
from app.users.invitations import forget_old_invitations
from app.users.password_links import forget_old_links
from app.users.sessions import forget_old_sessions
from app.users.throttle import forget_old_attempts


@job(
    "kernel.prune_sign_ins",
    title=_l("Forget ended sessions and old links"),
    reason="they belong to no institution",
    every="15 3 * * *",
    runs="platform",
)
def prune_sign_ins(session: Session) -> None:
    """Nothing that is removed here opened anything any more."""
    forget_old_sessions(session)
    forget_old_attempts(session)
    forget_old_links(session)


@job(
    "kernel.prune_invitations",
    title=_l("Forget invitations that nobody answered"),
    reason="nobody answers them any more",
    every="20 3 * * *",
    runs="institutions",
)
def prune_invitations(session: Session) -> None:
    """Half a year after their links ended."""
    forget_old_invitations(session)
