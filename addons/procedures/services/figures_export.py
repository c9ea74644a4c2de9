"""Figures as XLSX and CSV: the same lines as on the page."""

from collections.abc import Sequence
from typing import Any

from addons.procedures.services.figures import Figure
from app.addon import Printed, SheetColumn, official_language, render_csv, render_xlsx
from app.addon import gettext as _


def figures_xlsx(title: str, lines: Sequence[Figure], note: str) -> Printed:
    """The figures as a table that spreadsheet programs open."""
    with official_language():
        return render_xlsx(title, _columns(), [_row(line) for line in lines], title, note=note)


def figures_csv(title: str, lines: Sequence[Figure]) -> Printed:
    """The figures as CSV; numbers with a point, as programs read them."""
    with official_language():
        rows = [["" if value is None else str(value) for value in _row(line)] for line in lines]
        return render_csv(_columns(), rows, title)


def _columns() -> list[SheetColumn]:
    names = [
        _("Key"), _("Name"), _("Cases"), _("Tasks"), _("Median (minutes)"), _("90th percentile (minutes)"),
        _("Waited, median (minutes)"), _("On time, percent"), _("Returns"), _("Late entries"), _("Waiting now"),
    ]  # fmt: skip
    return [SheetColumn(name, 40 if place == 1 else 14) for place, name in enumerate(names)]


def _row(line: Figure) -> list[Any]:
    return list(line.as_json().values())
