"""Records counted and summed: as a graph by one column, as a table by two; both also as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import request
from flask_appbuilder import expose

from app.errors import BadRequest
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.i18n.formats import today_here
from app.prints.printed import answer_with
from app.prints.table import render_csv
from app.prints.xlsx import SheetColumn
from app.views.fields import Field
from app.views.grouping import MOST, Cell, Group, cells_of, groups_of, ordered_keys
from app.views.list_page import ListPages, ListTools

SHAPES = {"bar": _l("Bars"), "line": _l("Line"), "doughnut": _l("Circle")}
WIDEST = 30
"""Columns of a pivot table; those with the most records."""


@dataclass(frozen=True, slots=True)
class PivotTable:
    """The figures of a pivot table, with sums at its ends."""

    columns: list[tuple[Any, str]]
    rows: list[tuple[str, list[Any], Any]]
    totals: list[Any]
    total: Any


class FigurePages(ListPages):
    """The graph and the pivot table of a view that declares `Graph` and `Pivot`."""

    graph_shapes = SHAPES

    @expose("/graph")
    def graph(self) -> Any:
        """The records by one column, narrowed as the list is."""
        self._enter("read")
        mode, tools = self.mode("graph"), ListTools(self, "graph", request.args)
        by, measure = self.groupable_field(request.args.get("by") or mode.by), self._measure()
        groups = groups_of(self.model, self.narrowed(request.args), by, measure)
        if request.args.get("file"):
            head = [SheetColumn(str(by.label)), SheetColumn(self.measure_label(measure))]
            return self._csv(head, [[group.label, _plain(value_of(group, measure))] for group in groups])
        shape = request.args.get("as") or "bar"
        if shape not in SHAPES:
            raise BadRequest(_l("The request could not be understood."))
        values = {"by": by, "measure": measure, "groups": groups, "shape": shape, "value_of": value_of, "most": MOST}
        page = self.render_template("graph.html", view=self, tools=tools, wish=None, today=today_here(), **values)
        return str(page)

    @expose("/pivot")
    def pivot(self) -> Any:
        """The records by two columns, narrowed as the list is."""
        self._enter("read")
        mode, tools = self.mode("pivot"), ListTools(self, "pivot", request.args)
        rows = self.groupable_field(request.args.get("rows") or mode.rows)
        by, measure = self.groupable_field(request.args.get("by") or mode.by), self._measure()
        table = _table(rows, by, measure, cells_of(self.model, self.narrowed(request.args), rows, by, measure))
        if request.args.get("file"):
            head = [str(rows.label), *(label for _key, label in table.columns), _("Total")]
            lines = [[label, *map(_plain, values), _plain(total)] for label, values, total in table.rows]
            lines.append([_("Total"), *map(_plain, table.totals), _plain(table.total)])
            return self._csv([SheetColumn(title) for title in head], lines)
        values = {"by": by, "rows": rows, "measure": measure, "table": table}
        return str(self.render_template("pivot.html", view=self, tools=tools, wish=None, **values))

    def _measure(self) -> Field | None:
        """The number that is summed; None counts records. Raises `BadRequest` for any other column."""
        name = request.args.get("of", "")
        if name in ("", "count"):
            return None
        found = next((field for field in self.measures() if field.name == name), None)
        if found is None:
            raise BadRequest(_l("The records cannot be summed by that column."), code="bad_measure")
        return found

    @staticmethod
    def measure_label(measure: Field | None) -> str:
        """What the figures are."""
        return _("Number of records") if measure is None else _("Sum of %(column)s", column=measure.label)

    def _csv(self, head: list[SheetColumn], lines: list[list[str]]) -> Any:
        return answer_with(render_csv(head, lines, f"{self.plural} {today_here().isoformat()}"))


def value_of(group: Group | Cell, measure: Field | None) -> Any:
    """The figure of a group: its records, or the sum over them."""
    return group.count if measure is None else group.total or 0


def _plain(value: Any) -> str:
    """A figure for a file that programs read: no thousands, a point before decimals."""
    return "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)


def _table(rows: Field, by: Field, measure: Field | None, cells: list[Cell]) -> PivotTable:
    weight: dict[Any, int] = {}
    for cell in cells:
        weight[cell.column] = weight.get(cell.column, 0) + cell.count
    widest = sorted(weight, key=lambda key: -weight[key])[:WIDEST]
    columns = ordered_keys(by, widest)
    found = {(cell.row, cell.column): value_of(cell, measure) for cell in cells if cell.column in set(widest)}
    lines = []
    for key, label in ordered_keys(rows, dict.fromkeys(row for row, _column in found)):
        values = [found.get((key, column)) for column, _label in columns]
        lines.append((label, values, sum(value for value in values if value is not None)))
    totals = [sum(value for (_row, column), value in found.items() if column == key) for key, _label in columns]
    return PivotTable(columns, lines, totals, sum(totals))
