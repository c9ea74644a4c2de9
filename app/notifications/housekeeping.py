"""Old notifications go by themselves."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from app import clock
from app.database.scope import current_scope
from app.database.session import WRITES_OWN_INSTITUTION
from app.i18n import lazy_gettext as _l
from app.jobs.declared import job
from app.notifications.notification import Notification

KEPT_READ = timedelta(days=90)
KEPT = timedelta(days=365)


@job(
    "kernel.prune_notifications",
    title=_l("Forget old notifications"),
    reason="old news go, whoever was told them",
    every="50 2 * * *",
)
def prune_notifications(session: Session) -> None:
    """Ninety days of what was read, a year of what was not."""
    scope, now = current_scope(session), clock.now()
    old = delete(Notification).where(
        Notification.institution_id == (scope.institution_id if scope else 0),
        or_(Notification.read_at < now - KEPT_READ, Notification.created_at < now - KEPT),
    )
    session.execute(old, execution_options={WRITES_OWN_INSTITUTION: True, "synchronize_session": False})
