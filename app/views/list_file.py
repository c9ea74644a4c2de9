"""The list as a file: the same filters, order and columns as on the screen; read piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.access.column_rights import personal_columns, shown_value
from app.database.session import db
from app.errors import Conflict, NotFound
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.i18n.formats import format_date, format_number, today_here
from app.jobs.progress import report_progress
from app.prints.printed import Printed
from app.prints.table import render_csv, render_table_pdf
from app.prints.xlsx import SheetColumn, render_xlsx
from app.views.fields import Field
from app.views.list_page import ListPages, ListTools

KINDS = {"xlsx": 100_000, "csv": 100_000, "pdf": 5_000}
"""The kinds of files, and how many records one holds at most: longer ones are asked for in parts."""

AT_ONCE = {"xlsx": 3_000, "csv": 5_000, "pdf": 400}
"""How many records are handed out at once: about two seconds' work. What is longer is made by a job."""

PIECE = 500
WIDTHS = {"text": 28, "relation": 24, "moment": 22, "date": 14, "choice": 16, "boolean": 8, "integer": 10, "number": 14}


class ListFile:
    """One list, narrowed and sorted by the ``arguments`` of its address, as a file of ``kind``. Raises `NotFound` for
    another kind, `BadRequest` for arguments that cannot be.
    """

    def __init__(self, view: ListPages, kind: str, arguments: Mapping[str, str]) -> None:
        if kind not in KINDS:
            raise NotFound(_l("This page does not exist."))
        self.view, self.kind, self.arguments = view, kind, arguments
        self.tools = ListTools(view, "list", arguments)
        self.personal: set[str] = set()

    @cached_property
    def ids(self) -> list[int]:
        """The records in their order. Raises `Conflict` when they are too many for one file."""
        sort = self.view.sort(self.arguments.get("order") or self.view.usual_order)
        statement = self.view.narrowed(self.arguments, archived=self.tools.archived).order_by(*sort.clauses())
        found = list(db.session.scalars(statement.limit(KINDS[self.kind] + 1)))
        if len(found) > KINDS[self.kind]:
            raise Conflict(
                _l(
                    "The list has more than %(most)s records: narrow it by a filter, or take it in parts.",
                    most=format_number(KINDS[self.kind]),
                ),
                code="export_too_long",
            )
        return found

    @property
    def is_long(self) -> bool:
        """Whether making it takes longer than people wait."""
        return len(self.ids) > AT_ONCE[self.kind]

    @property
    def kept_arguments(self) -> dict[str, str]:
        """What of the address the file follows from."""
        order = {name: self.arguments[name] for name in ("order", "archived") if self.arguments.get(name)}
        return {**self.tools.shared, **order}

    def printed(self) -> Printed:
        """The file. Personal columns that hold something are in ``personal`` then."""
        title, name = str(self.view.plural), f"{self.view.plural} {today_here().isoformat()}"
        fields = self.tools.fields
        columns = [SheetColumn(str(field.label), WIDTHS.get(field.kind, 20)) for field in fields]
        if self.kind == "xlsx":
            rows = ([_value(field, record) for field in fields] for record in self._records())
            return render_xlsx(title, columns, rows, name, note=self._note)
        texts = ([field.text(record) for field in fields] for record in self._records())
        if self.kind == "csv":
            return render_csv(columns, texts, name)
        lines = list(texts)
        report_progress(db.session(), len(lines))  # nobody knows how long the typesetter takes
        return render_table_pdf(title, self._note, columns, lines, name)

    @property
    def _note(self) -> str:
        narrowed = [f"{chip.label}: {chip.text}" for chip in self.tools.chips]
        narrowed += [_("Search") + f": {self.tools.words}"] if self.tools.words else []
        return " · ".join([format_date(today_here()), *narrowed])

    def _records(self) -> Iterator[Any]:
        session, model = db.session(), self.view.model
        relations = [joinedload(getattr(model, name)) for name in self.view.relations(self.tools.fields)]
        personal = personal_columns(model) - self.view.masked
        told = [field.name for field in self.tools.fields if field.name in personal]
        for begin in range(0, len(self.ids), PIECE):
            report_progress(session, begin, len(self.ids))
            piece = self.ids[begin : begin + PIECE]
            found = {
                item.id: item for item in session.scalars(select(model).where(model.id.in_(piece)).options(*relations))
            }
            for record in (found[pk] for pk in piece if pk in found):
                self.personal.update(name for name in told if getattr(record, name))
                yield record
        report_progress(session, len(self.ids), len(self.ids))


def _value(field: Field, record: Any) -> Any:
    """Numbers and days as such, so that a spreadsheet can count with them; everything else as people read it."""
    value = shown_value(record, field.name)
    return value if field.kind in {"integer", "number", "date"} and value is not None else field.text(record)
