"""Files of records: which are taken, where they are, and what becomes of them when a transaction does not."""

from __future__ import annotations

import io
import os
import stat
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.database.base import models
from app.database.session import db
from app.errors import Invalid, NotFound
from app.records.attachment import (
    Attachment,
    attach,
    attachment_of,
    attachments_of,
    clean_name,
    files_folder,
    kind_of,
    path_of,
    sweep_pending_files,
)
from app.records.service import service_of

pytestmark = pytest.mark.postgres

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
JPG = b"\xff\xd8\xff\xe0" + b"\0" * 40


def office(kind: str) -> bytes:
    """A document as an office program writes it."""
    folder = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}.get(kind)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        if folder:
            archive.writestr("[Content_Types].xml", "<Types/>")
            archive.writestr("_rels/.rels", "<Relationships/>")
            archive.writestr(folder, "<document/>")
        else:
            archive.writestr(
                "mimetype", f"application/vnd.oasis.opendocument.{'text' if kind == 'odt' else 'spreadsheet'}"
            )
            archive.writestr("content.xml", "<content/>")
    return target.getvalue()


def archive() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("run.exe", b"MZ" + b"\0" * 100)
    return target.getvalue()


@pytest.fixture
def partner(administrator: Any) -> Iterator[Any]:
    """A partner of Kendal, with an administrator at work."""
    with administrator():
        yield db.session.scalar(select(models["partners.Partner"]).where(models["partners.Partner"].city == "Kendal"))


def put(record: Any, content: bytes = PDF, name: str = "surat.pdf") -> Attachment:
    return attach(db.session(), record, name, io.BytesIO(content))


def stored() -> set[str]:
    """The files in the store, pending ones marked."""
    return {str(path.relative_to(files_folder())) for path in files_folder().rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (JPG, "image/jpeg"),
        (office("docx"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (office("xlsx"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (office("odt"), "application/vnd.oasis.opendocument.text"),
        (office("ods"), "application/vnd.oasis.opendocument.spreadsheet"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_kind_is_told_by_the_content(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"MZ" + b"\0" * 200,
        b"\x7fELF" + b"\0" * 200,
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"#!/bin/sh\nrm -rf /\n",
        b"GIF89a" + b"\0" * 50,
        archive(),
        b"just text",
    ],
    ids=["exe", "elf", "html", "svg", "script", "gif", "zip", "text"],
)
def test_a_file_of_another_kind_is_refused_whatever_its_name(partner: Any, content: bytes) -> None:
    before = stored()
    with pytest.raises(Invalid) as refusal:
        put(partner, content, "surat.pdf")
    assert list(refusal.value.errors) == ["files"]
    assert "surat.pdf" in str(refusal.value)
    assert stored() == before


def test_a_picture_named_like_a_document_is_kept_as_a_picture(partner: Any) -> None:
    kept = put(partner, PNG, "surat.pdf")
    assert kept.kind == "image/png"
    assert kept.stored_name.endswith(".png")
    assert kept.name == "surat.pdf"


def test_an_empty_file_is_refused(partner: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        put(partner, b"")
    assert list(refusal.value.errors) == ["files"]


def test_a_file_may_be_as_large_as_the_limit_and_not_a_byte_larger(
    app: Flask, partner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MAX_UPLOAD_BYTES", 1000)
    assert put(partner, PDF.ljust(1000)).size == 1000
    with pytest.raises(Invalid) as refusal:
        put(partner, PDF.ljust(1001))
    assert list(refusal.value.errors) == ["files"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("surat.pdf", "surat.pdf"),
        ("../../etc/passwd", "etc passwd"),
        ("C:\\fakepath\\surat permohonan.pdf", "C fakepath surat permohonan.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie x=1.pdf"),
        ("\0\0", "file"),
        ("", "file"),
        ("...", "file"),
        ("Undangan Rapat – Ünïcode.pdf", "Undangan Rapat – Ünïcode.pdf"),
        ("surat\u202efdp.exe", "surat fdp.exe"),
    ],
)
def test_a_file_name_is_made_safe_to_show_and_to_offer(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_long_file_name_keeps_its_ending_and_fits(partner: Any) -> None:
    kept = put(partner, PDF, "x" * 500 + ".pdf")
    assert kept.name.endswith(".pdf")
    assert len(kept.name) <= 200


def test_a_committed_file_is_kept_for_us_alone(partner: Any) -> None:
    kept = put(partner, PDF)
    with pytest.raises(NotFound):
        path_of(kept)
    db.session.commit()
    path = path_of(kept)
    assert path.read_bytes() == PDF
    assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0
    assert not {name for name in stored() if kept.stored_name in name and name.startswith("pending")}
    assert "surat" not in str(path)
    assert (kept.size, len(kept.sha256)) == (len(PDF), 64)


def test_a_file_whose_transaction_is_rolled_back_is_gone(partner: Any) -> None:
    before = stored()
    put(partner)
    assert stored() != before
    db.session.rollback()
    assert stored() == before
    db.session.commit()
    assert stored() == before


def test_a_file_is_not_kept_before_the_whole_transaction_is(partner: Any) -> None:
    """Saving a record releases a savepoint; that is not yet a commit."""
    before = stored()
    with db.session.begin_nested():
        put(partner)
    service_of(type(partner)).update(partner, {"note": "another savepoint"})
    assert {name.split("/")[0] for name in stored() - before} == {"pending"}
    db.session.rollback()
    assert stored() == before


def test_a_file_of_a_savepoint_that_is_rolled_back_is_gone_and_the_others_stay(partner: Any) -> None:
    before = stored()
    first = put(partner, PDF, "first.pdf").stored_name
    outer = db.session.begin_nested()
    put(partner, PDF, "second.pdf")
    with db.session.begin_nested():
        put(partner, PDF, "third.pdf")
    outer.rollback()
    last = put(partner, PDF, "last.pdf").stored_name
    db.session.commit()
    assert {Path(name).name for name in stored() - before} == {first, last}
    assert {item.name for item in attachments_of(db.session(), partner)} >= {"first.pdf", "last.pdf"}
    assert "second.pdf" not in {item.name for item in attachments_of(db.session(), partner)}


def test_a_file_is_reached_through_its_own_record_only(administrator: Any, partner: Any) -> None:
    kept = put(partner)
    db.session.commit()
    other = db.session.scalar(select(type(partner)).where(type(partner).id != partner.id))
    assert attachment_of(db.session(), partner, kept.id) is kept
    assert attachments_of(db.session(), other) == []
    with pytest.raises(NotFound):
        attachment_of(db.session(), other, kept.id)
    kept.active = False
    db.session.flush()
    with pytest.raises(NotFound):
        attachment_of(db.session(), partner, kept.id)


@pytest.fixture
def kept(administrator: Any) -> tuple[str, int]:
    """The address and the id of a stored file of a partner of Kendal; nobody is at work."""
    with administrator():
        record = db.session.scalar(select(models["partners.Partner"]))
        number = put(record, PDF, 'surat "resmi".pdf').id
        db.session.commit()
        return f"/partners/partner/{record.id}/files/{number}", number


def test_a_file_of_another_institution_is_not_reached(acting: Any, kept: tuple[str, int], person: Any) -> None:
    address, number = kept
    assert person("kendal.admin").get(address).data == PDF
    assert person("unair.admin").get(address).status_code == 404
    with acting("unair.admin", "unair"):
        assert db.session.get(Attachment, number) is None


def test_a_file_is_offered_as_a_download_that_no_browser_runs(kept: tuple[str, int], person: Any) -> None:
    answer = person("kendal.admin").get(kept[0])
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.mimetype == "application/pdf"


def test_a_file_missing_from_the_store_is_a_sentence(partner: Any) -> None:
    kept = put(partner)
    db.session.commit()
    path_of(kept).unlink()
    with pytest.raises(NotFound):
        path_of(kept)


def test_what_a_crash_left_is_swept_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    (tmp_path / "pending").mkdir()
    for name, age in (("old.pdf", 7200), ("new.pdf", 0)):
        path = tmp_path / "pending" / name
        path.write_bytes(PDF)
        os.utime(path, (time.time() - age, time.time() - age))
    assert sweep_pending_files(tmp_path, time.time() - 3600) == 1
    assert [path.name for path in (tmp_path / "pending").iterdir()] == ["new.pdf"]


def test_a_service_may_refuse_files_to_be_added_or_taken_off(
    app: Flask, person: Any, acting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.errors import Conflict
    from app.records.service import RecordService

    staff = person("kendal.staf")
    made = staff.send("/correspondence/letter/add", {"subject": "Surat", "sender_name": "SD Contoh"})
    home = made.headers["Location"]
    staff.send(f"{home}/files", {"files": (io.BytesIO(PDF), "satu.pdf")}, form_at=home)
    file_id = 0
    with acting("kendal.staf", "kendal"):
        file_id = db.session.scalar(select(Attachment.id).order_by(Attachment.id.desc()))

    def refuse(_service: Any, _record: Any, removed: Attachment | None = None) -> None:
        raise Conflict("It must stay." if removed is not None else "No more files.")

    monkeypatch.setattr(RecordService, "check_files", refuse)
    more = staff.send(
        f"{home}/files", {"files": (io.BytesIO(PDF), "dua.pdf")}, form_at=f"{home}/edit", follow_redirects=True
    )
    assert "No more files." in more.text
    assert "dua.pdf" not in more.text
    off = staff.send(f"{home}/files/{file_id}/archive", {}, form_at=f"{home}/edit", follow_redirects=True)
    assert "It must stay." in off.text
    assert staff.get(f"{home}/files/{file_id}").data == PDF
