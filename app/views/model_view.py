"""Generated screens: a declaration of columns gives list, record, add, edit, archive, search, files, history, menu and
API.
"""

from __future__ import annotations

from typing import Any

from flask_appbuilder import AppBuilder, expose

from app.database.base import Model, models, snake_case
from app.database.session import db
from app.errors import AddonError
from app.records import attachment
from app.registry.extensions import addon_of
from app.views import operations
from app.views.board import BoardPage
from app.views.calendar_page import CalendarPage
from app.views.chosen_records import ChosenRecords
from app.views.fields import field_of
from app.views.figures import FigurePages
from app.views.list_export import ListExport
from app.views.list_settings import ListSettings
from app.views.quick_edit import QuickEdit
from app.views.record_files import RecordFiles, attach_files
from app.views.record_forms import RecordForms
from app.views.record_parts import RecordParts
from app.views.record_thread import RecordThread
from app.views.screen import Related, view_of, views

__all__ = ["ModelView", "Related", "attach_files", "register_model_views", "view_of", "views"]

_declared: list[type[ModelView]] = []


def declared_searches() -> list[tuple[type[Model], tuple[str, ...]]]:
    """The models with a list, and by what it is searched: `sync` lays an index for each."""
    return [
        (view.model, (*view.search_columns, *operations.added("search", view.model.__model_key__)))
        for view in _declared
    ]


class ModelView(
    ListSettings,
    ListExport,
    BoardPage,
    CalendarPage,
    FigurePages,
    ChosenRecords,
    QuickEdit,
    RecordForms,
    RecordFiles,
    RecordParts,
    RecordThread,
):
    """The screens of one model. Subclasses declare; they hold no code.

    Column names are attributes of the model; links are named by their relationship. Nothing undeclared is shown,
    searched,
    sorted, filtered or accepted.
    """

    default_view = "list_page"

    def __init_subclass__(cls) -> None:
        """Remember the declaration; it is registered when the application is built."""
        if "model" in vars(cls):
            _declared.append(cls)

    @expose("/<int:pk>")
    def show(self, pk: int) -> str:
        """The record page."""
        self._enter("read")
        return self.show_page(self.load(pk))

    def show_values(self, record: Any) -> dict[str, Any]:
        """What ``show_template`` needs beside the record; views with a template of their own override it."""
        return {}

    def show_page(self, record: Any, **values: Any) -> str:
        """The page of ``record``; ``values`` take the place of `show_values`, for a page shown again after a
        refusal.
        """
        files = attachment.attachments_of(db.session(), record) if self.attachments else []
        values = values or self.show_values(record)
        return str(
            self.render_template(
                self.show_template, view=self, record=record, fields=self.fields("show"), files=files, **values
            )
        )


def register_model_views(appbuilder: AppBuilder) -> None:
    """Give every declared view its addresses and its REST twin. Raises `AddonError` listing what does not exist."""
    from app.views.api import register_api

    problems = []
    for declared in _declared:
        addon = addon_of(declared.__module__) or "kernel"
        declared.route_base = f"/{addon}/{declared.resource or snake_case(declared.model.__name__)}"
        view = declared()
        views[view.key] = view
        appbuilder.add_view_no_menu(view, endpoint=f"{addon}_{snake_case(declared.model.__name__)}")
        if declared.resource:
            register_api(appbuilder, view)
        problems.extend(_missing(view))
    shown = {key: {*view.form_columns, *(view.add_columns or ()), *view.list_columns} for key, view in views.items()}
    problems.extend(operations.problems(shown))
    if problems:
        raise AddonError("\n".join(problems))


def _missing(view: ModelView) -> list[str]:
    """One sentence per declared column that the model does not have."""
    found = []
    declared = (
        *(name for mode in view.modes for name in mode.needs),
        *view.list_columns,
        *view.form_columns,
        *view.filter_columns,
        *view.order_columns,
        *(view.show_columns or ()),
    )
    for name in dict.fromkeys(declared):
        try:
            field_of(view.model, name)
        except AddonError as error:
            found.append(str(error))
    found.extend(f"{view.key}: the tab {tab.model} does not exist." for tab in view.related if tab.model not in models)
    for lines in view.lines:
        for name in (lines.relation, *lines.columns, *((lines.order,) if lines.order else ())):
            try:
                field_of(models[lines.model], name)
            except (AddonError, KeyError):
                found.append(f"{view.key}: the lines {lines.name} have no {lines.model}.{name}.")
    return found
