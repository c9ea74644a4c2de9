"""Kept filters through the REST API."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.api import expose
from werkzeug.wrappers import Response

from app.database.session import db
from app.errors import Invalid
from app.i18n import lazy_gettext as _l
from app.records.saved_filter import SavedFilter, drop_filter, keep_filter, saved_filters
from app.views.api_reading import ReadingApi


class SavedFiltersApi(ReadingApi):
    """The filters that people keep of the list of one model."""

    @expose("/filters", methods=["GET"])
    def saved_filters(self) -> Response:
        """The kept filters that this person may use; ``saved`` of a list takes the id
        ---
        get:
          responses:
            200:
              description: Filters with name, sharing and what they narrow the list to
        """
        self._enter("read")
        found = [item for item in saved_filters(db.session(), self.view.key) if self.view.understands(item)]
        return self.response(200, count=len(found), result=[_told(item) for item in found])

    @expose("/filters", methods=["POST"])
    def keep_filter(self) -> Response:
        """Keep a filter: name, arguments, and for whom (own, role or institution)
        ---
        post:
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
          responses:
            201:
              description: Kept
            403:
              $ref: '#/components/responses/403'
            422:
              $ref: '#/components/responses/422'
        """
        self._enter("read")
        body = self._body()
        arguments, texts = body.get("arguments"), {name: body.get(name, "") for name in ("name", "role")}
        if not isinstance(arguments, dict) or not all(isinstance(text, str) for text in texts.values()):
            raise Invalid(_l("Some values cannot be accepted."), {"arguments": [_l("Not of the right type.")]})
        page, sharing = body.get("page", "list"), body.get("sharing", "own")
        found = keep_filter(db.session(), self.view.key, texts["name"], page, arguments, sharing, texts["role"])
        self.view.narrowed(found.arguments)
        if not self.view.understands(found):
            raise Invalid(_l("These filters cannot be kept."))
        return self.response(201, id=found.id, result=_told(found))

    @expose("/filters/<int:filter_id>", methods=["DELETE"])
    def drop_filter(self, filter_id: int) -> Response:
        """Forget a kept filter
        ---
        delete:
          parameters:
          - in: path
            name: filter_id
            schema:
              type: integer
          responses:
            200:
              description: Gone
            404:
              $ref: '#/components/responses/404'
        """
        self._enter("read")
        drop_filter(db.session(), self.view.key, filter_id)
        return self.response(200, message="OK")


def _told(item: SavedFilter) -> dict[str, Any]:
    """A kept filter for programs."""
    names = ("id", "name", "page", "arguments", "sharing", "role")
    return {**{name: getattr(item, name) for name in names}, "is_mine": item.is_mine}
