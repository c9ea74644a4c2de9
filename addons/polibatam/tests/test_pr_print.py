"""The procedure on paper: the header on every page, the stamp of a controlled copy, indicators, where data are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.database.base import models
from app.database.session import db
from app.testing.papers import pdf_text, refuse_other_pages, sheet_words

GOLDEN = Path(__file__).parent / "golden"


def printed(acting: Callable[..., Any]) -> bytes:
    from addons.procedures.services.procedure_print import procedure_pdf

    with acting("polibatam.staf", "polibatam"):
        return bytes(procedure_pdf(db.session.query(models["procedures.Procedure"]).one()).content)


def in_sheets(acting: Callable[..., Any]) -> tuple[list[str], str]:
    """The sheets of the XLSX and its words, without the marks of what is to be confirmed."""
    from addons.procedures.services.procedure_sheet import procedure_xlsx

    with acting("polibatam.staf", "polibatam"):
        content = procedure_xlsx(db.session.query(models["procedures.Procedure"]).one()).content
    names, words = sheet_words(content)
    return names, " ".join(words.replace("†", "").split()).replace("/ ", "/")


def test_every_field_of_the_source_stands_in_the_spreadsheet_too(acting: Callable[..., Any]) -> None:
    names, words = in_sheets(acting)
    assert names == ["Prosedur", "KPI dan penyimpanan data"]
    missing = [field for field in SOURCE if field not in words]
    assert missing == []


def test_every_field_of_the_source_stands_on_the_paper(acting: Callable[..., Any]) -> None:
    text = pdf_text(printed(acting))
    assert text == (GOLDEN / "pr.txt").read_text().strip()
    words = " ".join(text.replace("†", "").split()).replace("/ ", "/")
    for field in SOURCE:
        assert field in words, field


def test_header_and_stamp_stand_on_every_page(acting: Callable[..., Any]) -> None:
    import pypdfium2  # type: ignore[import-untyped]  # a tool of the tests, without stubs

    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(printed(acting))]
    assert len(pages) > 1
    for page in pages:
        for words in ("No.PR.28.3-V1", "Prosedur Pelaksanaan Kerjasama", "Humas & Kerjasama", "DIR", "3 Maret 2025"):
            assert words in page, words
        assert "Controlled" in page


SERVICE = (
    "Tim Kerjasama melaksanakan layanan pengelolaan kerjasama sesuai standar waktu layanan yang ditentukan yaitu:##) "
)
ASPECTS = "Jurusan/P3M melaksanakan kerjasama dengan memenuhi 3 aspek berupa:*) "
SOURCE = (
    "1. Tujuan",
    "Merencanakan program Kerjasama Politeknik Negeri Batam dengan Pihak Eksternal",
    "2. Ruang Lingkup",
    "Identifikasi kegiatan Kerjasama dan menyiapkan kegiatan pelaksanaan kerjasama",
    "Controlled",
    "3. Uraian Prosedur",
    "Diagram Alir Proses Bisnis",
    "Uraian Diagram Alir",
    "Staf Kerjasama, mempersiapkan rencana kegiatan",
    "Rencana kegiatan dapat berupa:",
    "Penjadwalan",
    "Rapat",
    "Dan lain-lain sesuai kebutuhan",
    (
        "Kapokja Humas dan Kerjasama, melakukan koordinasi pelaksanaan kegiatan Kerjasama dengan mitra dan unit "
        "internal terkait"
    ),
    "Kegiatan bisa berupa rapat, dan lain-lain",
    "Staf Kerjasama, mengarsip laporan Kerjasama",
    "Sebagai salah satu data untuk Laporan Evaluasi Diri (LED)",
    "KPI",
    "B.1.2.9.7",
    (
        "Jurusan/P3M melaksanakan kerjasama pendidikan, penelitian dan PkM yang relevan dengan bidang keilmuan prodi "
        "pada level internasional, nasional ataupun wilayah/lokal setiap tahun. *)"
    ),
    "B.1.2.9.11",
    (
        "Polibatam melalui Tim Kerjasama menetapkan persentase prodi yang melaksanakan kerjasama dengan mitra, pada "
        "tahun 2025 sebesar 80% dengan kenaikan minimal sebesar 5% setiap tahunnya.**)"
    ),
    "B.1.2.9.13.a",
    SERVICE + "a. menyusun dan/atau memperbaiki draf/salinan MoU/MoA maksimal 1 hari setelah permintaan "
    "penyusunan/pembaruan;",
    "B.1.2.9.13.b",
    SERVICE + "b. merespon permintaan layanan maksimal 15 menit setelah permintaan masuk melalui media manapun sebagai "
    "pintu layanan;",
    "B.1.2.9.13.c",
    SERVICE + "c. menindaklanjuti permintaan mitra maksimal 1 hari setelah adanya permintaan.",
    "B.1.2.9.8.a",
    ASPECTS + "a. aspek kebermanfaatan terhadap proses pembelajaran, penelitian, PKM;",
    "B.1.2.9.8.b",
    ASPECTS + "b. aspek peningkatan kinerja tridharma dan fasilitas pendukung prodi;",
    "B.1.2.9.8.c",
    ASPECTS + "c. aspek kepuasan mitra dan keberlanjutan kerjasama setiap tahun.",
    "4. Penyimpanan Data",
    "No Nama Data Berkas Lokasi Penyimpanan Masa Penyimpanan",
    "Monitoring Kerjasama",
    "No.BO.28.1.2 Borang Monitoring Kerjasama",
    "Laporan Evaluasi Diri",
    "No.FO.2.3.1 Format Evaluasi Diri Unit",
    "5 Tahun",
)
"""Every field of the source text, in its words ("kebermanfaatn" mended)."""


def test_the_pages_look_like_the_golden_ones(acting: Callable[..., Any]) -> None:
    refuse_other_pages(printed(acting), GOLDEN / "pr.pages")
