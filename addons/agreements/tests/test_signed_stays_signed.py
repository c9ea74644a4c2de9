"""What was signed, and the scan it was signed with, cannot be exchanged by going back, changing and signing again."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from addons.agreements.tests.conftest import ADD, PDF, services
from app.database.session import db
from app.errors import Conflict, Invalid
from app.i18n.formats import today_here

pytestmark = pytest.mark.postgres

WHY = "Tanggal berakhir salah ketik"


@pytest.fixture
def reopen(acting: Callable[..., Any]) -> Callable[..., None]:
    """Take a signed agreement back to draft as Kepala Bidang."""

    def work(pk: int, reason: str | None = WHY) -> None:
        with acting("kendal.kabid", "kendal"):
            service = services()[0]
            service.transition(service.get(pk), "reopen", {"reopen_reason": reason})
            db.session.commit()

    return work


@pytest.fixture
def change(acting: Callable[..., Any]) -> Callable[..., None]:
    """Change columns of an agreement as Kepala Bidang."""

    def work(pk: int, **values: Any) -> None:
        with acting("kendal.kabid", "kendal"):
            service = services()[0]
            service.update(service.get(pk), values)
            db.session.commit()

    return work


@pytest.fixture
def change_side(acting: Callable[..., Any]) -> Callable[..., None]:
    """Change our side of an agreement as Kepala Bidang."""
    from addons.agreements.services.agreement_party import AgreementPartyService

    def work(pk: int, **values: Any) -> None:
        with acting("kendal.kabid", "kendal"):
            AgreementPartyService().update(services()[0].get(pk).side("own"), values)
            db.session.commit()

    return work


@pytest.fixture
def signed(write_agreement: Any, add_version: Any, sign: Any) -> int:
    """An agreement signed with its scan."""
    pk = int(write_agreement())
    add_version(pk, "signed", content=PDF)
    sign(pk)
    return pk


def test_going_back_to_draft_asks_why_and_the_history_keeps_it(signed: int, program: Any, person: Any) -> None:
    kabid, script = person("kendal.kabid"), program("kendal.kabid")
    home = f"/agreements/agreement/{signed}"
    assert 'name="reopen_reason"' in kabid.get(f"{home}/ask/reopen").text
    for bare in (None, {}, *({"reopen_reason": nothing} for nothing in ("", "  ", "\u200b", "...", "\u3164"))):
        assert script.api("POST", f"agreement/{signed}/do/reopen", bare).status_code == 422, bare
    assert kabid.send(f"{home}/ask/reopen", {"reopen_reason": WHY}).status_code == 302
    assert WHY in kabid.get(f"{home}/history").text


def test_a_signing_is_one_line_of_the_history(signed: int, acting: Any) -> None:
    from app.records.audit_entry import history_of

    with acting("kendal.kabid", "kendal"):
        lines = history_of(db.session(), services()[0].get(signed))
    (line,) = [line for line in lines if "signed_on" in (line.old or {})]
    assert (line.old["state"], line.new["state"]) == ("draft", "signed")


def test_after_going_back_the_old_scan_is_superseded_and_signing_needs_a_new_one(
    signed: int, reopen: Any, sign: Any, change: Any, add_version: Any, person: Any
) -> None:
    reopen(signed)
    panel = person("kendal.staf").get(f"/agreements/agreement/{signed}/panel/versions").text
    assert "Superseded" in panel
    assert "Archived original" not in panel
    change(signed, subject="Lain")
    with pytest.raises(Conflict, match="signed scan"):
        sign(signed)
    with pytest.raises(Invalid, match="filed as version 1") as same:
        add_version(signed, "signed", reason=WHY, content=PDF)
    assert list(same.value.errors) == ["files"]
    add_version(signed, "signed", reason=WHY, content=PDF + b"2")
    sign(signed)
    panel = person("kendal.staf").get(f"/agreements/agreement/{signed}/panel/versions").text
    assert panel.count("Archived original") == 1


def test_the_answers_of_the_first_time_do_not_do_for_the_second(
    signed: int, reopen: Any, add_version: Any, sign: Any, program: Any, person: Any
) -> None:
    kadis, kabid, home = program("kendal.kadis"), program("kendal.kabid"), f"/agreements/agreement/{signed}"
    first_day = kadis.api("GET", f"agreement/{signed}").json["result"]["signed_on"]
    reopen(signed)
    add_version(signed, "signed", reason=WHY, content=PDF + b"2")
    form = person("kendal.kadis").get(f"{home}/ask/sign").text
    assert 'name="signed_on"' in form
    assert first_day not in form
    refused = kadis.api("POST", f"agreement/{signed}/do/sign", {})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["signed_on"])
    assert kadis.api("GET", f"agreement/{signed}").json["result"]["signed_on"] == first_day, "refused, so unchanged"
    sign(signed)
    form = person("kendal.kabid").get(f"{home}/ask/reopen").text
    assert 'name="reopen_reason"' in form
    assert WHY not in form
    refused = kabid.api("POST", f"agreement/{signed}/do/reopen", {})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["reopen_reason"])


def test_an_agreement_of_a_closed_case_does_not_go_back(signed: int, reopen: Any, acting: Any) -> None:
    from addons.procedures.models.case import Case
    from addons.procedures.models.procedure import Procedure

    with acting("kendal.admin", "kendal"):
        agreement = services()[0].get(signed)
        procedure = db.session.scalar(select(Procedure).limit(1))
        agreement.case = Case(number="K/1", title="Selesai", procedure=procedure, opened_at=datetime.now(UTC))
        agreement.case.state = "closed"
        db.session.commit()
    with pytest.raises(Conflict) as refusal:
        reopen(signed)
    assert refusal.value.code == "case_closed"


def test_the_paper_and_its_sides_wait_as_the_filed_scan_shows_them(
    write_agreement: Any, add_version: Any, change: Any, change_side: Any, sign: Any
) -> None:
    pk = write_agreement(number=None)
    add_version(pk, "signed", content=PDF)
    for values in ({"title": "Lain"}, {"ends_on": date(2030, 1, 1)}, {"subject": "Lain"}):
        with pytest.raises(Conflict, match="draft") as refusal:
            change(pk, **values)
        assert (refusal.value.code, list(refusal.value.errors)) == ("scan_filed", list(values))
    with pytest.raises(Conflict) as refused_side:
        change_side(pk, signatory="Orang Lain")
    assert refused_side.value.code == "scan_filed"
    change(pk, number="7/PKS")  # what stands on the paper by hand is completed, nothing is replaced
    with pytest.raises(Conflict):
        change(pk, number="8/PKS")
    sign(pk)


def test_a_newer_draft_with_its_reason_takes_the_place_of_the_filed_scan(
    write_agreement: Any, add_version: Any, change: Any, change_side: Any, sign: Any, acting: Any
) -> None:
    pk = write_agreement()
    add_version(pk, "signed", content=PDF)
    with pytest.raises(Invalid) as refusal:
        add_version(pk)
    assert list(refusal.value.errors) == ["reason"]
    draft = add_version(pk, reason=WHY)
    change(pk, title="Lain")
    change_side(pk, signatory="Orang Lain")
    with pytest.raises(Conflict, match="signed scan"):
        sign(pk)
    with acting("kendal.admin", "kendal"):
        versions = services()[1]
        mistaken = versions.get(draft)
        with pytest.raises(Conflict):
            versions.archive(mistaken)  # or the old scan would hold again for another text
    add_version(pk, "signed", reason=WHY, content=PDF + b"2")
    sign(pk)


def test_another_partner_does_not_inherit_who_signs(write_agreement: Any, change: Any, acting: Any) -> None:
    from addons.agreements.services.agreement_party import AgreementPartyService
    from addons.partners.services.partner import PartnerService

    pk = write_agreement()
    with acting("kendal.kabid", "kendal"):
        contact = {"responsible": "Guru Contoh", "responsible_position": "Guru", "responsible_contact": "0294"}
        more = {"signatory_nip": "999913009999139001", "authority": "Surat Kuasa", **contact}
        AgreementPartyService().update(services()[0].get(pk).side("partner"), more)
        others = [PartnerService().create({"name": name}) for name in ("Sekolah Lain Contoh", "Desa Contoh")]
        db.session.commit()
        ids = [other.id for other in others]
    names = ("signatory", "signatory_position", *more)

    def partner(place: int) -> Any:
        from addons.partners.models.partner import Partner

        return db.session.get(Partner, ids[place])

    with acting("kendal.kabid", "kendal"):
        service = services()[0]
        agreement = service.get(pk)
        service.update(agreement, {"partner": partner(0)})
        assert {getattr(agreement.side("partner"), name) for name in names} == {None}
        assert agreement.our_signatory == "Kadis Contoh Kendal"
        service.update(agreement, {"partner": partner(1), "partner_signatory": "Kades Contoh"})
        side = agreement.side("partner")
        assert (side.name, side.signatory, side.signatory_position) == ("Desa Contoh", "Kades Contoh", None)


def test_only_drafts_and_ended_agreements_are_archived(signed: int, write_agreement: Any, program: Any) -> None:
    kabid = program("kendal.kabid")
    refused = kabid.api("DELETE", f"agreement/{signed}")
    assert (refused.status_code, refused.json["code"]) == (409, "signed")
    assert kabid.api("DELETE", f"agreement/{write_agreement()}").status_code == 200
    terminated = kabid.api("PUT", f"agreement/{signed}", {"termination_reason": "Mitra bubar"})
    assert terminated.status_code == 200, terminated.text
    assert kabid.api("POST", f"agreement/{signed}/do/terminate").status_code == 200
    assert kabid.api("DELETE", f"agreement/{signed}").status_code == 200


def test_signing_asks_for_our_number_and_a_day_that_can_be_true(
    write_agreement: Any, add_version: Any, sign: Any, acting: Any
) -> None:
    unnumbered = write_agreement(number=None)
    add_version(unnumbered, "signed", content=PDF)
    with pytest.raises(Invalid) as refusal:
        sign(unnumbered)
    assert list(refusal.value.errors) == ["number"]
    pk = write_agreement(partner_number=None)
    add_version(pk, "signed", content=PDF)
    with acting("kendal.staf", "kendal"):
        today = today_here()
    for day in (date(1990, 1, 1), today - timedelta(days=366)):
        with pytest.raises(Invalid) as refusal:
            sign(pk, day)
        assert list(refusal.value.errors) == ["signed_on"]
    sign(pk, today - timedelta(days=365))


SCANS = {
    "a PDF cut off": (b"%PDF-1.4 broken", False),
    "a PDF with its end far before the end of the file": (PDF + b" " * 2000, False),
    "a PDF with a few bytes behind its end": (PDF + b"\n\0\n", True),
    "a PNG without a picture": (b"\x89PNG\r\n\x1a\nbroken", False),
    "a PNG of no width": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\1", False),
    "a PNG": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1", True),
    "a JPEG cut off": (b"\xff\xd8\xff\xe0\0\x10JFIF", False),
    "a JPEG": (b"\xff\xd8\xff\xe0\0\4ab\xff\xc0\0\x0b\x08\0\1\0\1\1\1\x11\0\xff\xd9", True),
    "a spreadsheet": (b"PK\3\4" + b"\0" * 40, False),
}


@pytest.mark.parametrize("what", SCANS)
def test_a_signed_scan_must_open(write_agreement: Any, person: Any, what: str) -> None:
    content, taken = SCANS[what]
    pk, staf = write_agreement(), person("kendal.staf")
    fields = {"agreement": str(pk), "kind": "signed", "files": (io.BytesIO(content), "pindaian.pdf")}
    answer = staf.send(ADD, fields)
    assert answer.status_code == (302 if taken else 422), what
    assert taken or "pindaian.pdf cannot be read" in answer.text
