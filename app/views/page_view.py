"""Pages of an addon that are not a model's screens, such as a case or "my work"."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Response
from flask_appbuilder import AppBuilder, BaseView, expose

from app.access.access import current_access
from app.database.base import Model, snake_case
from app.errors import Forbidden, NotFound
from app.i18n import lazy_gettext as _l
from app.prints.printed import Printed, answer_with
from app.registry.extensions import addon_of

route = expose
"""Give a method of a `PageView` an address below the view's own."""

_declared: list[type[PageView]] = []


class PageView(BaseView):
    """A group of pages under ``/<addon>/<path>``; each begins with ``self.enter(...)``."""

    path: ClassVar[str] = ""

    def __init_subclass__(cls, *, abstract: bool = False) -> None:
        """Remember the view; it is registered when the application is built. An ``abstract`` one has no address."""
        if not abstract:
            _declared.append(cls)

    @property
    def addon(self) -> str:
        """The addon this page belongs to."""
        return addon_of(type(self).__module__) or "kernel"

    def enter(self, model: type[Model] | None = None, operation: str = "read") -> None:
        """Refuse with 404 where the addon is off, and with 403 without the right ``operation`` on ``model``."""
        access = current_access()
        if not access.sees_addon(self.addon):
            raise NotFound(_l("This page does not exist."))
        if model is not None and not access.may(model, operation):
            raise Forbidden(_l("You do not have the right to do this."))

    def render(self, template: str, **values: Any) -> str:
        """Render ``template`` of the addon (``<addon>/<name>.html``)."""
        return str(self.render_template(template, view=self, **values))

    def print_out(self, printed: Printed) -> Response:
        """Hand out ``printed``: a PDF opens in the browser, everything else is saved."""
        return answer_with(printed)


def endpoint_of(view: type[PageView]) -> str:
    """The name under which the pages of ``view`` are known: ``correspondence_incoming_book``."""
    return f"{addon_of(view.__module__) or 'kernel'}_{snake_case(view.__name__)}"


def register_page_views(appbuilder: AppBuilder) -> None:
    """Give every declared page its address."""
    for declared in _declared:
        addon = addon_of(declared.__module__) or "kernel"
        declared.route_base = f"/{addon}/{declared.path or snake_case(declared.__name__)}"
        appbuilder.add_view_no_menu(declared(), endpoint=endpoint_of(declared))
