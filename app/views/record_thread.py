"""The thread of a record: messages, changes and planned activities in one place, loaded after the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import flash, g, redirect, request
from flask.json import jsonify
from flask_appbuilder import expose
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from app.access.access import require
from app.database.session import db
from app.errors import Conflict, Invalid
from app.i18n import lazy_gettext as _l
from app.i18n.formats import today_here
from app.i18n.typed import read_day
from app.records.audit_entry import history_of
from app.thread import activities, messages
from app.thread.event import ThreadEvent
from app.thread.readers import people_here, readers_of, titles_here
from app.views import listing
from app.views.file_events import file_events
from app.views.history import HistoryLine, names_of, readable_history
from app.views.screen import Screen
from app.views.words import search_words

MOST_PEOPLE = 10


@dataclass(frozen=True, slots=True)
class ThreadItem:
    """A message, a change of the record or what an addon tells, for the page."""

    at: datetime
    person: str
    text: Markup | None = None
    change: HistoryLine | None = None
    event: ThreadEvent | None = None
    id: int | None = None


class RecordThread(Screen):
    """Messages, mentions, followers and activities; who may read the record reads and writes its thread."""

    @expose("/<int:pk>/timeline")
    def timeline(self, pk: int) -> str:
        """The thread of the record."""
        self._enter("read")
        return self._timeline(self.load(pk))

    @expose("/<int:pk>/messages", methods=["POST"])
    def write_message(self, pk: int) -> Any:
        """Write a message."""
        self._enter("read")
        record, text = self.load(pk), request.form.get("text", "")
        try:
            messages.post_message(db.session(), record, text)
        except Invalid as refusal:
            return self._refuse_part(pk, refusal, typed=text)
        return self._thread_answer(record, _l("The message was written."))

    @expose("/<int:pk>/follow", methods=["POST"])
    def follow(self, pk: int) -> Any:
        """Follow the record, or stop."""
        self._enter("read")
        record, follows = self.load(pk), request.form.get("follow") == "1"
        messages.set_following(db.session(), record, follows)
        told = _l("You follow this record.") if follows else _l("You no longer follow this record.")
        return self._thread_answer(record, told)

    @expose("/<int:pk>/activities", methods=["POST"])
    def plan_activity(self, pk: int) -> Any:
        """Plan an activity."""
        self._enter("read")
        record = self.load(pk)
        try:
            summary, person = request.form.get("summary", ""), request.form.get("assignee", "")
            deadline = read_deadline(request.form.get("deadline", ""), today_here())
            activities.plan_activity(db.session(), record, summary, deadline, listing.whole_number(person, 0))
        except Invalid as refusal:
            return self._refuse_part(pk, refusal, planned_typed=request.form)
        return self._thread_answer(record, _l("The activity was planned."))

    @expose("/<int:pk>/activities/<int:activity_id>/<outcome>", methods=["POST"])
    def settle_activity(self, pk: int, activity_id: int, outcome: str) -> Any:
        """Say that an activity is done or cancelled."""
        self._enter("read")
        record = self.load(pk)
        try:
            activities.settle_activity(db.session(), record, activity_id, outcome)
        except Conflict as refusal:
            return self._refuse_part(pk, refusal)
        return self._thread_answer(record, _l("The activity is settled."))

    @expose("/<int:pk>/people")
    def people(self, pk: int) -> Response:
        """People who may be mentioned or given an activity: those who may read the record, by name or position."""
        self._enter("read")
        record = self.load(pk)
        require(type(record), "read", db.session(), record)
        words = [word.casefold() for word in search_words(request.args.get("q", ""), 5)]
        titles = {user_id: ", ".join(found) for user_id, found in titles_here().items()}
        found: list[dict[str, Any]] = []
        for user in people_here():
            name, title = user.get_full_name(), titles.get(user.id, "")
            is_fitting = all(word in f"{name} {title}".casefold() for word in words)
            if is_fitting and len(found) < MOST_PEOPLE and readers_of(record, [user.id]):
                found.append({"value": user.id, "text": name, "title": title})
        return jsonify(found)

    def thread_items(self, record: Any) -> list[ThreadItem]:
        """Besides messages: the record's changes and files, unless `thread_events` tells its story."""
        events = self.thread_events(record)
        if events is not None:
            return [ThreadItem(event.at, event.person, event=event) for event in events]
        changes = readable_history(self, history_of(db.session(), record))
        files = file_events(db.session(), [record]) if self.attachments else []
        return [
            *(ThreadItem(line.at, line.person, change=line) for line in changes),
            *(ThreadItem(event.at, event.person, event=event) for event in files),
        ]

    def thread_events(self, record: Any) -> list[ThreadEvent] | None:
        """The story of ``record`` with what belongs to it, for views that tell more than its own changes."""
        return None

    # Helpers -----------------------------------------------------------------------------------------------------

    def _timeline(self, record: Any, **values: Any) -> str:
        session = db.session()
        planned = activities.activities_of(session, record)
        followers = messages.followers_of(session, record)
        people = {person for item in planned for person in (item.assignee_id, item.settled_by_id)} | set(followers)
        template = self.render_template(
            "parts/timeline.html",
            view=self,
            record=record,
            items=self._items(record),
            planned=planned,
            names=names_of(people),
            followers=followers,
            follows=g.user.id in followers,
            today=today_here(),
            **values,
        )
        return str(template)

    def _items(self, record: Any) -> list[ThreadItem]:
        session = db.session()
        written = messages.messages_of(session, record)
        names = names_of({person for item in written for person in (item.created_by_id, *item.mentions)})
        found = [
            ThreadItem(
                item.created_at, names.get(item.created_by_id or 0, ""), text=_with_mentions(item, names), id=item.id
            )
            for item in written
        ]
        found += self.thread_items(record)
        return sorted(found, key=lambda item: item.at, reverse=True)

    def _thread_answer(self, record: Any, told: Any) -> Any:
        """The thread anew: for the page's script its part, without one a page of its own."""
        if _is_part():
            return self._timeline(record, told=told)
        flash(told, "success")
        return redirect(self.url("timeline", pk=record.id))

    def _refuse_part(self, pk: int, refusal: Any, **typed: Any) -> Any:
        db.session.rollback()
        if _is_part():
            return self._timeline(self.load(pk), problem=refusal.message, **typed), refusal.status
        # Without a script the thread is a page of its own, with what was typed.
        record = self.load(pk)
        thread = Markup(self._timeline(record, problem=refusal.message, **typed))  # noqa: S704  # by our own template
        page = self.render_template("thread_page.html", view=self, record=record, thread=thread)
        return page, refusal.status


def _is_part() -> bool:
    return request.headers.get("X-Part") == "thread"


def read_deadline(text: str, today: date | None = None) -> date:
    """The day that a person typed; with ``today`` also “besok” and the like. Raises `Invalid`."""
    try:
        day = read_day(text, today)
    except ValueError:
        message = _l("Not a date. Write it like %(example)s.", example="3 Maret 2025")
        raise Invalid(message, {"deadline": [message]}) from None
    if not 1900 <= day.year <= 2200:
        message = _l("The year must be between 1900 and 2200.")
        raise Invalid(message, {"deadline": [message]})
    return day


def _with_mentions(message: Any, names: dict[int, str]) -> Markup:
    """The text of ``message``, escaped, with the mentioned names marked."""
    text = escape(message.text)
    for person in message.mentions:
        if name := names.get(person):
            mark = Markup('<b class="mention">@{}</b>').format(name)
            text = Markup(text.replace(escape(f"@{name}"), mark))  # noqa: S704  # both parts are escaped
    return text
