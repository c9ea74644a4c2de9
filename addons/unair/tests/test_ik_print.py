"""The instruction on paper: cover, identity with three signers, five parts, and nothing that we added."""

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

    with acting("unair.humas", "unair"):
        return bytes(procedure_pdf(db.session.query(models["procedures.Procedure"]).one()).content)


def in_sheets(acting: Callable[..., Any]) -> tuple[list[str], str]:
    """The sheets of the XLSX and its words, without the marks of what is to be confirmed."""
    from addons.procedures.services.procedure_sheet import procedure_xlsx

    with acting("unair.humas", "unair"):
        content = procedure_xlsx(db.session.query(models["procedures.Procedure"]).one()).content
    names, words = sheet_words(content)
    return names, " ".join(words.replace("†", "").split()).replace("/ ", "/")


def test_every_field_of_the_source_stands_in_the_spreadsheet_too(acting: Callable[..., Any]) -> None:
    names, words = in_sheets(acting)
    assert names == ["Identitas IK", "Uraian IK"]
    missing = [field for field in SOURCE if field not in words]
    assert missing == []


def test_every_field_of_the_source_stands_on_the_paper(acting: Callable[..., Any]) -> None:
    text = pdf_text(printed(acting))
    assert text == (GOLDEN / "ik.txt").read_text().strip()
    words = " ".join(text.replace("†", "").split()).replace("/ ", "/")
    for field in SOURCE:
        assert field in words, field


def test_what_we_added_is_not_on_the_librarys_own_text(acting: Callable[..., Any]) -> None:
    text = pdf_text(printed(acting))
    for added in ("Tidak dilanjutkan", "menentukan jalur", "Mengikuti perkembangan kerjasama"):
        assert added not in text


def test_the_cover_comes_first_and_the_pages_stand_upright(acting: Callable[..., Any]) -> None:
    import pypdfium2  # type: ignore[import-untyped]  # a tool of the tests, without stubs

    document = pypdfium2.PdfDocument(printed(acting))
    pages = [page.get_textpage().get_text_range() for page in document]
    assert "INSTRUKSI KERJA" in pages[0]
    assert "Identitas IK" not in pages[0]
    assert "Identitas IK" in pages[1]
    width, height = document[0].get_size()
    assert height > width


SOURCE = (
    "INSTRUKSI KERJA KERJASAMA",
    "KEMENTERIAN PENDIDIKAN, KEBUDAYAAN, RISET DAN TEKNOLOGI",
    "UNIVERSITAS AIRLANGGA",
    "PERPUSTAKAAN",
    "2023",
    "Identitas IK",
    "Nama IK Kerjasama",
    "Nomor IK IK-UNAIR-LIB-11",
    "Tanggal Pembuatan 20 Februari 2023",
    "Tanggal Revisi -",
    "Tanggal Efektif 22 Februari 2023",
    "Perumusan:",
    "Penetapan:",
    "Pengendalian:",
    "1. Tujuan :",
    (
        "Menjamin penyelenggaraan kegiatan kehumasan di bidang kerjasama Perpustakaan Universitas Airlangga dengan "
        "mitra kerja agar dapat berjalan dengan baik sesuai rencana sehingga tercipta koordinasi "
        "dan komunikasi yang baik."
    ),
    "2. Lingkup :",
    "Berlaku untuk pelaksanaan kegiatan kerjasama dengan mitra kerja yang terdiri dari internal dan eksternal",
    "3. Keterkaitan:",
    "Instruksi Kerja ini terkait dengan SOP Layanan Kehumasan",
    "4. Uraian Instruksi Kerja :",
    "1. Kerjasama Dalam Negeri:",
    "a. Melakukan koordinasi dengan calon mitra kerjasama",
    "b. Melakukan koordinasi dan negosiasi dengan calon mitra Kerjasama",
    "c. Membuat laporan hasil koordinasi dan negosiasi kepada Kepala Perpustakaan",
    "d. Kepala Perpustakaan membuat keputusan:",
    "MOU, harus melapor kepada Badan Kerjasama dan Manajemen Pengembangan",
    "MOA, dilaksanakan perpustakaan dengan calon mitra kerjasama",
    "e. Kepala Perpustakaan menugaskan Kasie Tata Usaha berkoordinasi dengan Humas untuk pelaksanaan Kerjasama.",
    "2. Kerjasama Luar Negeri",
    "a. Melakukan koordinasi dengan AGE terkait dengan program Kerjasama",
    "b. Melaporkan kepada Kepala Perpustakaan tentang hasil koordinasi dengan AGE",
    "c. Menugaskan kembali kepada Humas untuk mengikuti perkembangan kerjasama.",
    "5. Pencatatan dan Pendataan :",
    "a. MoU",
    "b. MoA",
    "c. Proposal",
)
"""Every field of the source text, in its words."""


def test_the_pages_look_like_the_golden_ones(acting: Callable[..., Any]) -> None:
    refuse_other_pages(printed(acting), GOLDEN / "ik.pages")
