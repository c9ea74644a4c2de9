"""What a record page loads after itself, and the papers it prints."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import expose
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.access.column_rights import is_masked, personal_columns, unmask
from app.access.disclosure import disclose, disclose_later, filled_personal_columns
from app.database.base import models
from app.database.session import db
from app.errors import NotFound
from app.i18n import lazy_gettext as _l
from app.prints.printed import Print, answer_with
from app.records.audit_entry import history_of
from app.views import listing
from app.views.fields import Field, field_of
from app.views.history import readable_history
from app.views.panels import panels_of
from app.views.screen import Related, Screen, views

WIDEST_TAB = 5
"""How many columns a tab shows; the list of the model has the others."""


class RecordParts(Screen):
    """History, tabs, panels, prints and personal data on request."""

    def shown_fieldsets(self, fields: list[Field], record: Any) -> list[tuple[Any, list[Field]]]:
        """``fields`` under their titles; what is wholly empty is left out, but for the first."""
        groups = self.in_fieldsets(self.fitting(fields, record))
        blank: tuple[Any, ...] = (None, "", [])
        filled = [item for item in groups[1:] if any(getattr(record, field.name) not in blank for field in item[1])]
        return [*groups[:1], *filled]

    @expose("/<int:pk>/print/<name>")
    def print_out(self, pk: int, name: str) -> Response:
        """A paper made of the record."""
        self._enter("read")
        record = self.load(pk)
        for item in self.prints:
            if item.name == name:
                printed = item.render(record)
                # The name of the file may hold what a reader of the log may not see, such as a hidden number.
                self._disclose_print(record, item, f"{self.key} #{record.id} ({item.name})")
                return answer_with(printed)
        raise NotFound(_l("This page does not exist."))

    def _disclose_print(self, record: Any, item: Print, paper: str) -> None:
        """Write down that the paper holds personal data, of the record itself or of those that it puts together."""
        if columns := filled_personal_columns(record):
            disclose_later("print", self.model, record.id, columns, paper)
        for key in item.personal:
            disclose_later("print", models[key], None, sorted(personal_columns(models[key])), paper)

    @expose("/<int:pk>/unmask", methods=["POST"])
    def unmask(self, pk: int) -> str:
        """The record page with its personal data, once; who looked is written down."""
        return self.show_page(self.unmasked(pk))

    def show_page(self, record: Any, **values: Any) -> str:
        """The page of ``record``; `ModelView` knows it."""
        raise NotImplementedError

    def unmasked(self, pk: int) -> Any:
        """The record ``pk`` with its personal data shown for the present request. Raises `Forbidden`, `NotFound`."""
        self._enter("read")
        if not personal_columns(self.model):
            raise NotFound(_l("This page does not exist."))
        record = self.load(pk)
        current_access().require(self.model, "unmask", db.session(), record)
        disclose(db.session(), "record", self.model, record.id, filled_personal_columns(record))
        unmask(record)
        return record

    def may_unmask(self, record: Any) -> bool:
        """Whether the record holds personal data that the person sees masked and may have shown."""
        masked = self.masked if self.may("unmask") else ()
        return any(getattr(record, name) and is_masked(self.model, name, record) for name in masked)

    @expose("/<int:pk>/history")
    def history(self, pk: int) -> str:
        """What happened to the record."""
        self._enter("read")
        record = self.load(pk)
        entries = readable_history(self, history_of(db.session(), record))
        return str(self.render_template("parts/history.html", entries=entries))

    @expose("/<int:pk>/related/<int:place>")
    def related_list(self, pk: int, place: int) -> str:
        """The records of a tab."""
        self._enter("read")
        record = self.load(pk)
        tabs = self.related_tabs()
        if place >= len(tabs):
            raise NotFound(_l("This page does not exist."))
        tab, view = tabs[place]
        statement = listing.base_statement(view.model).where(_points_to(view, tab, record))
        statement = listing.order(statement, view.model, (view.usual_order.removeprefix("-"),), view.usual_order)
        fields = _narrow([item for item in view.fields("list") if item.name != tab.relation])
        page = listing.fetch(statement, view.model, view.relations(fields), 0, listing.PAGE_SIZE)
        return str(
            self.render_template("parts/related.html", view=view, fields=fields, page=page, parent=record, tab=tab)
        )

    @expose("/<int:pk>/counts")
    def counts(self, pk: int) -> str:
        """How many records of each tab belong to the record."""
        self._enter("read")
        record, tabs = self.load(pk, links=False), self.related_tabs()
        counted = [
            select(func.count()).select_from(
                listing.base_statement(view.model).where(_points_to(view, tab, record)).subquery()
            )
            for tab, view in tabs
        ]
        numbers = db.session.execute(select(*(item.scalar_subquery() for item in counted))).one() if tabs else ()
        shown = [(place, tabs[place][1], number) for place, number in enumerate(numbers)]
        return str(self.render_template("parts/counts.html", counts=shown))

    @expose("/<int:pk>/panel/<name>")
    def panel(self, pk: int, name: str) -> str:
        """A panel that an addon adds."""
        self._enter("read")
        record = self.load(pk)
        for panel in panels_of(self.key, current_access().enabled):
            if panel.name == name:
                content = panel.render(record)
                return str(self.render_template(content[0], record=record, **content[1])) if content else ""
        raise NotFound(_l("This page does not exist."))

    def related_tabs(self) -> list[tuple[Related, Screen]]:
        """The tabs whose model is enabled here and readable."""
        found = [(tab, views[tab.model]) for tab in self.related if tab.model in views]
        return [(tab, view) for tab, view in found if view.may("read")]

    def panels(self) -> list[Any]:
        """The panels for this record page."""
        return panels_of(self.key, current_access().enabled)


def _points_to(view: Screen, tab: Related, record: Any) -> Any:
    return getattr(view.model, field_of(view.model, tab.relation).key) == record.id


def _narrow(fields: list[Field]) -> list[Field]:
    """As many columns as fit beside the record's own page: the first ones, and the state."""
    if len(fields) <= WIDEST_TAB:
        return fields
    return [*fields[: WIDEST_TAB - 1], next((item for item in fields if item.name == "state"), fields[WIDEST_TAB - 1])]
