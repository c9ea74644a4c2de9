"""Figures as XLSX and CSV: the same lines as on the page."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from addons.procedures.services.figures import Figure
from app.addon import Printed, SheetColumn, official_language, render_xlsx
from app.addon import gettext as _

CSV = "text/csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def figures_xlsx(title: str, lines: Sequence[Figure], note: str) -> Printed:
    """The figures as a table that spreadsheet programs open."""
    with official_language():
        columns = [SheetColumn(name, 40 if place == 1 else 14) for place, name in enumerate(_titles())]
        return render_xlsx(title, columns, [_row(line) for line in lines], title, note=note)


def figures_csv(title: str, lines: Sequence[Figure]) -> Printed:
    """The figures as CSV with a byte order mark, which spreadsheet programs want; no text is a formula."""
    target = io.StringIO()
    with official_language():
        writer = csv.writer(target)
        writer.writerow(_titles())
        writer.writerows([_harmless(value) for value in _row(line)] for line in lines)
    return Printed(("\ufeff" + target.getvalue()).encode(), CSV, title)


def _titles() -> list[str]:
    return [
        _("Key"), _("Name"), _("Cases"), _("Tasks"), _("Median (minutes)"), _("90th percentile (minutes)"),
        _("Waited, median (minutes)"), _("On time (%)"), _("Returns"), _("Late entries"), _("Waiting now"),
    ]  # fmt: skip


def _row(line: Figure) -> list[Any]:
    return list(line.as_json().values())


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
