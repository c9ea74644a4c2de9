"""Settings of addons for programs: ``/api/v1/settings/``, with the rights of the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import request
from flask_appbuilder.api import BaseApi, expose
from werkzeug.exceptions import BadRequest as UnreadableJson
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.database.session import db
from app.errors import BadRequest, Forbidden, Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.registry.addon_enablement import AddonEnablement
from app.settings.administration import Held, addons_with_settings, change_settings, held, row_of


class SettingsApi(BaseApi):
    """What holds in the active institution, and setting it."""

    resource_name = "settings"
    openapi_spec_tag = "kernel"
    csrf_exempt = False
    allow_browser_login = True

    @expose("/", methods=["GET"])
    def get_list(self) -> Response:
        """Every setting of the enabled addons with what holds here
        ---
        get:
          responses:
            200:
              description: The settings
            401:
              $ref: '#/components/responses/401'
            403:
              $ref: '#/components/responses/403'
        """
        _enter("read")
        names = addons_with_settings(db.session())
        return self.response(200, result=[_row(item) for name in names for item in held(db.session(), name)])

    @expose("/<addon>", methods=["GET"])
    def get(self, addon: str) -> Response:
        """The settings of one addon; ``version`` can be sent along with a change
        ---
        get:
          parameters:
          - in: path
            name: addon
            schema:
              type: string
          responses:
            200:
              description: The settings
            404:
              $ref: '#/components/responses/404'
        """
        _enter("read")
        return self._answer(addon)

    @expose("/<addon>", methods=["PUT"])
    def put(self, addon: str) -> Response:
        """Set some: ``{"values": {key: value}, "default": [keys], "version": text}``, of which each may be left out
        ---
        put:
          parameters:
          - in: path
            name: addon
            schema:
              type: string
          requestBody:
            content:
              application/json:
                schema:
                  type: object
          responses:
            200:
              description: What holds now
            403:
              $ref: '#/components/responses/403'
            404:
              $ref: '#/components/responses/404'
            409:
              description: Somebody else changed them in the meantime
            422:
              $ref: '#/components/responses/422'
        """
        _enter("write")
        body = _body()
        declared = {item.setting.key: item.setting for item in held(db.session(), addon)}
        values, dropped = body.get("values", {}), body.get("default", [])
        if not isinstance(values, dict) or not isinstance(dropped, list):
            raise BadRequest(_l("The request cannot be read."), code="bad_settings")
        typed, errors = {}, {}
        for key, value in values.items():
            if key not in declared:
                raise NotFound(_l("There is no setting %(name)s.", name=f"{addon}.{key[:60]}"))
            try:
                typed[key] = None if value is None else declared[key].typed(value)
            except (ValueError, TypeError):
                errors[key] = [_l("Not a valid value.")]
        if errors:
            raise Invalid(_l("Some values cannot be accepted."), errors)
        keys = [str(key)[:60] for key in dropped]
        change_settings(db.session(), addon, typed, to_default=keys, seen=_version(body))
        return self._answer(addon)

    def _answer(self, addon: str) -> Response:
        found = [_row(item) for item in held(db.session(), addon)]
        return self.response(200, result=found, version=row_of(db.session(), addon).changed_at.isoformat())


def _enter(operation: str) -> None:
    if not current_access().may(AddonEnablement, operation):
        raise Forbidden(_l("You do not have the right to do this."))


def _row(item: Held) -> dict[str, Any]:
    declared = item.setting
    return {
        "name": declared.name,
        "kind": declared.kind,
        "label": str(declared.label),
        "value": declared.stored(item.value),
        "default": declared.stored(declared.default),
        "changed": item.is_changed,
    }


def _body() -> dict[str, Any]:
    try:
        body = request.get_json()
    except (UnreadableJson, UnsupportedMediaType, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise BadRequest(_l("The request must be a JSON object."), code="bad_json")
    if unknown := sorted(body.keys() - {"values", "default", "version"}):
        raise BadRequest(_l("There is no column %(name)s here.", name=unknown[0][:60]), code="bad_columns")
    return body


def _version(body: dict[str, Any]) -> datetime | None:
    if "version" not in body:
        return None
    try:
        return datetime.fromisoformat(str(body["version"]))
    except ValueError:
        raise BadRequest(_l("The request cannot be read."), code="bad_settings") from None
