"""The description of the API (OpenAPI) for whoever asks: resources of addons that are off here are not in it."""

from __future__ import annotations

from flask import current_app
from flask_appbuilder.api import BaseApi, expose
from flask_appbuilder.api.manager import OpenApi as AppBuilderOpenApi
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.errors import NotFound
from app.i18n import lazy_gettext as _l


class OpenApi(AppBuilderOpenApi):
    """Flask-AppBuilder's own describes every resource of the process."""

    @expose("/<version>/_openapi")
    def get(self, version: str) -> Response:
        """The OpenAPI description of a version
        ---
        get:
          parameters:
          - in: path
            name: version
            schema:
              type: string
          responses:
            200:
              description: The description
            404:
              $ref: '#/components/responses/404'
        """
        apis = [item for item in current_app.extensions["appbuilder"].baseviews if isinstance(item, BaseApi)]
        if version not in {item.version for item in apis}:
            raise NotFound(_l("This page does not exist."))
        description = self._create_api_spec(version)
        for item in apis:
            if item.version == version and _is_here(item):
                item.add_api_spec(description)
        return self.response(200, **description.to_dict())


def _is_here(api: BaseApi) -> bool:
    view = getattr(api, "view", None)
    return view is None or current_access().sees_addon(view.key.split(".")[0])
