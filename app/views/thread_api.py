"""The thread of a record for programs: messages and planned activities."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.api import BaseApi, expose
from werkzeug.wrappers import Response

from app.database.session import db
from app.errors import Invalid
from app.i18n import lazy_gettext as _l
from app.thread import activities, messages
from app.views.history import names_of
from app.views.record_thread import read_deadline


class ThreadApi(BaseApi):
    """Resources under a record; who may read the record reads and writes them."""

    @expose("/<int:pk>/messages", methods=["GET"])
    def messages(self, pk: int) -> Response:
        """The messages of a record, newest first
        ---
        get:
          parameters:
          - in: path
            name: pk
            schema:
              type: integer
          responses:
            200:
              description: The messages
            404:
              $ref: '#/components/responses/404'
        """
        found = messages.messages_of(db.session(), self._record(pk))
        names = names_of({item.created_by_id for item in found})
        return self.response(200, count=len(found), result=[_message(item, names) for item in found])

    @expose("/<int:pk>/messages", methods=["POST"])
    def write_message(self, pk: int) -> Response:
        """Write a message: ``{"text": "…"}``; ``@`` with a name mentions somebody
        ---
        post:
          parameters:
          - in: path
            name: pk
            schema:
              type: integer
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    text:
                      type: string
          responses:
            201:
              description: Written
            404:
              $ref: '#/components/responses/404'
            422:
              $ref: '#/components/responses/422'
        """
        written = messages.post_message(db.session(), self._record(pk), self._body().get("text", ""))
        return self.response(201, id=written.id, result=_message(written, names_of({written.created_by_id})))

    @expose("/<int:pk>/activities", methods=["GET"])
    def activities(self, pk: int) -> Response:
        """The planned activities of a record, the open ones first
        ---
        get:
          parameters:
          - in: path
            name: pk
            schema:
              type: integer
          responses:
            200:
              description: The activities
            404:
              $ref: '#/components/responses/404'
        """
        found = activities.activities_of(db.session(), self._record(pk))
        names = names_of({item.assignee_id for item in found})
        return self.response(200, count=len(found), result=[_activity(item, names) for item in found])

    @expose("/<int:pk>/activities", methods=["POST"])
    def plan_activity(self, pk: int) -> Response:
        """Plan an activity: ``summary``, ``deadline`` (a day) and ``assignee`` (the id of a person)
        ---
        post:
          parameters:
          - in: path
            name: pk
            schema:
              type: integer
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
          responses:
            201:
              description: Planned
            404:
              $ref: '#/components/responses/404'
            422:
              $ref: '#/components/responses/422'
        """
        record, body = self._record(pk), self._body()
        assignee, deadline = body.get("assignee"), body.get("deadline")
        if not isinstance(assignee, int) or isinstance(assignee, bool) or not 0 < assignee < 2**31:
            raise Invalid(_l("Some values cannot be accepted."), {"assignee": [_l("Not a valid choice.")]})
        day = read_deadline(deadline if isinstance(deadline, str) else "")
        planned = activities.plan_activity(db.session(), record, body.get("summary", ""), day, assignee)
        return self.response(201, id=planned.id, result=_activity(planned, names_of({assignee})))

    @expose("/<int:pk>/activities/<int:activity_id>/<outcome>", methods=["POST"])
    def settle_activity(self, pk: int, activity_id: int, outcome: str) -> Response:
        """Say that an activity is ``done`` or ``cancelled``
        ---
        post:
          parameters:
          - in: path
            name: pk
            schema:
              type: integer
          - in: path
            name: activity_id
            schema:
              type: integer
          - in: path
            name: outcome
            schema:
              type: string
          responses:
            200:
              description: Settled
            404:
              $ref: '#/components/responses/404'
            409:
              description: It is over already
        """
        settled = activities.settle_activity(db.session(), self._record(pk), activity_id, outcome)
        return self.response(200, id=settled.id, result=_activity(settled, names_of({settled.assignee_id})))

    def _record(self, pk: int) -> Any:
        view: Any = self.view
        view._enter("read")
        return view.load(pk)

    def _body(self, *, optional: bool = False) -> dict[str, Any]:
        raise NotImplementedError


def _message(item: Any, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": item.id,
        "text": item.text,
        "author": {"id": item.created_by_id, "name": names.get(item.created_by_id or 0, "")},
        "at": item.created_at.isoformat(),
        "mentions": item.mentions,
    }


def _activity(item: Any, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": item.id,
        "summary": item.summary,
        "deadline": item.deadline.isoformat(),
        "assignee": {"id": item.assignee_id, "name": names.get(item.assignee_id, "")},
        "outcome": item.outcome,
        "is_overdue": item.is_overdue,
        "settled_at": item.settled_at.isoformat() if item.settled_at else None,
    }
