"""The attendance list on paper and as a spreadsheet, opened again by other programs."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2

from addons.activities.tests.conftest import MORNING
from app import clock

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = "=cmd|' /C calc'!A0 #eval(\"1\") $x$ *tebal*"


def pdf_text(content: bytes) -> str:
    """The words of a PDF, line by line."""
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_range() for page in document]
    return "\n".join(line.strip() for page in pages for line in page.splitlines() if line.strip())


def printed(person: Any, activity: int, kind: str) -> Any:
    answer = person("kendal.staf").get(f"/activities/activity/{activity}/print/attendance_{kind}")
    assert answer.status_code == 200, answer.text
    return answer


def test_the_list_of_a_held_activity_reads_as_it_should(
    plan: Callable[..., int], enter: Any, person: Any, program: Any
) -> None:
    activity = plan()
    with clock.frozen(MORNING):
        enter(activity, "Siti Contoh; SD Negeri Contoh 1; Kelas 5\nBudi Contoh; SD Negeri Contoh 1\nTono Contoh")
        program("kendal.staf").api("POST", f"activity/{activity}/do/hold")
    answer = printed(person, activity, "pdf")
    assert answer.mimetype == "application/pdf"
    assert pdf_text(answer.data) == (GOLDEN / "attendance_list.txt").read_text(encoding="utf-8").strip()


def test_an_empty_list_has_a_row_for_everybody_expected(plan: Callable[..., int], person: Any) -> None:
    lines = pdf_text(printed(person, plan(participants=42), "pdf").data).split("\n")
    assert "42 42." in " ".join(lines)
    assert "43" not in lines
    assert "Halaman 3 / 3" in lines
    assert not [line for line in lines if line.startswith("Jumlah yang hadir")]
    assert "20 20." in " ".join(pdf_text(printed(person, plan(), "pdf").data).split("\n"))


def test_an_activity_of_two_days_names_both(plan: Callable[..., int], person: Any) -> None:
    text = pdf_text(printed(person, plan(ends_at=MORNING + timedelta(days=1, hours=8)), "pdf").data)
    assert "Senin, 2 Maret 2026 – Selasa, 3 Maret 2026" in text
    assert "08.00 – 16.00 WIB" in text


def test_the_spreadsheet_holds_names_as_texts_and_no_contact(plan: Callable[..., int], enter: Any, person: Any) -> None:
    activity = plan(title=HOSTILE)
    with clock.frozen(MORNING + timedelta(minutes=15)):
        enter(activity, f"Siti Contoh; SD Contoh 1; Kelas 5; 0812-0000-0000\n{HOSTILE}; @SD")
    sheet = openpyxl.load_workbook(io.BytesIO(printed(person, activity, "xlsx").data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert rows[0] == ["No.", "Nama", "Instansi atau asal", "Jabatan atau kelas", "Waktu hadir", "Catatan"]
    assert [cell or "" for cell in rows[1]] == [
        1,
        "Siti Contoh",
        "SD Contoh 1",
        "Kelas 5",
        "2 Maret 2026 08.15 WIB",
        "",
    ]
    assert rows[2][1] == HOSTILE
    assert sheet.cell(6, 2).data_type == "s"
    assert sheet.cell(2, 1).value == "Senin, 2 Maret 2026 · 08.00 – 10.00 WIB · Ruang Baca Anak"
    assert "0812" not in str(rows)
    assert "*tebal*" in pdf_text(printed(person, activity, "pdf").data)


def test_only_who_may_read_attendance_prints_it(plan: Callable[..., int], person: Any) -> None:
    address = f"/activities/activity/{plan()}/print/attendance_"
    for kind in ("pdf", "xlsx"):
        assert person("unair.admin").get(f"{address}{kind}").status_code == 404
        assert person("kendal.kadis").get(f"{address}{kind}").status_code == 200
    admin, role = person("kendal.admin"), "/kernel/roles/kendal.kepala_dinas"
    admin.send(role, {"was": "activities.Attendance:read"}, form_at=role)
    for kind in ("pdf", "xlsx"):
        assert person("kendal.kadis").get(f"{address}{kind}").status_code == 403
