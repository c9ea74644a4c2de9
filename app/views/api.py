"""The REST twin of every screen, under ``/api/v1/<resource>/``, with Flask-AppBuilder's list/get/post/put
conventions.
"""

from __future__ import annotations

from typing import Any, ClassVar

import prison
from flask import request
from flask_appbuilder import AppBuilder
from flask_appbuilder.api import BaseApi, expose
from prison.decoder import ParserException
from sqlalchemy import String, cast
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest as UnreadableJson
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response

from app.database.base import Versioned
from app.database.text import is_storable
from app.errors import BadRequest, Forbidden, Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.records.service import service_of
from app.records.transitions import Transition
from app.registry.extensions import addon_of
from app.views import listing
from app.views.choices import choices
from app.views.fields import Field, field_of
from app.views.forms import make_form, posted, values_of
from app.views.model_view import ModelView
from app.views.record_lines import save_lines
from app.views.text_search import search
from app.views.thread_api import ThreadApi

COMPARISONS: dict[str, Any] = {
    "eq": lambda column, value: column == value,
    "neq": lambda column, value: column != value,
    "gt": lambda column, value: column > value,
    "lt": lambda column, value: column < value,
    "ct": lambda column, value: cast(column, String).icontains(value, autoescape=True),
    "nct": lambda column, value: ~cast(column, String).icontains(value, autoescape=True),
    "sw": lambda column, value: cast(column, String).istartswith(value, autoescape=True),
    "ew": lambda column, value: cast(column, String).iendswith(value, autoescape=True),
    "rel_o_m": lambda column, value: column == value,
}
"""The operators of FAB's ``filters``, by its names."""


class ModelApi(ThreadApi, BaseApi):
    """List, get, post, put, archive and transitions of one model; the columns are those of its screens."""

    view: ClassVar[ModelView]
    csrf_exempt = False
    allow_browser_login = True

    # Reading ---------------------------------------------------------------------------------------------------

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
        wish = self._wish()
        page = self._find(wish)
        fields = self._wanted(wish, "list")
        return self.response(
            200,
            count=page.count,
            ids=[record.id for record in page.records],
            list_columns=[field.name for field in fields],
            label_columns={field.name: str(field.label) for field in fields},
            list_title=str(self.view.plural),
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
        fields = self._wanted(self._wish(), "show")
        return self.response(
            200,
            id=record.id,
            show_columns=[field.name for field in fields],
            label_columns={field.name: str(field.label) for field in fields},
            show_title=str(self.view.title),
            result={**self._row(record, fields), **({} if "columns" in self._wish() else self.view.lines_data(record))},
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
        fields = {
            field.name: field
            for field in (*self.view.fields("add"), *self.view.fields("edit"), *self.view.fields("filter"))
        }
        if name not in fields or fields[name].kind not in {"relation", "relations"}:
            raise NotFound(_l("This page does not exist."))
        wish = self._wish()
        found = choices(fields[name].target, _text(wish, "filter")[:100], _natural(wish, "page", 0))
        return self.response(200, count=len(found), result=[{"value": pk, "text": text} for pk, text in found])

    # Writing ---------------------------------------------------------------------------------------------------

    @expose("/", methods=["POST"])
    def post(self) -> Response:
        """A new record
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
              description: Stored
            409:
              description: It clashes with what is stored
            422:
              $ref: '#/components/responses/422'
        """
        self._enter("create")
        if not self.view.may_add:
            raise Forbidden(_l("Records of this kind are not created directly."), code="not_created_directly")
        lines = self.view.lines_of_json("add", None, self._body())
        form, fields, given = self._read_form("add", None, {item.name for item in lines})
        # What was not sent is left to the defaults of the model, a switch too.
        record = self.view.service.create(values_of(form, fields, given), {})
        save_lines(lines, record)
        return self.response(201, id=record.id, result=self._row(record, self._wanted({}, "show")))

    @expose("/<int:pk>", methods=["PUT"])
    def put(self, pk: int) -> Response:
        """Change some columns of a record; with ``version``, only if nobody saved a newer one
        ---
        put:
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
            200:
              description: Stored
            404:
              $ref: '#/components/responses/404'
            409:
              description: It clashes with what is stored
            422:
              $ref: '#/components/responses/422'
        """
        self._enter("write")
        record = self.view.load(pk)
        if not self.view.may_edit:
            raise Forbidden(_l("Records of this kind are not changed directly."), code="not_changed_directly")
        lines = self.view.lines_of_json("edit", record, self._body())
        form, fields, given = self._read_form("edit", record, {item.name for item in lines})
        version = self._body().get("version")
        if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
            raise Invalid(_l("Some values cannot be accepted."), {"version": [_l("Not of the right type.")]})
        record = self.view.service.update(record, values_of(form, fields, given), version)
        save_lines(lines, record)
        return self.response(200, result=self._row(record, self._wanted({}, "show")))

    @expose("/<int:pk>", methods=["DELETE"])
    def delete(self, pk: int) -> Response:
        """Archive a record: nothing is deleted
        ---
        delete:
          parameters:
          - in: path
            name: pk
            schema:
              type: integer
          responses:
            200:
              description: Archived
            404:
              $ref: '#/components/responses/404'
        """
        self._enter("archive")
        self.view.service.archive(self.view.load(pk))
        return self.response(200, message="OK")

    @expose("/<int:pk>/do/<name>", methods=["POST"])
    def do(self, pk: int, name: str) -> Response:
        """Take a transition or an action, such as ``confirm``
        ---
        post:
          parameters:
          - in: path
            name: pk
            schema:
              type: integer
          - in: path
            name: name
            schema:
              type: string
          responses:
            200:
              description: The record in its new state
            409:
              description: Its state does not allow it
        """
        self._enter("read")
        record = self.view.load(pk)
        service = service_of(self.view.model)
        handler = getattr(service, "act", None)
        body = self._body(optional=True)
        if any(action.name == name for action in self.view.actions(record)):
            service.run_action(name, [record])
        elif handler is not None:
            record = handler(record, name, body)
        elif service.find_transition(name).asks:
            record = service.transition(record, name, self._asked(service.find_transition(name), body))
        else:
            record = service.transition(record, name)
        return self.response(200, id=record.id, result=self._row(record, self._wanted({}, "show")))

    @expose("/<int:pk>/unmask", methods=["POST"])
    def unmask(self, pk: int) -> Response:
        """One record with its personal data; who asked is written down
        ---
        post:
          parameters:
          - in: path
            name: pk
            schema:
              type: integer
          responses:
            200:
              description: The record
            403:
              $ref: '#/components/responses/403'
            404:
              $ref: '#/components/responses/404'
        """
        record = self.view.unmasked(pk)
        return self.response(200, id=record.id, result=self._row(record, self._wanted({}, "show")))

    # Helpers -----------------------------------------------------------------------------------------------------

    def _enter(self, operation: str) -> None:
        self.view._enter(operation)

    def _wish(self) -> dict[str, Any]:
        text = request.args.get("q")
        if not text:
            return {}
        try:
            wish = prison.loads(text[:5000])
        except (ParserException, ValueError, IndexError, TypeError, RecursionError):
            raise BadRequest(_l("The argument q is not valid Rison."), code="bad_rison") from None
        if not isinstance(wish, dict):
            raise BadRequest(_l("The argument q is not valid Rison."), code="bad_rison")
        return wish

    def _find(self, wish: dict[str, Any]) -> listing.Page:
        view = self.view
        statement = listing.base_statement(view.model, archived=wish.get("archived") is True)
        if wish.get("search"):
            statement = search(statement, view.model, view.searched, _text(wish, "search")[:200])
        filters = wish.get("filters", [])
        if not isinstance(filters, list) or len(filters) > 20:
            raise BadRequest(_l("The filters cannot be read."), code="bad_filter")
        for item in filters:
            statement = statement.where(self._comparison(item))
        statement = listing.order(
            statement, view.model, (*view.allowed_order, view.usual_order.removeprefix("-")), self._order(wish)
        )
        relations = view.relations(self._wanted(wish, "list"))
        size = _natural(wish, "page_size", listing.PAGE_SIZE)
        return listing.fetch(
            statement, view.model, relations, _natural(wish, "page", 0), listing.LARGEST_PAGE if size == 0 else size
        )

    def _order(self, wish: dict[str, Any]) -> str:
        """The wish for an order as `listing.order` reads it."""
        name = _text(wish, "order_column")
        if not name:
            return self.view.usual_order
        direction = wish.get("order_direction", "asc")
        if direction not in ("asc", "desc"):
            raise BadRequest(_l("The list cannot be sorted by that column."), code="bad_order")
        return f"-{name}" if direction == "desc" else name

    def _filterable(self) -> dict[str, Field]:
        view = self.view
        plain = (name for name in view.searched if "." not in name)
        names = ("id", *view.columns("filter"), *plain, *view.allowed_order)
        return {name: field_of(view.model, name) for name in dict.fromkeys(names)}

    def _comparison(self, item: Any) -> Any:
        fields = self._filterable()
        if not isinstance(item, dict):
            raise BadRequest(_l("The filters cannot be read."), code="bad_filter")
        name, operator, value = (item.get(key) for key in ("col", "opr", "value"))
        if not isinstance(name, str) or name not in fields or not isinstance(operator, str):
            raise BadRequest(_l("The filters cannot be read."), code="bad_filter")
        if operator not in COMPARISONS or not isinstance(value, (str, int, float)) or not is_storable(str(value)):
            raise BadRequest(_l("The filters cannot be read."), code="bad_filter")
        field = fields[name]
        column = getattr(self.view.model, field.key or field.name)
        if operator in {"ct", "nct", "sw", "ew"}:
            return COMPARISONS[operator](column, str(value))
        return COMPARISONS[operator](column, _typed(field, value))

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

    def _read_form(self, purpose: str, record: Any, apart: set[str]) -> tuple[Any, list[Field], set[str]]:
        apart = apart | ({"version"} if record is not None else set())
        body = {name: value for name, value in self._body().items() if name not in apart}
        body = self.view.without_locked(purpose, body)
        fields = self.view.fields(purpose)
        sent, errors = posted(body, fields)
        if not errors:
            given = [field for field in fields if field.name in body] if record is not None else fields
            form = self.view.form(purpose, record, sent)
            for field in fields:
                if field not in given:
                    del form[field.name]
            if form.validate():
                return form, given, set(body)
            errors = {name: list(texts) for name, texts in form.errors.items() if name}
        raise Invalid(_l("Some values cannot be accepted."), errors)

    def _asked(self, step: Transition, body: dict[str, Any]) -> dict[str, Any]:
        """What ``step`` asks for, read from ``body``. Raises `Invalid`."""
        _form, fields = self.view.step_form(step)
        sent, errors = posted(body, fields)
        form, _fields = self.view.step_form(step, sent)
        if errors or not form.validate():
            errors = errors or {name: list(texts) for name, texts in form.errors.items() if name}
            raise Invalid(_l("Some values cannot be accepted."), errors)
        return {name: value for name, value in values_of(form, fields).items() if name in body}

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


def _natural(wish: dict[str, Any], name: str, default: int) -> int:
    value = wish.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not -1 <= value < 2**31:
        raise BadRequest(_l("The page number cannot be read."), code="bad_page")
    return max(0, value)


def _text(wish: dict[str, Any], name: str) -> str:
    value = wish.get(name, "")
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise BadRequest(_l("The argument q is not valid Rison."), code="bad_rison")
    return str(value)


def _typed(field: Field, value: Any) -> Any:
    """The value of a filter as the column's type. Raises `BadRequest`."""
    if isinstance(value, bool) and field.kind == "boolean":
        return value
    kind = "integer" if field.kind == "relation" else field.kind
    form = make_form([Field(field.name, field.label, kind, False, None, field.choices)])
    filled = form(MultiDict({field.name: str(value)}))
    odd = isinstance(value, bool) or field.kind in {"boolean", "data"}
    if odd or not filled.validate() or filled[field.name].data is None:
        raise BadRequest(_l("The filter on %(column)s cannot be read.", column=field.label), code="bad_filter")
    return filled[field.name].data


def register_api(appbuilder: AppBuilder, view: ModelView) -> None:
    """Register the API of ``view`` under ``/api/v1/<resource>/``."""
    name = f"{type(view).__name__}Api"
    members = {
        "view": view,
        "resource_name": view.resource,
        "openapi_spec_tag": addon_of(type(view).__module__) or "kernel",
    }
    appbuilder.add_view_no_menu(type(name, (ModelApi,), members)(), endpoint=f"api_{view.resource}")
