"""Generated screens: a declaration of columns gives list, record, add, edit, archive, search, files, history, menu and
API.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from flask import flash, g, redirect, request, send_file, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.database.base import Archivable, Model, Versioned, models, snake_case
from app.database.session import db
from app.errors import AddonError, Conflict, Forbidden, Invalid, NotFound, SinergiError
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.prints.printed import Print, answer_with
from app.records import attachment, form_token
from app.records.audit_entry import history_of
from app.records.service import RecordService, service_of
from app.records.transitions import Transition, transitions_of
from app.registry.extensions import addon_of
from app.views import listing, operations
from app.views.fields import Field, field_of
from app.views.forms import bind, find_choice, make_form, values_of
from app.views.history import readable_history
from app.views.panels import panels_of
from app.views.urls import local_target

views: dict[str, ModelView] = {}
"""The registered screens by model key."""

_declared: list[type[ModelView]] = []


@dataclass(frozen=True, slots=True)
class Related:
    """A tab on the record page: the records of ``model`` whose ``relation`` points here."""

    model: str
    relation: str


class ModelView(BaseView):
    """The screens of one model. Subclasses declare; they hold no code.

    Column names are attributes of the model; links are named by their relationship. Nothing undeclared is shown,
    searched,
    sorted, filtered or accepted.
    """

    model: ClassVar[type[Model]]
    resource: ClassVar[str] = ""
    icon: ClassVar[str] = "list"
    sequence: ClassVar[int] = 50
    in_menu: ClassVar[bool] = True
    list_columns: ClassVar[tuple[str, ...]] = ()
    form_columns: ClassVar[tuple[str, ...]] = ()
    add_columns: ClassVar[tuple[str, ...] | None] = None
    edit_columns: ClassVar[tuple[str, ...] | None] = None
    show_columns: ClassVar[tuple[str, ...] | None] = None
    search_columns: ClassVar[tuple[str, ...]] = ()
    filter_columns: ClassVar[tuple[str, ...]] = ()
    order_columns: ClassVar[tuple[str, ...]] = ()
    default_order: ClassVar[str] = "-id"
    related: ClassVar[tuple[Related, ...]] = ()
    attachments: ClassVar[bool] = False
    may_add: ClassVar[bool] = True
    may_edit: ClassVar[bool] = True
    show_template: ClassVar[str] = "record.html"
    prints: ClassVar[tuple[Print, ...]] = ()
    eager: ClassVar[tuple[str, ...]] = ()
    """Links that a property among the columns reads, loaded together with the rows."""

    default_view = "list_page"

    def __init_subclass__(cls) -> None:
        """Remember the declaration; it is registered when the application is built."""
        if "model" in vars(cls):
            _declared.append(cls)

    # What the declaration means here and now -----------------------------------------------------------------

    @property
    def key(self) -> str:
        """The model's key."""
        return self.model.__model_key__

    @property
    def service(self) -> RecordService:
        """The rules of the model."""
        return service_of(self.model)

    @property
    def title(self) -> Any:
        """One record's name."""
        return self.model.__title__ or self.model.__name__

    @property
    def plural(self) -> Any:
        """Several records' name."""
        return self.model.__plural__ or self.title

    @property
    def allowed_order(self) -> tuple[str, ...]:
        """Columns a list can be sorted by."""
        return (*self.order_columns, "id") if "id" not in self.order_columns else self.order_columns

    def may(self, operation: str) -> bool:
        """Whether the present person may do ``operation`` with some records of this model."""
        return current_access().may(self.model, operation)

    def columns(self, purpose: str) -> tuple[str, ...]:
        """The column names for ``list``, ``show``, ``add``, ``edit`` or ``filter``, as the institution's addons arrange
        them.
        """
        enabled = current_access().enabled
        form = {"add": self.add_columns, "edit": self.edit_columns}.get(purpose) or self.form_columns
        if purpose in {"add", "edit"}:
            return operations.arranged(self.key, form, enabled)
        if purpose == "list":
            return operations.arranged(self.key, self.list_columns, enabled, is_list=True)
        if purpose == "filter":
            return operations.arranged(self.key, self.filter_columns, enabled, is_list=True)
        shown = self.show_columns or tuple(
            dict.fromkeys((*self.form_columns, *(self.add_columns or ()), *self.list_columns))
        )
        return operations.arranged(self.key, tuple(name for name in shown if name != "state"), enabled)

    def fields(self, purpose: str) -> list[Field]:
        """The fields of `columns`."""
        return [field_of(self.model, name) for name in self.columns(purpose)]

    def relations(self, fields: list[Field]) -> list[str]:
        """The links to load together with records of which ``fields`` are shown."""
        return list(dict.fromkeys((*self.eager, *(field.name for field in fields if field.kind == "relation"))))

    def form(self, purpose: str, record: Any = None, data: Any = None) -> Any:
        """The add or edit form over ``record``, filled from posted ``data``."""
        columns = self.columns(purpose)
        return bind(_form_class(self.model, columns), [field_of(self.model, name) for name in columns], record, data)

    def load(self, pk: int) -> Any:
        """The record ``pk`` with its links, in one statement. Raises `NotFound`."""
        if not self.may("read"):
            raise Forbidden(_l("You do not have the right to do this."))
        if not 0 < pk < 2**31:
            raise NotFound(_l("This record does not exist, or you may not see it."))
        relations = self.relations([*self.fields("show"), *self.fields("edit")])
        options = [joinedload(getattr(self.model, name)) for name in relations]
        record = db.session.scalar(select(self.model).where(self.model.id == pk).options(*options))
        if record is None:
            raise NotFound(_l("This record does not exist, or you may not see it."))
        return record

    def url(self, endpoint: str = "list_page", **values: Any) -> str:
        """The address of one of this view's pages."""
        return url_for(f"{self.endpoint}.{endpoint}", **values)

    def _enter(self, operation: str) -> None:
        access = current_access()
        if not access.sees_addon(self.key.split(".")[0]):
            raise NotFound(_l("This page does not exist."))
        if not self.may(operation):
            raise Forbidden(_l("You do not have the right to do this."))

    # Pages ---------------------------------------------------------------------------------------------------

    @expose("/")
    def list_page(self) -> str:
        """The list: search, filters, sort, pages."""
        self._enter("read")
        arguments = request.args
        fields, filters = self.fields("list"), self.fields("filter")
        archived = listing.switch(arguments.get("archived"))
        words, wish = arguments.get("q", "").strip()[:200], arguments.get("order") or self.default_order
        page = self.find(arguments, archived=archived, words=words, wish=wish)
        return str(
            self.render_template(
                "list.html",
                view=self,
                fields=fields,
                filters=filters,
                page=page,
                words=words,
                wish=wish,
                archived=archived,
                filtered=bool(words or any(value for name, value in arguments.items() if name.startswith("f_"))),
                chosen=self._chosen(filters, arguments),
            )
        )

    def find(self, arguments: Mapping[str, str], *, archived: bool, words: str, wish: str) -> listing.Page:
        """The page of records that ``arguments`` of an address ask for. Raises `BadRequest`."""
        statement = listing.base_statement(self.model, archived=archived)
        statement = listing.search(statement, self.model, self.search_columns, words)
        statement = listing.apply_filters(statement, self.fields("filter"), arguments)
        statement = listing.order(
            statement, self.model, (*self.allowed_order, self.default_order.removeprefix("-")), wish
        )
        relations = self.relations(self.fields("list"))
        number = listing.whole_number(arguments.get("page"), 0)
        return listing.fetch(
            statement, self.model, relations, number, listing.whole_number(arguments.get("size"), listing.PAGE_SIZE)
        )

    def _chosen(self, filters: list[Field], arguments: Mapping[str, str]) -> dict[str, str]:
        """The texts of links that the filters name."""
        chosen = {}
        for field in filters:
            if field.kind == "relation" and arguments.get(f"f_{field.name}"):
                found = find_choice(field.target, listing.whole_number(arguments[f"f_{field.name}"], 0))
                chosen[field.name] = str(found) if found is not None else _("(not visible to you)")
        return chosen

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

    @expose("/add", methods=["GET", "POST"])
    def add(self) -> Any:
        """A new record."""
        self._enter("create")
        if not self.may_add:
            raise NotFound(_l("This page does not exist."))
        if request.method == "GET":
            form = self.form("add", None, None)
            self._prefill(form)
            return self._form_page("add", form, None)
        form = self.form("add", None, request.form)
        return self._save("add", form, None)

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
        return self._save("edit", self.form("edit", record, request.form), record)

    @expose("/<int:pk>/archive", methods=["POST"])
    def archive(self, pk: int) -> Response:
        """Archive a record."""
        self._enter("archive")
        self.service.archive(self.load(pk))
        flash(_l("Archived. You find it again in the list under “Archived”."), "success")
        return redirect(self.url())

    @expose("/<int:pk>/restore", methods=["POST"])
    def restore(self, pk: int) -> Response:
        """Bring an archived record back."""
        self._enter("archive")
        self.service.restore(self.load(pk))
        flash(_l("Restored."), "success")
        return redirect(self.url("show", pk=pk))

    @expose("/<int:pk>/do/<name>", methods=["GET", "POST"])
    def move(self, pk: int, name: str) -> Any:
        """Take a transition; one that asks for something shows its form first."""
        self._enter("read")
        record, step = self.load(pk), self.service.find_transition(name)
        if step.asks:
            return self._move_by_form(record, step)
        if request.method == "GET":
            return redirect(self.url("show", pk=pk))
        try:
            self.service.transition(record, name)
        except (Conflict, Invalid) as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
            return redirect(local_target(request.form.get("next")) or self.url("show", pk=pk))
        flash(_l("Done: %(step)s.", step=step.label), "success")
        return redirect(local_target(request.form.get("next")) or self.url("show", pk=pk))

    def step_form(self, step: Transition, data: Any = None) -> tuple[Any, list[Field]]:
        """The form of what ``step`` asks for, filled from posted ``data``, and its fields."""
        fields = [field_of(self.model, name) for name in step.asks]
        return bind(_form_class(self.model, step.asks), fields, None, data), fields

    def _move_by_form(self, record: Any, step: Transition) -> Any:
        current_access().require(self.model, step.name, db.session(), record)
        pk = record.id
        form, fields = self.step_form(step, request.form if request.method == "POST" else None)
        refusal, status = None, 200
        if request.method == "POST":
            try:
                if form.validate():
                    self.service.transition(record, step.name, values_of(form, fields))
                    flash(_l("Done: %(step)s.", step=step.label), "success")
                    return redirect(self.url("show", pk=pk))
                status = 422
            except (Conflict, Invalid) as error:
                db.session.rollback()
                record, refusal, status = self.load(pk), error.message, error.status
                for name in [name for name in error.errors if name in form]:
                    form[name].errors = [*form[name].errors, *error.errors[name]]
        values = {"view": self, "record": record, "step": step, "form": form, "fields": fields, "refusal": refusal}
        return str(self.render_template("move.html", purpose="move", token=None, target="", **values)), status

    @expose("/<int:pk>/print/<name>")
    def print_out(self, pk: int, name: str) -> Response:
        """A paper made of the record."""
        self._enter("read")
        record = self.load(pk)
        for item in self.prints:
            if item.name == name:
                return answer_with(item.render(record))
        raise NotFound(_l("This page does not exist."))

    # Parts of the record page, loaded after it -----------------------------------------------------------------

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
        field = field_of(view.model, tab.relation)
        statement = listing.base_statement(view.model).where(getattr(view.model, field.key) == record.id)
        statement = listing.order(statement, view.model, (view.default_order.removeprefix("-"),), view.default_order)
        fields = [item for item in view.fields("list") if item.name != tab.relation]
        page = listing.fetch(statement, view.model, view.relations(fields), 0, listing.PAGE_SIZE)
        return str(
            self.render_template("parts/related.html", view=view, fields=fields, page=page, parent=record, tab=tab)
        )

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

    def related_tabs(self) -> list[tuple[Related, ModelView]]:
        """The tabs whose model is enabled here and readable."""
        found = [(tab, views[tab.model]) for tab in self.related if tab.model in views]
        return [(tab, view) for tab, view in found if view.may("read")]

    def panels(self) -> list[Any]:
        """The panels for this record page."""
        return panels_of(self.key, current_access().enabled)

    # Files -----------------------------------------------------------------------------------------------------

    @expose("/<int:pk>/files", methods=["POST"])
    def upload(self, pk: int) -> Response:
        """Add files to the record."""
        self._enter("write")
        record = self._record_with_files(pk, "write")
        target = local_target(request.form.get("next")) or self.url("show", pk=pk)
        try:
            count = self._attach(record)
        except Invalid as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
            return redirect(target)
        flash(_l("Files added: %(count)d.", count=count), "success") if count else flash(
            _l("No file was chosen."), "warning"
        )
        return redirect(target)

    @expose("/<int:pk>/files/<int:file_id>")
    def download(self, pk: int, file_id: int) -> Response:
        """One file of the record, always as a download."""
        self._enter("read")
        record = self._record_with_files(pk, "read")
        found = attachment.attachment_of(db.session(), record, file_id)
        return send_file(
            attachment.path_of(found), mimetype=found.kind, as_attachment=True, download_name=found.name, max_age=0
        )

    @expose("/<int:pk>/files/<int:file_id>/archive", methods=["POST"])
    def archive_file(self, pk: int, file_id: int) -> Response:
        """Take a file off the record; it stays in the store."""
        self._enter("write")
        record = self._record_with_files(pk, "write")
        attachment.attachment_of(db.session(), record, file_id).active = False
        db.session.flush()
        flash(_l("The file was taken off the record."), "success")
        return redirect(self.url("show", pk=pk))

    def _record_with_files(self, pk: int, operation: str) -> Any:
        if not self.attachments:
            raise NotFound(_l("This page does not exist."))
        record = self.load(pk)
        current_access().require(self.model, operation, db.session(), record)
        return record

    def _attach(self, record: Any) -> int:
        return len(attach_files(record, request.files.getlist("files")))

    # Forms -----------------------------------------------------------------------------------------------------

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

    def _form_page(self, purpose: str, form: Any, record: Any, *, status: int = 200, **values: Any) -> tuple[str, int]:
        fields = self.fields(purpose)
        page = self.render_template(
            "form.html",
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
        fields = self.fields(purpose)
        if not form.validate():
            return self._form_page(purpose, form, record, status=422)
        token, session = request.form.get("form_token", ""), db.session()
        if not form_token.claim(session, token, g.user.id):
            return self._already_saved(token)
        try:
            saved = self._write(form, fields, record)
        except SinergiError as refusal:
            if refusal.status not in {409, 422}:
                raise
            return self._refused(purpose, form, refusal, record)
        target = local_target(request.form.get("next")) or self.url("show", pk=saved.id)
        form_token.remember_location(session, token, target)
        flash(_l("Saved."), "success")
        return redirect(target)

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

    def _refused(self, purpose: str, form: Any, refusal: SinergiError, record: Any) -> tuple[str, int]:
        """Show the form again with what was typed, the sentence, and the fields it is about."""
        db.session.rollback()
        for name, texts in refusal.errors.items():
            if name in form:
                form[name].errors = [*form[name].errors, *texts]
        differences = []
        fresh = self.load(record.id) if record is not None else None
        if refusal.code == "stale" and fresh is not None:
            differences = self._differences(form, fresh)
        return self._form_page(
            purpose, form, fresh, status=refusal.status, refusal=refusal.message, differences=differences
        )

    def _differences(self, form: Any, stored: Any) -> list[tuple[Any, str, str]]:
        """What stands in the database against what was typed: (label, stored, typed)."""
        found = []
        for field in self.fields("edit"):
            typed, kept = form[field.name].data, getattr(stored, field.name)
            same = (getattr(typed, "id", typed) or None) == (getattr(kept, "id", kept) or None)
            if not same:
                found.append((field.label, field.text(stored), field.text_of(typed)))
        return found

    # Life cycle --------------------------------------------------------------------------------------------------

    def state_label(self, record: Any) -> Any:
        """The label of the record's state."""
        return (field_of(self.model, "state").choices or {}).get(record.state, record.state)

    def states(self) -> dict[str, Any]:
        """The states of the life cycle, in order."""
        return dict(field_of(self.model, "state").choices or {}) if transitions_of(self.model) else {}

    def transitions(self, record: Any) -> list[Transition]:
        """The transitions that the person may take from the record's state."""
        if isinstance(record, Archivable) and not record.active:
            return []
        return [step for step in transitions_of(self.model) if record.state in step.from_states and self.may(step.name)]

    def version_of(self, record: Any) -> int | None:
        """The version that a form over ``record`` carries."""
        return record.version if isinstance(record, Versioned) else None


def view_of(model: type[Model]) -> ModelView | None:
    """The screens of ``model``, if it has any."""
    return views.get(model.__model_key__)


def attach_files(record: Model, files: Iterable[FileStorage]) -> list[attachment.Attachment]:
    """Keep the uploaded ``files`` with ``record``. Raises `Invalid` for the first that is not accepted."""
    chosen = [file for file in files if file.filename]
    return [attachment.attach(db.session(), record, file.filename or "", file.stream) for file in chosen]


@lru_cache(maxsize=500)
def _form_class(model: type[Model], columns: tuple[str, ...]) -> Any:
    return make_form([field_of(model, name) for name in columns])


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
    return found
