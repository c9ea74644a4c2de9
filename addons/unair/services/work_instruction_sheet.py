"""The Instruksi Kerja as a spreadsheet: identity with three signers, and the five numbered parts."""

from typing import Any

from addons.procedures.services.procedure_sheet import Sheet, sheet_layout

LAST = 5
"""The last of the columns; three signers take two each."""
DOUBT = "† perlu konfirmasi: tidak tercetak pada naskah atau dibaca dengan ragu."


@sheet_layout("IK")
def instruction_sheets(book: Any, data: dict[str, Any]) -> None:
    """Cover and identity on the first sheet, the text on the second."""
    _identity(Sheet(book, "Identitas IK", landscape=False), data)
    _text(Sheet(book, "Uraian IK", landscape=False), data)


def _identity(sheet: Sheet, data: dict[str, Any]) -> None:
    sheet.sheet.set_column(0, LAST, 16)
    row = sheet.line(0, LAST, f"INSTRUKSI KERJA\n{data['title'].upper()}", sheet.title)
    for text in (*(line.upper() for line in data["authority"]), data["year"]):
        row = sheet.line(row, LAST, text, sheet.title)
    row = sheet.line(row + 1, LAST, "Identitas IK", sheet.part)
    for item in data["rows"]:
        sheet.merge((row, 0), (row, 1), item["label"], sheet.bold)
        sheet.merge((row, 2), (row, LAST), item["value"], sheet.text)
        row += 1
    width = max((LAST + 1) // max(len(data["signers"]), 1), 1)
    for place, signer in enumerate(data["signers"]):
        nip = f"NIP {signer['nip']}" if signer["nip"] else "NIP"
        words = f"{signer['role']}:\n\n\n{signer['name'] or '(nama)'}\n{nip}"
        sheet.merge((row, place * width), (row, place * width + width - 1), words, sheet.text)
    sheet.sheet.set_row(row, 90)
    if data["doubtful"]:
        sheet.line(row + 2, LAST, DOUBT, sheet.plain)


def _text(sheet: Sheet, data: dict[str, Any]) -> None:
    sheet.sheet.set_column(0, 0, 5)
    sheet.sheet.set_column(1, 1, 90)
    row = sheet.line(0, 1, "1. Tujuan :", sheet.part)
    row = sheet.line(row, 1, data["purpose"], sheet.plain)
    row = sheet.line(row + 1, 1, "2. Lingkup :", sheet.part)
    row = sheet.line(row, 1, data["scope"], sheet.plain)
    row = sheet.line(row + 1, 1, "3. Keterkaitan:", sheet.part)
    for name in data["related"] or ["-"]:
        row = sheet.line(row, 1, f"Instruksi Kerja ini terkait dengan {name}" if data["related"] else name, sheet.plain)
    row = sheet.line(row + 1, 1, "4. Uraian Instruksi Kerja :", sheet.part)
    for place, section in enumerate(data["sections"], 1):
        row = sheet.line(row, 1, f"{place}. {section['title']}", sheet.part)
        for step in section["steps"]:
            sheet.write(row, 0, f"{step['letter']}." if step["letter"] else "–", sheet.middle)
            sheet.write(row, 1, "\n".join([step["activity"], *(f"• {way}" for way in step["ways"])]))
            row += 1
    row = sheet.line(row + 1, 1, "5. Pencatatan dan Pendataan :", sheet.part)
    for place, name in enumerate(data["records"]):
        sheet.write(row, 0, f"{chr(ord('a') + place % 26)}.", sheet.middle)
        sheet.write(row, 1, name)
        row += 1
    if data["doubtful"]:
        sheet.line(row + 1, 1, DOUBT, sheet.plain)
