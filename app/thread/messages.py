"""Messages on a record, whom they mention, and who follows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.access.access import require
from app.database.base import Model
from app.database.scope import current_scope
from app.database.session import WRITES_OWN_INSTITUTION
from app.errors import Forbidden, Invalid
from app.i18n import lazy_gettext as _l
from app.notifications.notifications import notify
from app.records.free_text import has_words, read_text
from app.records.transitions import Transition
from app.registry.hooks import on
from app.thread.readers import name_of, people_here, readers_of
from app.thread.record_follower import RecordFollower
from app.thread.record_message import RecordMessage

LONGEST = 5000
MOST_SHOWN = 200


def post_message(session: Session, record: Model, text: Any) -> RecordMessage:
    """Write ``text`` into the thread of ``record``; whom it mentions and who follows are told.

    Raises `Forbidden`, or `Invalid` for an empty or too long message and for a mention of somebody who may not read the
    record.
    """
    require(type(record), "read", session, record)
    text = read_text(text, "text", longest=LONGEST)
    if not has_words(text):
        message = _l("Write a message of at most %(longest)d signs.", longest=LONGEST)
        raise Invalid(message, {"text": [message]})
    mentioned = mentioned_in(text, people_here()) if "@" in text else []
    _refuse_strangers(record, mentioned)
    written = RecordMessage(
        model=record.__model_key__, record_id=record.id, text=text, mentions=[user.id for user in mentioned]
    )
    session.add(written)
    session.flush()
    author = own_id(session)
    follow(session, record, [author, *written.mentions], again=False)
    _tell(session, record, written, author)
    return written


def mentioned_in(text: str, people: Iterable[User]) -> list[User]:
    """The people whom ``text`` names behind an ``@``: by full name or by user name, the longest that fits."""
    names = [(name.casefold(), user) for user in people for name in (user.get_full_name(), user.username) if name]
    names.sort(key=lambda pair: len(pair[0]), reverse=True)
    found: dict[int, User] = {}
    for part in text.casefold().split("@")[1:]:
        user = next(
            (user for name, user in names if part.startswith(name) and not part[len(name) :][:1].isalnum()), None
        )
        if user is not None:
            found[user.id] = user
    return list(found.values())


def _refuse_strangers(record: Model, mentioned: list[User]) -> None:
    allowed = set(readers_of(record, [user.id for user in mentioned]))
    if strangers := [user.get_full_name() for user in mentioned if user.id not in allowed]:
        message = _l("%(people)s may not read this record and cannot be mentioned here.", people=", ".join(strangers))
        raise Invalid(message, {"text": [message]})


def _tell(session: Session, record: Model, message: RecordMessage, author: int) -> None:
    url = address_of(record, f"message-{message.id}")
    # Not the words themselves: who loses the right to read the record keeps the notice, and may have it as mail.
    about = {"person": name_of(session, author), "record": str(record)}
    mentioned = _l("%(person)s mentions you in a message: %(record)s", **about)
    notify([person for person in message.mentions if person != author], mentioned, url)
    others = set(followers_of(session, record)) - {author, *message.mentions}
    notify(readers_of(record, sorted(others)), _l("%(person)s wrote a message: %(record)s", **about), url)


def messages_of(session: Session, record: Model) -> list[RecordMessage]:
    """The newest messages of ``record``, newest first."""
    own = (RecordMessage.model == record.__model_key__, RecordMessage.record_id == record.id)
    return list(session.scalars(select(RecordMessage).where(*own).order_by(RecordMessage.id.desc()).limit(MOST_SHOWN)))


# Followers ------------------------------------------------------------------------------------------------------------


def followers_of(session: Session, record: Model) -> list[int]:
    """The ids of those who follow: who said so, wrote or was mentioned, and who made the record."""
    own = (RecordFollower.model == record.__model_key__, RecordFollower.record_id == record.id)
    told = {row.user_id: row.follows for row in session.scalars(select(RecordFollower).where(*own))}
    maker = getattr(record, "created_by_id", None)
    if maker is not None:
        told.setdefault(maker, True)
    return [person for person, follows in told.items() if follows]


def follow(session: Session, record: Model, people: Iterable[int], *, again: bool = True, follows: bool = True) -> None:
    """Let ``people`` follow ``record``, or no more; without ``again`` whoever stopped is left alone."""
    scope = current_scope(session)
    rows = [
        {
            "institution_id": scope.institution_id if scope else 0,
            "model": record.__model_key__,
            "record_id": record.id,
            "user_id": person,
            "follows": follows,
        }
        for person in dict.fromkeys(people)
    ]
    statement = insert(RecordFollower).values(rows)
    key = ["institution_id", "model", "record_id", "user_id"]
    if again:
        statement = statement.on_conflict_do_update(index_elements=key, set_={"follows": follows})
    else:
        statement = statement.on_conflict_do_nothing(index_elements=key)
    session.execute(statement, execution_options={WRITES_OWN_INSTITUTION: True})


def set_following(session: Session, record: Model, follows: bool) -> None:
    """The present person follows ``record``, or no more. Raises `Forbidden` who may not read it."""
    require(type(record), "read", session, record)
    follow(session, record, [own_id(session)], follows=follows)


def own_id(session: Session) -> int:
    """The present person. Raises `Forbidden` for commands, which are nobody."""
    scope = current_scope(session)
    if scope is None or scope.user_id is None:
        raise Forbidden(_l("You do not have the right to do this."))
    return scope.user_id


def address_of(record: Model, item: str = "") -> str | None:
    """The page of ``record``, if it has one, at the ``item`` of its thread."""
    from app.views.model_view import view_of

    view = view_of(type(record))
    return view.path_of(record.id) + (f"#{item}" if item else "") if view is not None else None


@on("kernel.after_transition")
def tell_followers(record: Any, transition: Transition) -> None:
    """Who follows a record is told that its state moved."""
    from app.database.session import db

    session = db.session()
    scope = current_scope(session)
    url = address_of(record)
    if url is None or scope is None:
        return
    others = [person for person in followers_of(session, record) if person != scope.user_id]
    if others:
        words = _l("%(record)s: %(step)s", record=str(record), step=transition.label)
        notify(readers_of(record, others), words, url)
