"""The papers of a case: the execution record, and the form of a step to be filled in by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addons.procedures.tests.test_late_entry import NOW, paper, times
from app import clock
from app.testing.papers import pdf_text

__all__ = ["paper"]


def test_the_execution_record_tells_who_did_what_when_and_with_which_papers(
    paper: dict[str, Any], program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    staf = program("kendal.staf")
    papers = staf.api("GET", f"task/{paper['task']}").json["result"]["papers"]
    given = {**times("11T08:00", "11T08:30"), "papers": [papers[0]["id"]], "remark": "Listrik padam"}
    with clock.frozen(NOW):
        assert staf.api("POST", f"task/{paper['task']}/do/enter_late", given).status_code == 200
        answer = person("kendal.staf").get(f"/procedures/case/{paper['case']}/print/record")
    assert answer.mimetype == "application/pdf"
    text = " ".join(pdf_text(answer.data).split())
    for words in (
        "CATATAN PELAKSANAAN",
        "Peminjaman alat peraga (SOP-PINJAM-ALAT)",
        "Mencatat permintaan alat",
        "Staf Contoh Kendal",
        "11 Januari 2027 08.30 WIB",
        "entri susulan",
        "☑ Formulir pinjam",
        "☐ Pulpen merah",
        "Listrik padam",
        "melewati waktu baku",
        "Memeriksa kelengkapan permintaan",
    ):
        assert words in text, (words, text)


def test_the_form_of_a_step_has_papers_to_tick_times_and_a_place_for_the_signature(
    paper: dict[str, Any], program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    page = f"/procedures/task/{paper['task']}"
    assert f"{page}/print/form" in person("kendal.staf").get(page).text
    text = " ".join(pdf_text(person("kendal.staf").get(f"{page}/print/form").data).split())
    for words in (
        "FORMULIR LANGKAH A", "Formulir pinjam", "Pulpen merah", "Foto alat", "Petugas alat", "entri susulan", "7",
    ):  # fmt: skip
        assert words in text, (words, text)
