"""The REST twin of every screen, under ``/api/v1/<resource>/``, with Flask-AppBuilder's list/get/post/put
conventions.
"""

from __future__ import annotations

from flask_appbuilder import AppBuilder

from app.registry.extensions import addon_of
from app.views.api_writing import WritingApi
from app.views.model_view import ModelView
from app.views.thread_api import ThreadApi


class ModelApi(WritingApi, ThreadApi):
    """List, get, post, put, archive and transitions of one model; the columns are those of its screens."""


def register_api(appbuilder: AppBuilder, view: ModelView) -> None:
    """Register the API of ``view`` under ``/api/v1/<resource>/``."""
    name = f"{type(view).__name__}Api"
    members = {
        "view": view,
        "resource_name": view.resource,
        "openapi_spec_tag": addon_of(type(view).__module__) or "kernel",
    }
    appbuilder.add_view_no_menu(type(name, (ModelApi,), members)(), endpoint=f"api_{view.resource}")
