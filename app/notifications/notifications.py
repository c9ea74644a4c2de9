"""Telling people what happened, and what one person was told. Everybody reads their own only."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from textwrap import shorten
from typing import Any

from flask import current_app
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.access.access import access_for
from app.access.acting import institutions, institutions_of
from app.database.scope import Scope, current_scope
from app.database.session import WRITES_OWN_INSTITUTION, db
from app.database.text import is_storable
from app.errors import AddonError, NoActiveInstitution, NotFound
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.mail.outbox import LONGEST_SUBJECT, send_mail
from app.notifications.notification import LONGEST_ADDRESS, LONGEST_KEY, LONGEST_TEXT, Notification
from app.notifications.notification_preference import NotificationPreference
from app.prints.printed import official_language
from app.registry.enablement import enabled_addons
from app.registry.extensions import addon_of

PAGE_SIZE = 30
_OWN_WRITE = {WRITES_OWN_INSTITUTION: True, "synchronize_session": False}


def notify(people: Iterable[int], text: Any, url: str | None = None, key: str | None = None) -> int:
    """Tell ``people`` (user ids) of the active institution something; how many were told.

    ``text`` is a lazy translation; ``url`` a path of the application. With ``key`` nobody is told twice, whatever
    becomes of the first. Whoever has no role here today is left out. Raises `AddonError` for an address that leads
    elsewhere.
    """
    addon = addon_of(sys._getframe(1).f_globals["__name__"]) or "kernel"
    session, scope = db.session(), _scope()
    _check(url, key)
    if addon != "kernel" and addon not in enabled_addons(scope.institution_id, session):
        return 0
    with official_language():
        words = shorten(str(text), LONGEST_TEXT, placeholder=" …")
    if not words or not is_storable(words):
        raise AddonError(f"{addon}: a notification needs a text.")
    here = [person for person in dict.fromkeys(people) if scope.institution_id in institutions_of(person)]
    told = [person for person in here if _write(session, scope, person, addon, words, url or "", key)]
    _mail_copies(session, told, words, url or "")
    return len(told)


def _scope() -> Scope:
    scope = current_scope(db.session())
    if scope is None:
        raise NoActiveInstitution("notifications belong to an institution")
    return scope


def _check(url: str | None, key: str | None) -> None:
    from app.views.urls import local_target

    if url and (len(url) > LONGEST_ADDRESS or local_target(url) is None):
        raise AddonError(f"The address {url!r} of a notification is no path of the application.")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise AddonError(f"The key {key!r} of a notification is empty or too long.")


def _write(session: Session, scope: Scope, person: int, addon: str, text: str, url: str, key: str | None) -> bool:
    # Nothing is read back: whoever tells somebody something may not read what that person was told.
    statement = insert(Notification).values(
        institution_id=scope.institution_id,
        user_id=person,
        addon=addon,
        text=text,
        url=url,
        key=key,
        created_at=clock.now(),
    )
    options = {**_OWN_WRITE, "preserve_rowcount": True}
    answer: Any = session.execute(statement.inline().on_conflict_do_nothing(), execution_options=options)
    return int(answer.rowcount) == 1


def _mail_copies(session: Session, people: list[int], text: str, url: str) -> None:
    wanted = select(User).join(NotificationPreference, NotificationPreference.user_id == User.id)
    wanted = wanted.where(User.id.in_(people), User.active, NotificationPreference.by_mail)
    for user in session.scalars(wanted) if people else ():
        base = current_app.config["SETTINGS"].base_url
        with official_language():
            foot = _("You get this mail because you asked for it: %(link)s", link=f"{base}/kernel/notifications/")
        body = f"{text}\n\n{base}{url}\n\n{foot}" if url else f"{text}\n\n{foot}"
        send_mail(session, to=user.email, subject=shorten(text, LONGEST_SUBJECT, placeholder=" …"), body=body)


# What one person was told ---------------------------------------------------------------------------------------------


def _own() -> ColumnElement[bool]:
    """The rows of the present person from the kernel and the addons that are on."""
    scope = _scope()
    if scope.user_id is None:
        raise NotFound(_l("This page does not exist."))
    zone = institutions()[scope.institution_id][2]
    enabled = access_for(db.session(), scope.user_id, scope.institution_id, clock.today(zone)).enabled
    return and_(Notification.user_id == scope.user_id, Notification.addon.in_(["kernel", *sorted(enabled)]))


def unread_count() -> int:
    """How many notifications the present person has not read."""
    wanted = select(func.count()).select_from(Notification).where(_own(), Notification.read_at.is_(None))
    return db.session().scalar(wanted) or 0


def my_notifications(*, unread: bool = False, before: int | None = None, limit: int = PAGE_SIZE) -> list[Notification]:
    """The present person's notifications, newest first, older than the one with the id ``before``."""
    wanted = select(Notification).where(_own()).order_by(Notification.id.desc()).limit(limit)
    if unread:
        wanted = wanted.where(Notification.read_at.is_(None))
    if before is not None:
        wanted = wanted.where(Notification.id < before)
    return list(db.session().scalars(wanted))


def mark_read(pk: int, *, read: bool = True) -> Notification:
    """Say that the present person has (not) read the notification ``pk``. Raises `NotFound` for anybody else's."""
    found = db.session().scalar(select(Notification).where(_own(), Notification.id == pk))
    if found is None:
        raise NotFound(_l("There is no such notification."))
    if (found.read_at is not None) != read:
        found.read_at = clock.now() if read else None
    db.session().flush()
    return found


def mark_all_read() -> int:
    """Say that the present person has read everything; how many were not read."""
    changed = update(Notification).where(_own(), Notification.read_at.is_(None)).values(read_at=clock.now())
    changed = changed.where(Notification.institution_id == _scope().institution_id)
    answer: Any = db.session().execute(changed, execution_options=_OWN_WRITE)
    return int(answer.rowcount)


def wants_mail() -> bool:
    """Whether the present person gets a copy by mail in this institution."""
    row = _preference()
    return row is not None and row.by_mail


def choose_mail(by_mail: bool) -> None:
    """Have copies sent to the present person by mail, or not."""
    row = _preference()
    if row is None:
        row = NotificationPreference(user_id=_scope().user_id)
        db.session().add(row)
    row.by_mail = by_mail
    db.session().flush()


def _preference() -> NotificationPreference | None:
    wanted = select(NotificationPreference).where(NotificationPreference.user_id == _scope().user_id)
    return db.session().scalar(wanted)


def forget_words(session: Session, words: Iterable[str]) -> int:
    """Remove the notifications of the institution that quote ``words`` of an erased person; how many went."""
    scope = current_scope(session)
    count = 0
    for word in words:
        gone = delete(Notification).where(
            Notification.institution_id == (scope.institution_id if scope else 0),
            Notification.text.icontains(word, autoescape=True),
        )
        answer: Any = session.execute(gone, execution_options=_OWN_WRITE)
        count += answer.rowcount
    return count
