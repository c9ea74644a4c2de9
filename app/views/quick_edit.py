"""One column of a record changed in the list itself; without script on a small page of its own."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose

from app.access.access import current_access
from app.database.session import db
from app.errors import NotFound, SinergiError
from app.i18n import lazy_gettext as _l
from app.views import listing
from app.views.fields import Field, field_of
from app.views.forms import bind, form_class, values_of
from app.views.screen import Screen
from app.views.urls import local_target


class QuickEdit(Screen):
    """The columns of ``quick_edit``, for whoever may change them."""

    def edits_quickly(self, name: str) -> bool:
        """Whether the person may change the column in the list."""
        return name in self.quick_edit and self.may_edit and self.may("write") and name in self.columns("edit")

    @expose("/<int:pk>/quick/<name>", methods=["GET", "POST"])
    def quick(self, pk: int, name: str) -> Any:
        """The box for one column, and saving it."""
        self._enter("read")
        if not self.edits_quickly(name):
            raise NotFound(_l("This page does not exist."))
        record, field = self.load(pk), field_of(self.model, name)
        current_access().require(self.model, "write", db.session(), record)
        if request.method == "GET" and request.args.get("shown"):
            return self._cell(record, field)
        if request.method == "GET":
            return self._quick_page(record, field, self._quick_form(record, field, None))
        return self._quick_save(record, field, self._quick_form(record, field, request.form))

    def _quick_form(self, record: Any, field: Field, data: Any) -> Any:
        return bind(form_class(self.model, (field.name,)), [field], record, data)

    def _quick_save(self, record: Any, field: Field, form: Any) -> Any:
        if not form.validate():
            return self._quick_page(record, field, form), 422
        version = listing.whole_number(request.form.get("version"), 0) or None
        try:
            record = self.service.update(record, values_of(form, [field]), version)
        except SinergiError as refusal:
            if refusal.status not in {409, 422}:
                raise
            pk = record.id
            db.session.rollback()
            own = refusal.errors.get(field.name, [refusal.message])
            form[field.name].errors = [*form[field.name].errors, *own]
            return self._quick_page(self.load(pk), field, form), refusal.status
        if _is_part():
            return self._cell(record, field)
        flash(_l("Saved."), "success")
        return redirect(local_target(request.form.get("next")) or self.url())

    def _quick_page(self, record: Any, field: Field, form: Any) -> str:
        template = "parts/quick_form.html" if _is_part() else "quick.html"
        target = local_target(request.values.get("next")) or self.url()
        values = {"view": self, "record": record, "field": field, "control": form[field.name], "target": target}
        return str(self.render_template(template, **values))

    def _cell(self, record: Any, field: Field) -> str:
        target = local_target(request.values.get("next")) or self.url()
        values = {"view": self, "record": record, "field": field, "target": target}
        return str(self.render_template("parts/quick_cell.html", **values))


def _is_part() -> bool:
    """Whether htmx asks, which puts the answer into the page at hand."""
    return request.headers.get("HX-Request") == "true"
