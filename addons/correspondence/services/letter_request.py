"""A letter that asks for something becomes a request: it is answered within the promised time."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from addons.correspondence.models.letter import Letter
from addons.procedures.models.request import Request
from addons.procedures.models.request_channel import RequestChannel
from app.addon import Conflict, as_system, clock, current_scope, db, local, record_action, service_of
from app.addon import lazy_gettext as _l

LETTER_CHANNEL = "letter"


@record_action("correspondence.Letter", "make_request", _l("Make a request of it"), icon="inbox", in_list=True)
def make_request(letters: list[Any]) -> Any:
    """Enter the request of each letter, with its sender, subject and case."""
    made = [request_from(letter) for letter in letters]
    if len(made) == 1:
        return _l("Request %(number)s was entered.", number=made[0].number)
    words = {"count": len(made), "first": made[0].number, "last": made[-1].number}
    return _l("%(count)s requests were entered: %(first)s to %(last)s.", **words)


def request_from(letter: Letter) -> Request:
    """The request of ``letter``. Raises `Conflict` when it was made before."""
    if letter.request is not None:
        message = _l("This letter is request %(number)s already.", number=letter.request.number)
        raise Conflict(message, code="has_request")
    request: Request = service_of(Request).create(
        {
            "channel": _channel(),
            "title": letter.subject,
            "sender_name": letter.sender_name,
            "partner": letter.sender,
            "received_at": _received_at(letter),
            "case": letter.case if letter.case is not None and letter.case.state == "open" else None,
        }
    )
    letter.request = request
    db.session.flush()
    return request


def _channel() -> RequestChannel:
    with as_system(db.session(), "the channel of a letter is known, whoever may read channels"):
        statement = select(RequestChannel).where(RequestChannel.active, RequestChannel.code == LETTER_CHANNEL)
        found = db.session.scalar(statement.limit(1))
    if found is None:
        raise Conflict(_l("There is no channel for letters."), code="no_channel")
    return found


def _received_at(letter: Letter) -> datetime:
    """When the letter was registered, if that was on the day of its receipt; else the beginning of that day."""
    if letter.created_at is not None and local(letter.created_at).date() == letter.received_on:
        return letter.created_at
    scope = current_scope(db.session())
    zone = ZoneInfo(scope.timezone if scope else "Asia/Jakarta")
    return min(clock.now(), datetime.combine(letter.received_on, time(0), zone))
