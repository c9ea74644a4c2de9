"""The official form (SOP AP) as a spreadsheet: identity page, and flow page with a symbol in the executor's column."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from addons.procedures.models.procedure import Procedure
from addons.procedures.services.procedure_print import form_of, layout_data, parts_to_print
from app.addon import XLSX, Printed, as_system, db, official_language, plain_text
from app.addon import gettext as _

CAPSULE, BOX, DIAMOND, DOWN, BACK = "⬭", "▭", "◇", "↓", "↺"
IDENTITY, FLOW = "Identitas", "Bagan alir"
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

Sheets = Callable[[Any, dict[str, Any]], None]
_layouts: dict[str, Sheets] = {}


def sheet_layout(kind: str) -> Callable[[Sheets], Sheets]:
    """Register how procedures of ``kind`` (such as IK) stand in a spreadsheet: the function gets the workbook and the
    data that the kind's `procedure_layout` gives. Other kinds stand there as SOP AP.
    """

    def register(function: Sheets) -> Sheets:
        _layouts[kind] = function
        return function

    return register


def procedure_xlsx(procedure: Procedure) -> Printed:
    """The procedure as XLSX, in the layout of its kind; what needs confirmation is marked."""
    import xlsxwriter  # late: few requests print

    write = _layouts.get(procedure.kind, _official_form)
    with official_language(), as_system(db.session(), "a procedure is told whole to whoever may read it"):
        data = layout_data(procedure) if procedure.kind in _layouts else form_of(procedure, *parts_to_print(procedure))
        target = BytesIO()
        with xlsxwriter.Workbook(target, OPTIONS) as book:
            write(book, data)
    return Printed(target.getvalue(), XLSX, f"{procedure.kind} {procedure.code}-{procedure.edition}")


def _official_form(book: Any, data: dict[str, Any]) -> None:
    _Form(book, IDENTITY, data).identity()
    _Form(book, FLOW, data).flow()


class Sheet:
    """One page of a form, with the styles of its cells."""

    def __init__(self, book: Any, name: str, *, landscape: bool = True) -> None:
        cell = {"border": 1, "text_wrap": True, "valign": "top"}
        self.sheet = book.add_worksheet(name)
        # The sign that makes a spreadsheet program take a cell as text, also when somebody edits it.
        self.text = book.add_format({**cell, "quote_prefix": True})
        self.bold = book.add_format({**cell, "bold": True, "quote_prefix": True})
        self.middle = book.add_format({**cell, "align": "center", "valign": "vcenter", "quote_prefix": True})
        self.symbol = book.add_format({**cell, "align": "center", "valign": "vcenter", "font_size": 18})
        self.head = book.add_format({**cell, "bold": True, "bg_color": "#EBEBEB", "align": "center"})
        self.title = book.add_format({"bold": True, "font_size": 13, "align": "center", "text_wrap": True})
        self.part = book.add_format({"bold": True, "font_size": 12, "text_wrap": True, "quote_prefix": True})
        self.plain = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        if landscape:
            self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)

    def write(self, row: int, column: int, text: str, style: Any = None) -> None:
        """A text that stays one."""
        self.sheet.write_string(row, column, plain_text(text), style or self.text)

    def merge(self, first: tuple[int, int], last: tuple[int, int], text: str, style: Any) -> None:
        """A text over several cells; one cell is none to merge."""
        if first == last:
            self.write(*first, text, style)
        else:
            self.sheet.merge_range(*first, *last, "", style)
            self.write(*first, text, style)

    def line(self, row: int, last: int, text: str, style: Any, *, signs: int = 90) -> int:
        """A text over the columns up to ``last``, as high as its ``signs`` a line make it; returns the next row."""
        self.merge((row, 0), (row, last), text, style)
        self.sheet.set_row(row, 16 * lines_of(text, signs))
        return row + 1


def lines_of(text: str, signs: int) -> int:
    """How many lines of ``signs`` a text takes: merged cells do not grow by themselves."""
    return sum(1 + len(line) // signs for line in text.split("\n"))


class _Form(Sheet):
    """One page of the official form."""

    def __init__(self, book: Any, name: str, data: dict[str, Any]) -> None:
        super().__init__(book, name)
        self.data = data

    def identity(self) -> None:
        """Unit beside the block of number, dates and approval; below, the six parts two by two."""
        rows, parts = self.data["identity"], self.data["parts"]
        self.sheet.set_column(0, 0, 60)
        self.sheet.set_column(1, 1, 24)
        self.sheet.set_column(2, 2, 60)
        self.merge((0, 0), (len(rows) - 1, 0), "\n".join([*self.data["above"], self.data["unit"]]), self.middle)
        for row, item in enumerate(rows):
            self.write(row, 1, item["label"])
            self.write(row, 2, "\n".join([item["value"], *(["", "", *item["sign"]] if "sign" in item else [])]))
            if "sign" in item:
                self.sheet.set_row(row, 100)
        for place, part in enumerate(parts):
            row, right = len(rows) + 1 + place // 2 * 2, place % 2 == 1
            items = "\n".join(f"{number}. {item}" for number, item in enumerate(part["items"], 1)) or "-"
            for line, text, style in ((row, part["title"].upper(), self.head), (row + 1, items, self.text)):
                if right:
                    self.merge((line, 1), (line, 2), text, style)
                else:
                    self.write(line, 0, text, style)
            deepest = max(text.count("\n") + len(text) // 70 for text in (items,)) + 1
            self.sheet.set_row(row + 1, min(15 * max(deepest, 6), 400))

    def flow(self) -> None:
        """No., activity, a column for each executor with the symbol, standard quality, remark."""
        executors = self.data["executors"]
        last = len(executors) + 5
        self.sheet.set_column(0, 0, 5)
        self.sheet.set_column(1, 1, 42)
        self.sheet.set_column(2, len(executors) + 1, 13)
        self.sheet.set_column(last - 3, last - 3, 30)
        self.sheet.set_column(last - 2, last - 2, 11)
        self.sheet.set_column(last - 1, last, 30)
        self.merge((0, 0), (0, last), self.data["title"].upper(), self.title)
        self._flow_head(executors, last)
        for row, step in enumerate(self.data["steps"], 4):
            self.write(row, 0, step["key"], self.middle)
            self.write(row, 1, step["activity"])
            for column in range(len(executors)):
                self.write(row, column + 2, _symbol(step) if column == step["executor"] else "", self.symbol)
            listed = ("\n".join(f"– {item}" for item in step[name]) for name in ("papers", "outputs"))
            papers, outputs = listed
            self.write(row, last - 3, papers)
            self.write(row, last - 2, step["time"], self.middle)
            self.write(row, last - 1, outputs)
            self.write(row, last, "\n".join(part for part in (step["remark"], _goes_on(step)) if part))
        self._flow_foot(len(self.data["steps"]) + 5, last)

    def _flow_head(self, executors: list[str], last: int) -> None:
        for column, text in ((0, "No."), (1, _("Activity")), (last, _("Remark"))):
            self.merge((2, column), (3, column), text, self.head)
        self.merge((2, 2), (2, len(executors) + 1), _("Executor"), self.head)
        for column, name in enumerate(executors, 2):
            self.write(3, column, name, self.head)
        self.merge((2, last - 3), (2, last - 1), _("Standard quality"), self.head)
        for column, text in ((last - 3, self.data["papers_title"]), (last - 2, _("Time")), (last - 1, _("Output"))):
            self.write(3, column, text, self.head)
        self.sheet.freeze_panes(4, 2)
        self.sheet.repeat_rows(2, 3)

    def _flow_foot(self, row: int, last: int) -> None:
        # Not within an f-string: texts there do not reach the catalogue.
        signs = ((CAPSULE, _("begin or end")), (BOX, _("process")), (DIAMOND, _("decision")), (DOWN, _("goes on")))
        self.merge((row, 0), (row, last), "   ".join(f"{sign} {word}" for sign, word in signs), self.plain)
        if self.data["doubtful"]:
            self.merge((row + 1, 0), (row + 1, last), "† " + _("needs confirmation"), self.plain)


def _symbol(step: dict[str, Any]) -> str:
    shape = DIAMOND if step["decides"] else CAPSULE if step["starts"] or step["ends"] else BOX
    return f"{shape}\n{DOWN}" if any(way["down"] for way in step["branches"]) else shape


def _goes_on(step: dict[str, Any]) -> str:
    """Where the ways lead that do not simply go down: a spreadsheet draws no arrows."""
    lines = []
    for way in step["branches"]:
        if way["down"] and not way["label"]:
            continue
        target = _("end") if way["to"] == "end" else _("step %(key)s", key=way["to"])
        sign = BACK if way["back"] else "→"
        lines.append(f"{way['label']} {sign} {target}".strip())
    return "\n".join(lines)
