"""Lines: the records of another model that belong to this one and are written within its form, saved with it or not at
all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict

from app.access.column_rights import is_hidden, is_locked
from app.database.base import Archivable
from app.database.session import db
from app.errors import BadRequest, Conflict, Invalid, SinergiError
from app.i18n import lazy_gettext as _l
from app.records.service import service_of
from app.views import listing
from app.views.fields import Field, field_of
from app.views.forms import bind, form_class, posted, values_of
from app.views.screen import Lines, Screen, views

MOST_ROWS = 200
TEMPLATE_ROW = "__row__"
"""Where the page's script puts the number of a row that it adds."""


@dataclass(slots=True)
class Row:
    """One line as the form shows it: its record unless it is new, its own form, and what was refused of it."""

    place: str
    form: Any
    record: Any = None
    version: int | None = None
    given: set[str] | None = None
    removed: bool = False
    problem: Any = ""


@dataclass(slots=True)
class LineSet:
    """The lines of one kind under one record; ``may_add`` and ``may_remove`` say what the person may do with them."""

    declared: Lines
    view: Screen
    fields: list[Field]
    may_add: bool
    may_write: bool
    may_remove: bool
    rows: list[Row] = field(default_factory=list)
    blank: Row | None = None
    is_sent: bool = True

    @property
    def name(self) -> str:
        """What forms and programs call the lines."""
        return self.declared.name

    @property
    def faulty(self) -> list[Any]:
        """The controls of which something was refused, with the number of their row."""
        return [(place, control) for place, row in enumerate(self.rows, 1) for control in row.form if control.errors]

    def renew_versions(self) -> None:
        """After a refusal: whoever saves again has seen what is stored by now."""
        for row in self.rows:
            if row.record is not None:
                row.version = self.view.version_of(row.record)

    def new_row(self, place: str, data: Any = None) -> Row:
        """A row for a record that does not exist yet."""
        return Row(place, bind(self._form_class, self.fields, None, data, self._prefix(place)))

    def row_of(self, record: Any, place: str, data: Any = None) -> Row:
        """A row over ``record``."""
        bound = bind(self._form_class, self.fields, record, data, self._prefix(place))
        return Row(place, bound, record, self.view.version_of(record))

    def _prefix(self, place: str) -> str:
        return f"{self.name}-{place}-"

    @property
    def _form_class(self) -> Any:
        return form_class(self.view.model, tuple(item.name for item in self.fields))

    # Reading -----------------------------------------------------------------------------------------------------

    def read_form(self, data: MultiDict[str, str], stored: dict[int, Any]) -> None:
        """The rows as a form sent them, in their order; new ones in which nothing was written are left out."""
        self.is_sent = f"{self.name}-sent" in data
        if not self.is_sent:
            self.rows = [self.row_of(record, str(place)) for place, record in enumerate(stored.values())]
            return
        for place in self._places(data):
            record = stored.get(listing.whole_number(data.get(f"{self.name}-{place}-id", ""), 0))
            row = self.new_row(place, data) if record is None else self.row_of(record, place, data)
            row.version = listing.whole_number(data.get(f"{self.name}-{place}-version", ""), 0) or None
            row.removed = bool(data.get(f"{self.name}-{place}-remove"))
            if record is not None or not (row.removed or self._is_blank(row)):
                self.rows.append(row)

    def _places(self, data: MultiDict[str, str]) -> list[str]:
        places = list(dict.fromkeys(data.getlist(f"{self.name}-row")))
        if len(places) > MOST_ROWS or not all(
            place.isascii() and place.isdigit() and len(place) < 7 for place in places
        ):
            raise BadRequest(_l("The rows cannot be read."), code="bad_rows")
        return places

    def _is_blank(self, row: Row) -> bool:
        fresh = self.new_row(row.place).form
        return all(_plain(row.form[item.name]) == _plain(fresh[item.name]) for item in self.fields)

    def read_json(self, rows: Any, stored: dict[int, Any]) -> None:
        """The rows as a program sent them: those with an ``id`` change, others are new, and what is missing goes."""
        if not isinstance(rows, list) or len(rows) > MOST_ROWS or not all(isinstance(row, dict) for row in rows):
            raise Invalid(_l("Some values cannot be accepted."), {self.name: [_l("Not of the right type.")]})
        for place, values in enumerate(rows):
            self.rows.append(self._row_of_json(str(place), dict(values), stored))
        kept = {row.record.id for row in self.rows if row.record is not None}
        for place, record in enumerate((item for key, item in stored.items() if key not in kept), len(rows)):
            row = self.row_of(record, str(place))
            row.removed = True
            self.rows.append(row)

    def _row_of_json(self, place: str, values: dict[str, Any], stored: dict[int, Any]) -> Row:
        number, version = values.pop("id", None), values.pop("version", None)
        if number is not None and number not in stored:
            raise Invalid(
                _l("Some values cannot be accepted."), {f"{self.name}.{place}.id": [_l("Not a valid choice.")]}
            )
        sent, errors = posted(values, self.fields)
        if errors:
            raise Invalid(
                _l("Some values cannot be accepted."),
                {f"{self.name}.{place}.{name}": texts for name, texts in errors.items()},
            )
        prefixed = MultiDict((f"{self._prefix(place)}{name}", text) for name, text in sent.items(multi=True))
        row = self.new_row(place, prefixed) if number is None else self.row_of(stored[number], place, prefixed)
        row.given, row.version = set(values), version if isinstance(version, int) else None
        if number is not None:
            for item in self.fields:
                if item.name not in values:
                    del row.form[item.name]
        return row

    # Writing -----------------------------------------------------------------------------------------------------

    def validate(self) -> bool:
        """Whether every row that stays is in order."""
        answers = [row.form.validate() for row in self.rows if self.is_sent and not row.removed]
        return all(answers)

    def save(self, parent: Any) -> None:
        """Write the rows under ``parent``. Raises the first refusal, after each row got the words about it."""
        refusals: list[SinergiError] = []
        for position, row in enumerate(self.rows if self.is_sent else (), 1):
            try:
                self._save_row(row, parent, position)
            except (Conflict, Invalid) as refusal:
                row.problem = refusal.message
                for name in [name for name in refusal.errors if name in row.form]:
                    row.form[name].errors = [*row.form[name].errors, *refusal.errors[name]]
                refusals.append(refusal)
        if refusals:
            first = refusals[0]
            raise type(first)(_l("A row cannot be saved: %(why)s", why=first.message), code=self._code(first))

    @staticmethod
    def _code(refusal: SinergiError) -> str:
        # "stale" would promise a comparison with the stored record, which is the parent.
        return "stale_row" if refusal.code == "stale" else refusal.code

    def _save_row(self, row: Row, parent: Any, position: int) -> None:
        service = service_of(self.view.model)
        if row.removed:
            service.archive(row.record)
            return
        fields = [item for item in self.fields if item.name in row.form]
        values = values_of(row.form, fields, row.given)
        if self.declared.order:
            values[self.declared.order] = position
        if row.record is None:
            service.create({self.declared.relation: parent, **values}, {})
        elif any(getattr(row.record, name) != value for name, value in values.items()):
            service.update(row.record, values, row.version)

    def errors(self) -> dict[str, list[Any]]:
        """What was refused, as programs are told: ``contacts.0.name`` → sentences."""
        return {
            f"{self.name}.{row.place}.{name}": list(texts)
            for row in self.rows
            for name, texts in row.form.errors.items()
            if name and texts
        }


class RecordLines(Screen):
    """The lines that a model's form holds."""

    def line_sets(self, purpose: str, record: Any = None) -> list[LineSet]:
        """The lines that the present person may see under ``record`` or a new one, without their rows."""
        return [found for item in self.lines if (found := self._line_set(item, purpose, record)) is not None]

    def _line_set(self, item: Lines, purpose: str, record: Any) -> LineSet | None:
        view = views.get(item.model)
        if view is None or not view.may("read") or (purpose == "add" and not item.in_add):
            return None
        adds = view.takes(record) if record is not None else view.may_add and view.may("create")
        if not adds and not view.may("write"):
            return None
        names = [name for name in item.columns if not _is_closed(view, name)]
        fields = [field_of(view.model, name) for name in names]
        return LineSet(item, view, fields, adds, view.may("write"), view.may("archive"))

    def lines_of(self, purpose: str, record: Any, data: MultiDict[str, str] | None = None) -> list[LineSet]:
        """The lines with their rows: as stored, or as ``data`` of a form says."""
        found = self.line_sets(purpose, record)
        for lines in found:
            stored = stored_rows(lines, record)
            if data is not None:
                lines.read_form(data, stored)
            else:
                lines.rows = [lines.row_of(item, str(place)) for place, item in enumerate(stored.values())]
            lines.blank = lines.new_row(TEMPLATE_ROW) if lines.may_add else None
            _add_asked_row(lines, data)
        return found

    def lines_of_json(self, purpose: str, record: Any, body: dict[str, Any]) -> list[LineSet]:
        """The lines that ``body`` of a program names. Raises `Invalid`."""
        found = [lines for lines in self.line_sets(purpose, record) if lines.name in body]
        for lines in found:
            lines.read_json(body[lines.name], stored_rows(lines, record))
            if not lines.validate():
                raise Invalid(_l("Some values cannot be accepted."), lines.errors())
        return found

    def lines_data(self, record: Any) -> dict[str, list[dict[str, Any]]]:
        """The lines of ``record`` for programs, as nested lists."""
        return {
            lines.name: [
                {"id": row.id, **{item.name: item.data(row) for item in lines.fields}}
                for row in stored_rows(lines, record).values()
            ]
            for lines in self.line_sets("show", record)
        }


def save_lines(found: list[LineSet], parent: Any) -> None:
    """Write ``found`` under ``parent``, for programs: what was refused is told by row and column."""
    for lines in found:
        try:
            lines.save(parent)
        except (Conflict, Invalid) as refusal:
            raise type(refusal)(refusal.message, lines.errors(), code=refusal.code) from None


def stored_rows(lines: LineSet, record: Any) -> dict[int, Any]:
    """The active records of ``lines`` under ``record`` by id, in their order."""
    if record is None:
        return {}
    model = lines.view.model
    parent = getattr(model, field_of(model, lines.declared.relation).key)
    statement = select(model).where(parent == record.id)
    if issubclass(model, Archivable):
        statement = statement.where(model.active)
    links = [joinedload(getattr(model, item.name)) for item in lines.fields if item.kind == "relation"]
    order = getattr(model, lines.declared.order or "id")
    return {
        row.id: row for row in db.session.scalars(statement.options(*links).order_by(order, model.id).limit(MOST_ROWS))
    }


def _add_asked_row(lines: LineSet, data: MultiDict[str, str] | None) -> None:
    """Without a script the server adds the row that somebody asked for."""
    if data is not None and data.get("add_line") == lines.name and lines.may_add:
        used = [int(row.place) for row in lines.rows]
        lines.rows.append(lines.new_row(str(max(used, default=-1) + 1)))


def _is_closed(view: Screen, name: str) -> bool:
    return is_hidden(view.model, name) or is_locked(view.model, name) or name in view.masked


def _plain(control: Any) -> Any:
    value = control.data
    return list(value) if isinstance(value, list) else value or None
