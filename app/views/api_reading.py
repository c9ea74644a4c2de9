"""Reading through the REST API: lists, records, choices of links, kept filters."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request
from flask_appbuilder.api import BaseApi, expose
from werkzeug.exceptions import BadRequest as UnreadableJson
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response

from app.database.base import Versioned
from app.database.session import db
from app.errors import BadRequest, NotFound
from app.i18n import lazy_gettext as _l
from app.records.saved_filter import saved_filter
from app.views import listing
from app.views.api_query import COMPARISONS, comparison, list_arguments, natural, read_query, text_of
from app.views.choices import choices
from app.views.fields import Field, field_of
from app.views.list_filters import PERIODS, arguments_of
from app.views.model_view import ModelView


class ReadingApi(BaseApi):
    """Lists and records of one model; the columns are those of its screens."""

    view: ClassVar[ModelView]
    csrf_exempt = False
    allow_browser_login = True

    @expose("/_info", methods=["GET"])
    def info(self) -> Response:
        """What can be sent and asked, and which of it this person may
        ---
        get:
          responses:
            200:
              description: Columns with their types, filters and permissions
            401:
              $ref: '#/components/responses/401'
        """
        self._enter("read")
        view = self.view
        names = (
            "read",
            "create",
            "write",
            "archive",
            *(step.name for step in getattr(view.model, "__transitions__", ())),
        )
        return self.response(
            200,
            permissions=[name for name in names if view.may(name)],
            add_columns=[self._described(field) for field in view.fields("add")] if view.may_add else [],
            edit_columns=[self._described(field) for field in view.fields("edit")] if view.may_edit else [],
            add_title=str(view.title),
            edit_title=str(view.title),
            filters={
                name: [{"name": operator, "operator": operator} for operator in COMPARISONS]
                for name in self._filterable()
            },
            where=[name.removeprefix("f_") for field in view.fields("filter") for name in arguments_of(field)],
            periods=list(PERIODS),
        )

    @expose("/", methods=["GET"])
    def get_list(self) -> Response:
        """A page of records; ``q`` is Rison with filters, order_column, order_direction, page, page_size, columns,
        search
        ---
        get:
          parameters:
          - in: query
            name: q
            schema:
              type: string
          responses:
            200:
              description: The records
            400:
              $ref: '#/components/responses/400'
            401:
              $ref: '#/components/responses/401'
            403:
              $ref: '#/components/responses/403'
        """
        self._enter("read")
        wish = read_query()
        page = self._find(wish)
        fields = self._wanted(wish, "list")
        return self.response(
            200,
            count=page.count,
            ids=[record.id for record in page.records],
            list_columns=[field.name for field in fields],
            label_columns={field.name: str(field.label) for field in fields},
            list_title=str(self.view.plural),
            count_is_capped=page.is_capped,
            has_next=page.has_next,
            order_columns=list(self.view.allowed_order),
            result=[self._row(record, fields) for record in page.records],
        )

    @expose("/<int:pk>", methods=["GET"])
    def get(self, pk: int) -> Response:
        """One record
        ---
        get:
          parameters:
          - in: path
            name: pk
            schema:
              type: integer
          responses:
            200:
              description: The record
            404:
              $ref: '#/components/responses/404'
        """
        self._enter("read")
        record = self.view.load(pk)
        fields = self._wanted(read_query(), "show")
        return self.response(
            200,
            id=record.id,
            show_columns=[field.name for field in fields],
            label_columns={field.name: str(field.label) for field in fields},
            show_title=str(self.view.title),
            result={**self._row(record, fields), **({} if "columns" in read_query() else self.view.lines_data(record))},
        )

    @expose("/related/<name>", methods=["GET"])
    def related(self, name: str) -> Response:
        """What a link of this model may point to; ``q`` is Rison with filter, page, page_size
        ---
        get:
          parameters:
          - in: path
            name: name
            schema:
              type: string
          responses:
            200:
              description: Choices as value and text
            404:
              $ref: '#/components/responses/404'
        """
        self._enter("read")
        fields = self.view.links()
        if name not in fields:
            raise NotFound(_l("This page does not exist."))
        wish = read_query()
        found = choices(fields[name].target, text_of(wish, "filter")[:100], natural(wish, "page", 0))
        return self.response(200, count=len(found), result=[{"value": pk, "text": text} for pk, text in found])

    # Helpers -----------------------------------------------------------------------------------------------------

    def _enter(self, operation: str) -> None:
        self.view._enter(operation)

    def _find(self, wish: dict[str, Any]) -> listing.Page:
        view = self.view
        arguments = self._arguments(wish)
        archived = wish.get("archived") is True
        statement = view.narrowed({**arguments, "q": arguments.get("q", "")}, archived=archived)
        filters = wish.get("filters", [])
        if not isinstance(filters, list) or len(filters) > 20:
            raise BadRequest(_l("The filters cannot be read."), code="bad_filter")
        fields = self._filterable()
        statement = statement.where(*(comparison(fields, view.model, item) for item in filters))
        sort = view.sort(self._order(wish, arguments))
        relations = view.relations(self._wanted(wish, "list"))
        size = natural(wish, "page_size", listing.PAGE_SIZE) or listing.LARGEST_PAGE
        number, after = natural(wish, "page", 0), natural(wish, "after", 0)
        page = listing.fetch_beyond(statement, sort, relations, number, size, (after, False)) if after else None
        return page or listing.fetch(statement.order_by(*sort.clauses()), view.model, relations, number, size)

    def _arguments(self, wish: dict[str, Any]) -> dict[str, str]:
        """What the list is narrowed by: a kept filter, and over it ``search`` and ``where``."""
        found: dict[str, str] = {}
        if number := natural(wish, "saved", 0):
            item = saved_filter(db.session(), self.view.key, number)
            if not self.view.understands(item):
                raise NotFound(_l("This filter does not exist, or it is not shared with you."))
            found |= item.arguments
        if words := text_of(wish, "search"):
            found["q"] = words
        return found | list_arguments(wish)

    def _order(self, wish: dict[str, Any], arguments: dict[str, str]) -> str:
        """The wish for an order as `ListPages.sort` reads it."""
        name = text_of(wish, "order_column")
        if not name:
            return arguments.get("order") or self.view.usual_order
        direction = wish.get("order_direction", "asc")
        if direction not in ("asc", "desc"):
            raise BadRequest(_l("The list cannot be sorted by that column."), code="bad_order")
        return f"-{name}" if direction == "desc" else name

    def _filterable(self) -> dict[str, Field]:
        view = self.view
        plain = (name for name in view.searched if "." not in name)
        names = ("id", *view.columns("filter"), *plain, *view.allowed_order)
        return {name: field_of(view.model, name) for name in dict.fromkeys(names)}

    def _wanted(self, wish: dict[str, Any], purpose: str) -> list[Field]:
        fields = [field_of(self.view.model, "id"), *self.view.fields(purpose)]
        if purpose == "show" and self.view.states():
            fields.append(field_of(self.view.model, "state"))
        if purpose == "show" and issubclass(self.view.model, Versioned):
            fields.append(field_of(self.view.model, "version"))
        wanted = wish.get("columns")
        if not wanted:
            return fields
        if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
            raise BadRequest(_l("The columns cannot be read."), code="bad_columns")
        known = {field.name: field for field in fields}
        if unknown := [name for name in wanted if name not in known]:
            raise BadRequest(_l("There is no column %(name)s here.", name=str(unknown[0])[:60]), code="bad_columns")
        return [known[name] for name in wanted]

    def _row(self, record: Any, fields: list[Field]) -> dict[str, Any]:
        row = {field.name: field.data(record) for field in fields}
        row.setdefault("id", record.id)
        return row

    def _body(self, *, optional: bool = False) -> dict[str, Any]:
        if optional and not request.get_data(cache=True):
            return {}
        try:
            body = request.get_json()
        except (UnreadableJson, UnsupportedMediaType, RecursionError):
            raise BadRequest(_l("The request must be a JSON object."), code="bad_json") from None
        if not isinstance(body, dict):
            raise BadRequest(_l("The request must be a JSON object."), code="bad_json")
        return body

    def _described(self, field: Field) -> dict[str, Any]:
        description: dict[str, Any] = {
            "name": field.name,
            "label": str(field.label),
            "description": str(field.help or ""),
            "type": {"text": "String", "moment": "DateTime", "relation": "Related"}.get(
                field.kind, field.kind.capitalize()
            ),
            "required": field.required,
        }
        if field.choices:
            description["validate"] = [
                {"choices": list(field.choices), "labels": [str(text) for text in field.choices.values()]}
            ]
        if field.max_length:
            description.setdefault("validate", []).append({"max": field.max_length})
        return description
