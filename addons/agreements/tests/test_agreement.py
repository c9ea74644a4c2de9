"""Agreements with two sides, and what recording the signing asks for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest

from addons.agreements.tests.conftest import PDF, services
from app.database.session import db
from app.errors import Conflict, Invalid

LAST_WEEK = date.today() - timedelta(days=7)  # noqa: DTZ011  # any day of these

pytestmark = pytest.mark.postgres


def test_a_new_agreement_has_both_sides_with_what_the_form_said(program: Callable[..., Any]) -> None:
    staf = program("kendal.staf")
    partner = staf.api("GET", "partner/?q=(search:Contoh)").json["result"][0]
    kind = staf.api("GET", "agreement_kind/?q=(search:PKS)").json["result"][0]["id"]
    body = {"title": "PKS", "kind": kind, "partner": partner["id"], "number": "1/PKS/2026", "partner_number": "2/X"}
    body |= {"our_signatory": "Kadis Contoh", "our_position": "Kepala Dinas", "partner_signatory": "Mitra Contoh"}
    answer = staf.api("POST", "agreement/", body)
    assert answer.status_code == 201, answer.text
    wish = f"(filters:!((col:agreement,opr:rel_o_m,value:{answer.json['id']})))"
    sides = {
        row["role"]: staf.api("GET", f"agreement_party/{row['id']}").json["result"]
        for row in staf.api("GET", f"agreement_party/?q={wish}").json["result"]
    }
    assert set(sides) == {"own", "partner"}
    assert (sides["own"]["signatory"], sides["own"]["signatory_position"]) == ("Kadis Contoh", "Kepala Dinas")
    assert sides["own"]["name"] == "Perpustakaan Daerah Kabupaten Kendal"
    assert (sides["partner"]["signatory"], sides["partner"]["name"]) == ("Mitra Contoh", partner["name"])
    assert (sides["own"]["number"], sides["partner"]["number"]) == ("1/PKS/2026", "2/X")
    found = staf.api("GET", "agreement/?q=(search:'2/X')").json["result"]
    assert [row["number"] for row in found] == ["1/PKS/2026"]


def test_a_side_stands_once_and_third_parties_may_be_several(write_agreement: Any, acting: Any) -> None:
    pk = write_agreement()
    with acting("kendal.staf", "kendal"):
        from addons.agreements.services.agreement_party import AgreementPartyService

        parties, agreement = AgreementPartyService(), services()[0].get(pk)
        for name in ("Desa Contoh", "Kecamatan Contoh"):
            parties.create({"agreement": agreement, "role": "third", "name": name})
        with pytest.raises(Conflict) as refusal:
            parties.create({"agreement": agreement, "role": "own", "name": "Kami lagi"})
        assert list(refusal.value.errors) == ["role"]


def test_the_partners_side_follows_another_partner_while_it_is_a_draft(write_agreement: Any, acting: Any) -> None:
    pk = write_agreement()
    with acting("kendal.staf", "kendal"):
        from addons.partners.services.partner import PartnerService

        service = services()[0]
        agreement = service.get(pk)
        other = PartnerService().create({"name": "Sekolah Lain Contoh", "address": "Jalan Lain"})
        service.update(agreement, {"partner": other})
        side = agreement.side("partner")
        assert (side.name, side.partner, side.address) == ("Sekolah Lain Contoh", other, "Jalan Lain")


def test_a_text_too_long_for_a_side_is_refused_in_a_sentence(write_agreement: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        write_agreement(our_signatory="x" * 201)
    assert list(refusal.value.errors) == ["our_signatory"]


def test_signing_asks_for_day_signatories_and_scan(write_agreement: Any, add_version: Any, sign: Any) -> None:
    unnamed = write_agreement(partner_signatory=None)
    with pytest.raises(Conflict, match="who signs"):
        sign(unnamed)
    pk = write_agreement()
    with pytest.raises(Conflict, match="signed scan"):
        sign(pk)
    add_version(pk)
    with pytest.raises(Conflict, match="signed scan"):
        sign(pk)
    add_version(pk, "signed", content=PDF)
    with pytest.raises(Invalid):
        sign(pk, None)
    with pytest.raises(Invalid):
        sign(pk, date(2199, 1, 1))
    sign(pk)


def test_the_page_asks_for_the_day_and_says_what_is_missing(write_agreement: Any, person: Callable[..., Any]) -> None:
    pk, kadis = write_agreement(), person("kendal.kadis")
    address = f"/agreements/agreement/{pk}/ask/sign"
    assert 'name="signed_on"' in kadis.get(address).text
    refused = kadis.send(address, {"signed_on": LAST_WEEK.isoformat()})
    assert refused.status_code == 409
    assert "Add the signed scan first" in refused.text
    assert f'value="{LAST_WEEK}"' in refused.text, "what was typed stays"


def test_of_two_people_who_sign_at_once_one_wins(
    app: Any, write_agreement: Any, add_version: Any, acting: Callable[..., Any]
) -> None:
    pk = write_agreement()
    add_version(pk, "signed", content=PDF)
    both_have_read = Barrier(2)

    def work(username: str) -> str:
        with acting(username, "kendal"):
            service = services()[0]
            agreement = service.get(pk)
            both_have_read.wait()
            try:
                service.transition(agreement, "sign", {"signed_on": LAST_WEEK})
            except Conflict as refusal:
                return refusal.code
            db.session.commit()
            return "signed"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, ("kendal.kadis", "kendal.kabid"))) == ["signed", "state_changed"]


def test_what_was_signed_stays_the_parties_and_files_included(
    write_agreement: Any, add_version: Any, sign: Any, acting: Any, person: Any
) -> None:
    from app.records.attachment import attach, attachments_of

    pk = write_agreement()
    add_version(pk, "signed", content=PDF)
    with acting("kendal.staf", "kendal"):
        import io

        file_id = attach(db.session(), services()[0].get(pk), "kuasa.pdf", io.BytesIO(PDF)).id
        db.session.commit()
    sign(pk)
    with acting("kendal.kabid", "kendal"):
        from addons.agreements.services.agreement_party import AgreementPartyService

        service = services()[0]
        agreement = service.get(pk)
        with pytest.raises(Conflict):
            service.update(agreement, {"signing_place": "Kendal"})
        with pytest.raises(Conflict):
            AgreementPartyService().update(agreement.side("own"), {"signatory": "Orang Lain"})
    home = f"/agreements/agreement/{pk}"
    answer = person("kendal.staf").send(f"{home}/files/{file_id}/archive", {}, form_at=home, follow_redirects=True)
    assert "its files stay" in answer.text
    with acting("kendal.staf", "kendal"):
        assert [file.id for file in attachments_of(db.session(), services()[0].get(pk))] == [file_id]


def test_a_kind_is_found_by_its_code_when_it_is_chosen(
    program: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    found = program("kendal.staf").api("GET", "agreement/related/kind?q=(filter:pks)").json["result"]
    assert [item["text"] for item in found] == ["Perjanjian Kerja Sama"]
    typed = person("kendal.staf").get("/lookup/agreements.Agreement/kind?q=pks").json
    assert [item["text"] for item in typed] == ["Perjanjian Kerja Sama"]


def test_the_first_day_in_force_may_be_entered_after_the_signing_once(
    write_agreement: Any, add_version: Any, sign: Any, acting: Any
) -> None:
    pk = write_agreement(number="77/PKS/CONTOH")
    add_version(pk, "signed", content=PDF)
    sign(pk)
    with acting("kendal.staf", "kendal"):
        service = services()[0]
        service.update(service.get(pk), {"starts_on": LAST_WEEK})
        db.session.commit()
    with acting("kendal.kadis", "kendal"):
        service.transition(service.get(pk), "activate")
        db.session.commit()
        assert service.get(pk).state == "active"
    with acting("kendal.staf", "kendal"):
        with pytest.raises(Conflict) as refusal:
            service.update(service.get(pk), {"starts_on": LAST_WEEK - timedelta(days=1)})
        assert list(refusal.value.errors) == ["starts_on"]
        assert service.get(pk).starts_on == LAST_WEEK
