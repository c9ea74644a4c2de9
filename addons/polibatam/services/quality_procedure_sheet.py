"""The procedure of the quality system as a spreadsheet: header, flow chart, activities; indicators and storage."""

from typing import Any

from addons.procedures.services.procedure_sheet import BOX, CAPSULE, DOWN, Sheet, sheet_layout

LAST = 4
"""The last of the columns."""
DOUBT = "† perlu konfirmasi: tidak tercetak pada naskah atau dibaca dengan ragu."


@sheet_layout("PR")
def procedure_sheets(book: Any, data: dict[str, Any]) -> None:
    """Purpose, scope and description on the first sheet, indicators and storage of data on the second."""
    _description(Sheet(book, "Prosedur", landscape=False), data)
    _indicators(Sheet(book, "KPI dan penyimpanan data", landscape=False), data)


def _head(sheet: Sheet, data: dict[str, Any]) -> int:
    """The header of the document with its stamp; returns the next row."""
    for column, width in enumerate((7, 34, 34, 24, 18)):
        sheet.sheet.set_column(column, column, width)
    sheet.merge((0, 0), (1, 0), "", sheet.text)
    sheet.merge((0, 1), (1, 2), f"No.{data['number']}\n{data['title']}", sheet.bold)
    sheet.write(0, 3, data["unit"], sheet.middle)
    sheet.write(0, 4, data["approval"], sheet.middle)
    sheet.write(1, 3, data["day"], sheet.middle)
    sheet.write(1, 4, data["stamp"], sheet.middle)
    for row in (0, 1):
        sheet.sheet.set_row(row, 24)
    sheet.sheet.repeat_rows(0, 1)
    sheet.sheet.set_footer("&RHalaman &P / &N")
    return 3


def _description(sheet: Sheet, data: dict[str, Any]) -> None:
    row = _head(sheet, data)
    for title, items in (("1. Tujuan", data["purpose"]), ("2. Ruang Lingkup", data["scope"])):
        row = sheet.line(row, LAST, title, sheet.part)
        for item in items:
            row = sheet.line(row, LAST, f"• {item}", sheet.plain, signs=110)
        row += 1
    row = sheet.line(row, LAST, "3. Uraian Prosedur", sheet.part)
    row = sheet.line(row, LAST, "Diagram Alir Proses Bisnis", sheet.part)
    row = _flow(sheet, data, row) + 1
    row = sheet.line(row, LAST, "Uraian Diagram Alir", sheet.part)
    sheet.merge((row, 0), (row, 2), "Aktifitas", sheet.head)
    sheet.merge((row, 3), (row, LAST), "Catatan", sheet.head)
    for step in data["steps"]:
        row += 1
        note = "\n".join([step["note"], *(f"• {item}" for item in step["items"])])
        sheet.merge((row, 0), (row, 2), step["text"], sheet.text)
        sheet.merge((row, 3), (row, LAST), note, sheet.text)
        sheet.sheet.set_row(row, 16 * max(1 + len(step["text"]) // 70, note.count("\n") + 1 + len(note) // 60))
    if data["doubtful"]:
        sheet.line(row + 2, LAST, DOUBT, sheet.plain)


def _flow(sheet: Sheet, data: dict[str, Any], row: int) -> int:
    """No., activity, executor with the symbol: the drawn lanes of the paper, as a table; returns the next row."""
    for column, text in ((0, "No"), (1, "Kegiatan"), (3, "Pelaksana"), (4, "Simbol")):
        sheet.merge((row, column), (row, 2 if column == 1 else column), text, sheet.head)
    for place, step in enumerate(data["steps"], 1):
        is_last = place == len(data["steps"])
        begins, ends = [f"{CAPSULE} Mulai", DOWN] if place == 1 else [], [f"{CAPSULE} Selesai"] if is_last else []
        symbols = "\n".join([*begins, BOX, DOWN, *ends])
        sheet.write(row + place, 0, f"{place}.", sheet.middle)
        sheet.merge((row + place, 1), (row + place, 2), step["activity"], sheet.text)
        sheet.write(row + place, 3, step["executor"], sheet.middle)
        sheet.write(row + place, 4, symbols, sheet.middle)
        sheet.sheet.set_row(row + place, 16 * (symbols.count("\n") + 1))
    return row + len(data["steps"]) + 1


def _indicators(sheet: Sheet, data: dict[str, Any]) -> None:
    row = _head(sheet, data)
    sheet.merge((row, 0), (row, 1), "KPI", sheet.head)
    sheet.merge((row, 2), (row, LAST), "Catatan", sheet.head)
    for item in data["indicators"]:
        row += 1
        sheet.merge((row, 0), (row, 1), item["code"], sheet.text)
        sheet.merge((row, 2), (row, LAST), item["text"], sheet.text)
        sheet.sheet.set_row(row, 16 * (1 + len(item["text"]) // 75))
    row = sheet.line(row + 2, LAST, "4. Penyimpanan Data", sheet.part)
    for column, text in enumerate(("No", "Nama Data", "Berkas", "Lokasi Penyimpanan", "Masa Penyimpanan")):
        sheet.write(row, column, text, sheet.head)
    for place, item in enumerate(data["storage"], 1):
        cells = (f"{place}.", item["name"], item["file"], item["place"], item["years"] + item["mark"])
        for column, text in enumerate(cells):
            sheet.write(row + place, column, text)
    if data["doubtful"]:
        sheet.line(row + len(data["storage"]) + 2, LAST, DOUBT, sheet.plain)
