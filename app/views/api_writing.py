"""Writing through the REST API: new records, changes, archiving, transitions and actions."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.api import expose
from werkzeug.wrappers import Response

from app.errors import Forbidden, Invalid
from app.i18n import lazy_gettext as _l
from app.records.service import service_of
from app.records.transitions import Transition
from app.views.api_filters import SavedFiltersApi
from app.views.fields import Field
from app.views.forms import posted, values_of
from app.views.record_lines import save_lines


class WritingApi(SavedFiltersApi):
    """Post, put, archive, transitions and personal data on request."""

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
        if any(action.name == name for action in self.view.actions()):
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
