"""The pages for adding and changing a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, g, redirect, request
from flask_appbuilder import expose
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms.validators import Optional

from app.access.access import current_access
from app.access.column_rights import MASK, is_hidden
from app.database.session import db
from app.errors import Forbidden, NotFound, SinergiError
from app.i18n import lazy_gettext as _l
from app.records import form_token
from app.views import listing
from app.views.fields import Field, field_of
from app.views.forms import bind, find_choice, form_class, values_of
from app.views.record_conflicts import TAKEN, conflict_over, with_taken
from app.views.record_lines import LineSet, RecordLines
from app.views.urls import local_target


class RecordForms(RecordLines):
    """Forms: what was typed is never lost, nothing is saved twice, and a newer save is not overwritten."""

    def form(self, purpose: str, record: Any = None, data: Any = None) -> Any:
        """The add or edit form over ``record``, filled from posted ``data``."""
        columns = self.columns(purpose)
        return bind(form_class(self.model, columns), [field_of(self.model, name) for name in columns], record, data)

    @expose("/add", methods=["GET", "POST"])
    def add(self) -> Any:
        """A new record."""
        self._enter("create")
        if not self.may_add:
            raise NotFound(_l("This page does not exist."))
        if request.method == "GET":
            form = self._copied() if "copy" in request.args else self.form("add")
            self._prefill(form)
            return self._form_page("add", form, None)
        return self._save("add", self._sent("add", None), None)

    def _copied(self) -> Any:
        """The form of a new record with what the person sees of another one; masked values are not taken along."""
        source = self.load(listing.whole_number(request.args["copy"], 0))
        form = form_class(self.model, self.columns("add"))(None, obj=source)
        for name in self.masked:
            if name in form:
                form[name].data = None
        return form

    @expose("/<int:pk>/edit", methods=["GET", "POST"])
    def edit(self, pk: int) -> Any:
        """Change a record; over a newer save, what was typed stays and the difference is shown."""
        self._enter("write")
        record = self.load(pk)
        current_access().require(self.model, "write", db.session(), record)
        if not self.may_edit:
            raise NotFound(_l("This page does not exist."))
        if request.method == "GET":
            return self._form_page("edit", self.form("edit", record), record)
        return self._save("edit", self._sent("edit", record), record)

    def _sent(self, purpose: str, record: Any) -> Any:
        """The form as it was sent: with stored values that the person took over, without those of fields that the form
        does not ask for under the present conditions.
        """
        data: Any = request.form
        if record is not None and TAKEN in data:
            data = with_taken(data, self.fields(purpose), self.form(purpose, record))
        form = self.form(purpose, record, data)
        unasked = [name for name in self._unasked(form) if not getattr(form[name], "is_locked", False)]
        if not unasked:
            return form
        data = MultiDict(data)
        for name in unasked:
            data.setlist(name, [""])
        form = self.form(purpose, record, data)
        for name in unasked:
            form[name].validators = [Optional()]
        return form

    def _unasked(self, form: Any) -> list[str]:
        rules = {name: rule for name, rule in self.shown_when.items() if name in form and rule.column in form}
        return [name for name, rule in rules.items() if not rule.holds(form[rule.column].data)]

    def without_locked(self, purpose: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """What was ``sent`` without masks, which stand for values that stay as they are. Raises `Forbidden` for a value
        of a column that the person may not change or does not see.
        """
        locked = set(self._arranged(purpose)) - set(self.columns(purpose))
        for name in locked & sent.keys():
            if sent[name] != MASK or not self._has_mask(name):
                raise Forbidden(_l("You may not change “%(column)s”.", column=field_of(self.model, name).label))
        return {name: value for name, value in sent.items() if name not in locked}

    def _has_mask(self, name: str) -> bool:
        return name in self.masked and not is_hidden(self.model, name)

    def _prefill(self, form: Any) -> None:
        """Take values for a new record from the address, for declared columns only."""
        for field in self.fields("add"):
            value = request.args.get(field.name)
            if value is None:
                continue
            if field.kind == "relation":
                form[field.name].data = find_choice(field.target, listing.whole_number(value, 0))
            elif field.kind in {"text", "choice"}:
                form[field.name].data = value[:200]
        self._name_by_typed(form)
        for name, value in self.prefill(form).items():
            if name in form and name not in request.args:
                form[name].data = value

    def _name_by_typed(self, form: Any) -> None:
        """What was looked for in a select and not found names the record that is made for it."""
        typed, name = request.args.get("typed", "").strip()[:200], self.model.__display__
        if typed and name in form and field_of(self.model, name).kind == "text" and not form[name].data:
            form[name].data = typed

    def prefill(self, form: Any) -> dict[str, Any]:
        """What a new record also begins with, told by what the address set in ``form``: value by column. Of ``form``
        only the columns that the person may fill are there, and values of others are left out.
        """
        return {}

    def _form_page(self, purpose: str, form: Any, record: Any, *, status: int = 200, **values: Any) -> tuple[str, int]:
        fields = self.fields(purpose)
        if "lines" not in values:
            values["lines"] = [] if _in_dialog() else self.lines_of(purpose, record)
        page = self.render_template(
            "parts/form_dialog.html" if _in_dialog() else "form.html",
            view=self,
            form=form,
            fields=fields,
            record=record,
            purpose=purpose,
            token=form_token.new_token(),
            target=local_target(request.values.get("next")) or "",
            **values,
        )
        return str(page), status

    def _save(self, purpose: str, form: Any, record: Any) -> Any:
        fields, lines = self.fields(purpose), self.lines_of(purpose, record, request.form)
        self.without_locked(purpose, request.form)
        if "add_line" in request.form:
            return self._form_page(purpose, form, record, lines=lines)
        if not all([form.validate(), *(item.validate() for item in lines)]):
            return self._form_page(purpose, form, record, status=422, lines=lines)
        token, session = request.form.get("form_token", ""), db.session()
        if not form_token.claim(session, token, g.user.id):
            return self._already_saved(token)
        try:
            saved = self._write(form, fields, record)
            for item in lines:
                item.save(saved)
        except SinergiError as refusal:
            if refusal.status not in {409, 422}:
                raise
            return self._refused(purpose, form, refusal, record, lines)
        target = self._way_on(purpose, saved)
        form_token.remember_location(session, token, target)
        if _in_dialog():
            return {"id": saved.id, "name": str(saved)}, 201
        flash(self.told_saved(saved), "success")
        return redirect(target)

    def _way_on(self, purpose: str, saved: Any) -> str:
        """Where it goes after saving: back, to the record, or to the next one when the person goes on."""
        if "go_on" in request.form:
            kept = {name: value for name, value in request.args.items() if name not in {"copy", "typed"}}
            return self.url("add", **kept) if purpose == "add" else self.url("edit", pk=saved.id, **kept)
        return local_target(request.form.get("next")) or self.url("show", pk=saved.id)

    def _write(self, form: Any, fields: list[Field], record: Any) -> Any:
        values = values_of(form, fields)
        if record is None:
            saved = self.service.create(values, {"files": request.files.getlist("files")} if self.attachments else {})
            if self.attachments:
                self._attach(saved)
            return saved
        version = request.form.get("version", "")
        return self.service.update(record, values, listing.whole_number(version, 0) or None)

    def _already_saved(self, token: str) -> Response:
        flash(_l("This form was already saved; it was not saved twice."), "info")
        return redirect(form_token.location_of(db.session(), token, g.user.id) or self.url())

    def _refused(
        self, purpose: str, form: Any, refusal: SinergiError, record: Any, lines: list[LineSet]
    ) -> tuple[str, int]:
        """Show the form again with what was typed, the sentence, and the fields it is about."""
        db.session.rollback()
        for name, texts in refusal.errors.items():
            if name in form:
                form[name].errors = [*form[name].errors, *texts]
        fresh = self.load(record.id) if record is not None else None
        conflict = None
        if refusal.code == "stale" and fresh is not None:
            version = listing.whole_number(request.form.get("version", ""), 0)
            conflict = conflict_over(form, self.fields("edit"), fresh, version)
        for item in lines:
            item.renew_versions()
        told = {"refusal": refusal.message, "conflict": conflict, "lines": lines}
        return self._form_page(purpose, form, fresh, status=refusal.status, **told)


def _in_dialog() -> bool:
    """Whether the form stands over another one that asks for the record."""
    return request.args.get("dialog") == "1"
