"""The record page: counts, tabs, duplicate, undo, and a look at files that never opens what was uploaded."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from app.testing.client import Browserish


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> bytes:
    """A small picture."""
    from PIL import Image

    target = io.BytesIO()
    Image.new("RGB", size, "red").save(target, kind)
    return target.getvalue()


def paper(pages: int = 2) -> bytes:
    """A PDF with empty pages."""
    import pypdfium2

    document, target = pypdfium2.PdfDocument.new(), io.BytesIO()
    for _page in range(pages):
        document.new_page(200, 300)
    document.save(target)
    return target.getvalue()


@pytest.fixture
def staff(person: Callable[[str], Browserish]) -> Browserish:
    """Who writes partners."""
    return person("kendal.staf")


def with_file(staff: Browserish, content: bytes, name: str) -> str:
    """The address of the file of a new partner."""
    path = staff.send("/partners/partner/add", {"name": f"Mitra {name}", "level": "local"}).headers["Location"]
    answer = staff.send(f"{path}/files", {"files": (io.BytesIO(content), name)}, form_at=path)
    assert answer.status_code == 302, answer.text
    page = staff.get(path).text
    start = page.index(f"{path}/files/")
    return page[start : page.index('"', start)].removesuffix("/preview")


def test_the_pages_of_a_pdf_are_shown_as_pictures_of_ours(staff: Browserish) -> None:
    file = with_file(staff, paper(), "naskah.pdf")
    look = staff.get(f"{file}/preview")
    assert look.text.count("/preview/") == 2
    page = staff.get(f"{file}/preview/1")
    assert (page.mimetype, page.data[:4]) == ("image/png", b"\x89PNG")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert staff.get(f"{file}/preview/3").status_code == 404
    assert staff.get(f"{file}/preview/999").status_code == 404


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_is_drawn_anew(staff: Browserish, kind: str) -> None:
    content = picture(kind) + b"<script>alert(1)</script>"
    file = with_file(staff, content, f"foto.{kind.lower()}")
    page = staff.get(f"{file}/preview/1")
    assert page.mimetype == "image/png"
    assert b"<script>" not in page.data


def test_a_broken_file_is_told_of_and_harms_nobody(staff: Browserish) -> None:
    file = with_file(staff, b"%PDF-1.7 rusak", "rusak.pdf")
    answer = staff.get(f"{file}/preview")
    assert answer.status_code == 404
    assert "download" in answer.text


def test_who_may_not_read_the_record_sees_no_page_of_its_files(
    staff: Browserish, person: Callable[[str], Browserish]
) -> None:
    file = with_file(staff, paper(), "tertutup.pdf")
    assert staff.get(f"{file}/preview/1").status_code == 200
    assert person("unair.kasie").get(f"{file}/preview/1").status_code == 404
    assert person("unair.kasie").get(f"{file}/preview").status_code == 404


def test_smart_buttons_count_what_belongs_to_the_record(staff: Browserish) -> None:
    path = staff.send("/partners/partner/add", {"name": "Mitra Terhitung", "level": "local"}).headers["Location"]
    assert "<b>0</b>" in staff.get(f"{path}/counts").text
    pk = path.rsplit("/", 1)[1]
    for name in ("Satu", "Dua"):
        assert staff.send("/partners/contact/add", {"partner": pk, "name": name}).status_code == 302
    assert "<b>2</b>" in staff.get(f"{path}/counts").text


def test_an_archived_record_is_brought_back_from_the_message_about_it(person: Callable[[str], Browserish]) -> None:
    admin = person("kendal.admin")
    path = admin.send("/partners/partner/add", {"name": "Mitra Terarsip", "level": "local"}).headers["Location"]
    page = admin.send(f"{path}/archive", {}, form_at=path, follow_redirects=True)
    assert f'action="{path}/restore"' in page.text
    assert "Undo" in page.text
    admin.send(f"{path}/restore", {}, form_at=path)
    assert f'action="{path}/archive"' in admin.get(path).text


def test_the_page_offers_a_duplicate_to_who_may_create(staff: Browserish) -> None:
    path = staff.send("/partners/partner/add", {"name": "Mitra Kembar", "level": "local"}).headers["Location"]
    assert f"/partners/partner/add?copy={path.rsplit('/', 1)[1]}" in staff.get(path).text


def test_a_group_of_fields_that_is_wholly_empty_takes_no_room(
    program: Any, person: Callable[[str], Browserish]
) -> None:
    clerk, admin = program("kendal.admin", "kendal"), person("kendal.admin")
    first = {name: clerk.api("GET", f"{name}/").json["ids"][0] for name in ("agreement_kind", "partner")}
    values = {"title": "MoU ringkas", "kind": first["agreement_kind"], "partner": first["partner"]}
    made = clerk.api("POST", "agreement/", values)
    assert made.status_code == 201, made.text
    path = f"/agreements/agreement/{made.json['id']}"
    before = admin.get(path).text
    assert "MoU ringkas" in before
    assert "Numbers and dates" not in before
    clerk.api("PUT", f"agreement/{made.json['id']}", {"number": "12/CONTOH/2026", "version": 1})
    after = admin.get(path).text
    assert "12/CONTOH/2026" in after
    assert "Numbers and dates" in after
