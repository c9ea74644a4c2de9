"""The list as a file: the same filters, order and columns as on the screen."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from app.access.column_rights import personal_columns, shown_value
from app.access.disclosure import disclose_later
from app.errors import Conflict, NotFound
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.i18n.formats import format_date, today_here
from app.prints.printed import Printed, answer_with
from app.prints.table import render_csv, render_table_pdf
from app.prints.xlsx import SheetColumn, render_xlsx
from app.views import listing
from app.views.fields import Field
from app.views.list_page import ListPages, ListTools

KINDS = {"xlsx": 10_000, "csv": 10_000, "pdf": 1_000}
"""The kinds of files, and how many records one holds at most: longer ones are asked for in parts."""

WIDTHS = {"text": 28, "relation": 24, "moment": 22, "date": 14, "choice": 16, "boolean": 8, "integer": 10, "number": 14}


class ListExport(ListPages):
    """``export?kind=xlsx`` beside the list, with its arguments; CSV unless another kind is asked for."""

    export_kinds = KINDS

    @expose("/export")
    def export(self) -> Response:
        """The list as XLSX, CSV or PDF. Raises `Conflict` for one that is too long."""
        self._enter("read")
        kind = request.args.get("kind", "csv")
        if kind not in KINDS:
            raise NotFound(_l("This page does not exist."))
        tools = ListTools(self, "list", request.args)
        records = self._exported(tools, KINDS[kind])
        self._disclose_export(tools.fields, records)
        return answer_with(self._file(kind, tools, records))

    def _exported(self, tools: ListTools, most: int) -> list[Any]:
        sort = self.sort(request.args.get("order") or self.usual_order)
        statement = self.narrowed(request.args, archived=tools.archived).order_by(*sort.clauses())
        records = listing.load_all(statement, self.model, self.relations(tools.fields), most + 1)
        if len(records) > most:
            raise Conflict(
                _l("The list has more than %(most)s records: narrow it by a filter, or take it in parts.", most=most),
                code="export_too_long",
            )
        return records

    def _disclose_export(self, fields: list[Field], records: list[Any]) -> None:
        """Write down that personal data leave with the file: those that the person sees, and that hold something."""
        personal = [field.name for field in fields if field.name in personal_columns(self.model) - self.masked]
        filled = [name for name in personal if any(getattr(record, name) for record in records)]
        if filled:
            disclose_later("export", self.model, None, filled, str(self.plural))

    def _file(self, kind: str, tools: ListTools, records: list[Any]) -> Printed:
        title, name = str(self.plural), f"{self.plural} {today_here().isoformat()}"
        narrowed = [f"{chip.label}: {chip.text}" for chip in tools.chips]
        narrowed += [_("Search") + f": {tools.words}"] if tools.words else []
        note = " · ".join([format_date(today_here()), *narrowed])
        columns = [SheetColumn(str(field.label), WIDTHS.get(field.kind, 20)) for field in tools.fields]
        if kind == "xlsx":
            rows = [[_value(field, record) for field in tools.fields] for record in records]
            return render_xlsx(title, columns, rows, name, note=note)
        texts = [[field.text(record) for field in tools.fields] for record in records]
        if kind == "csv":
            return render_csv(columns, texts, name)
        return render_table_pdf(title, note, columns, texts, name)


def _value(field: Field, record: Any) -> Any:
    """Numbers and days as such, so that a spreadsheet can count with them; everything else as people read it."""
    value = shown_value(record, field.name)
    return value if field.kind in {"integer", "number", "date"} and value is not None else field.text(record)
