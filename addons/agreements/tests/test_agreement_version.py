"""Drafts with versions, and a signed scan that nobody replaces."""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from addons.agreements.tests.conftest import ADD, PDF, services
from app.database.session import db
from app.errors import Conflict, Invalid
from app.records.attachment import Attachment, attachments_of, path_of

pytestmark = pytest.mark.postgres


def test_drafts_count_up_and_from_the_second_on_say_why(write_agreement: Any, add_version: Any, person: Any) -> None:
    pk = write_agreement()
    add_version(pk, content=PDF)
    with pytest.raises(Invalid) as refusal:
        add_version(pk, content=PDF + b"2")
    assert list(refusal.value.errors) == ["reason"]
    add_version(pk, reason="Pasal 3 dilengkapi", content=PDF + b"2")
    panel = person("kendal.staf").get(f"/agreements/agreement/{pk}/panel/versions").text
    assert panel.index('data-version="2"') < panel.index('data-version="1"'), "newest first"
    for words in ("Pasal 3 dilengkapi", "naskah.pdf", "Earlier draft"):
        assert words in panel


def test_a_draft_without_a_file_is_made_from_what_the_agreement_says(write_agreement: Any, program: Any) -> None:
    pk, staf = write_agreement(), program("kendal.staf")
    answer = staf.api("POST", "agreement_version/", {"agreement": pk})
    assert answer.status_code == 201, answer.text
    assert answer.json["result"]["number"] == 1


def test_the_files_of_a_draft_from_the_data_can_be_read(write_agreement: Any, add_version: Any, acting: Any) -> None:
    from app.testing.papers import docx_text, pdf_text

    version = add_version(write_agreement(title="Kelas menulis"))
    with acting("kendal.staf", "kendal"):
        files = attachments_of(db.session(), services()[1].get(version))
        docx, pdf = (path_of(file).read_bytes() for file in files)
    assert "Kelas menulis" in docx_text(docx)
    assert "KONSEP" in pdf_text(pdf)


def test_a_signed_scan_needs_its_file(write_agreement: Any, person: Any, program: Any) -> None:
    pk, staf = write_agreement(), person("kendal.staf")
    refused = staf.send(ADD, {"agreement": str(pk), "kind": "signed"})
    assert refused.status_code == 422
    assert "Choose the file with the signed scan." in refused.text
    bare = program("kendal.staf").api("POST", "agreement_version/", {"agreement": pk, "kind": "signed"})
    assert bare.status_code == 422
    taken = staf.send(ADD, {"agreement": str(pk), "kind": "signed", "files": (io.BytesIO(PDF), "asli.pdf")})
    assert taken.status_code == 302
    assert hashlib.sha256(PDF).hexdigest() in staf.get(f"{taken.headers['Location']}/panel/checksums").text


def test_after_the_signing_only_another_signed_scan_with_its_reason_follows(
    write_agreement: Any, add_version: Any, sign: Any, person: Any
) -> None:
    pk = write_agreement()
    add_version(pk, "signed", content=PDF)
    sign(pk)
    with pytest.raises(Conflict):
        add_version(pk, "draft", reason="Lain", content=PDF)
    with pytest.raises(Invalid):
        add_version(pk, "signed", content=PDF + b"2")
    add_version(pk, "signed", reason="Halaman 2 tertinggal", content=PDF + b"2")
    panel = person("kendal.staf").get(f"/agreements/agreement/{pk}/panel/versions").text
    assert "Superseded" in panel
    assert "Halaman 2 tertinggal" in panel
    assert panel.index('data-version="2"') < panel.index("Archived original") < panel.index('data-version="1"')


def test_no_way_leads_to_another_file_in_the_place_of_the_signed_one(
    write_agreement: Any, add_version: Any, sign: Any, person: Any, program: Any, acting: Any
) -> None:
    """Tried by the administrator, who has every right there is."""
    pk = write_agreement()
    version = add_version(pk, "signed", content=PDF)
    sign(pk)
    home, admin, script = f"/agreements/agreement_version/{version}", person("kendal.admin"), program("kendal.admin")
    file_id = _files(acting, version)[0].id
    pages: dict[str, tuple[str, dict[str, Any]]] = {
        "another file": ("files", {"files": (io.BytesIO(PDF + b"x"), "lain.pdf")}),
        "off the record": (f"files/{file_id}/archive", {}),
        "archive": ("archive", {}),
        "edit": ("edit", {"agreement": str(pk), "kind": "draft", "reason": "x"}),
    }
    for way, (path, fields) in pages.items():
        answer = admin.send(f"{home}/{path}", fields, form_at=f"{home}/edit", follow_redirects=True)
        assert "A version stays as it is." in answer.text, way
    for method, body in (("DELETE", None), ("PUT", {"reason": "x"}), ("PUT", {"kind": "draft"})):
        answer = script.api(method, f"agreement_version/{version}", body)
        assert (answer.status_code, answer.json["code"]) == (409, "version_fixed"), (method, body)
    file, same = _files(acting, version)[0], hashlib.sha256(PDF).hexdigest()
    assert (file.id, file.active, file.sha256) == (file_id, True, same)
    assert admin.get(f"{home}/files/{file_id}").data == PDF
    with acting("kendal.admin", "kendal"):
        kept = services()[1].get(version)
        assert (kept.kind, kept.reason, kept.active) == ("signed", None, True)


def test_who_does_not_manage_versions_is_not_offered_to_change_them(
    write_agreement: Any, add_version: Any, person: Any
) -> None:
    version = add_version(write_agreement(), "signed", content=PDF)
    home, staf = f"/agreements/agreement_version/{version}", person("kendal.staf")
    page = staf.get(home).text
    assert f"{home}/edit" not in page
    assert "/archive" not in page
    assert staf.http.post(f"{home}/archive", data=staf.hidden(ADD), headers=staf.headers).status_code == 403


def _files(acting: Any, version: int) -> list[Any]:
    with acting("kendal.staf", "kendal"):
        statement = select(Attachment).where(
            Attachment.model == "agreements.AgreementVersion", Attachment.record_id == version
        )
        files = list(db.session.scalars(statement))
        db.session.expunge_all()
        return files


def test_a_file_changed_on_the_disk_is_told_from_the_archived_one(
    write_agreement: Any, add_version: Any, person: Any, acting: Any
) -> None:
    version = add_version(write_agreement(), "signed", content=PDF)
    address = f"/agreements/agreement_version/{version}/panel/checksums"
    staf = person("kendal.staf")
    assert "Unchanged since" in staf.get(address).text
    with acting("kendal.staf", "kendal"):
        path = path_of(attachments_of(db.session(), services()[1].get(version))[0])
    path.write_bytes(PDF + b"forged")
    assert "Not the file that was archived" in staf.get(address).text
    path.unlink()
    assert "Not the file that was archived" in staf.get(address).text


def test_two_people_who_add_a_draft_at_once_get_two_numbers(
    app: Any, write_agreement: Any, acting: Callable[..., Any]
) -> None:
    pk, both_began = write_agreement(), Barrier(2)

    def add(username: str) -> int:
        with acting(username, "kendal"):
            agreements, versions = services()
            agreement = agreements.get(pk)
            both_began.wait()
            number = int(versions.create({"agreement": agreement, "reason": username}).number)
            db.session.commit()
            return number

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(add, ("kendal.staf", "kendal.kabid"))) == [1, 2]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.fixed_dictionaries({}, optional={"reason": st.text(max_size=20), "number": st.integers(1, 9)}))
def test_whatever_is_written_over_a_version_it_stays(kept: dict[str, Any], values: dict[str, Any]) -> None:
    """A property: either nothing differs, or the change is refused."""
    with kept["acting"]("kendal.admin", "kendal"):
        service = services()[1]
        version = service.get(kept["id"])
        before = (version.number, version.kind, version.reason)
        with contextlib.suppress(Conflict):
            service.update(version, values)
        db.session.expire_all()
        version = service.get(kept["id"])
        assert (version.number, version.kind, version.reason) == before


@pytest.fixture
def kept(write_agreement: Any, add_version: Any, acting: Any) -> dict[str, Any]:
    """A signed version."""
    return {"id": add_version(write_agreement(), "signed", "Asli", PDF), "acting": acting}
