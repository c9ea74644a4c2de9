"""The kind of a case when nobody chose one: from the request, from the agreements of the partner, from the subject."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.access.acting import acting_as_system
from app.database.base import models
from app.database.session import db
from app.i18n.formats import today_here


def partner_with_agreement(app: Any, days: int | None, state: str = "active") -> int:
    """A partner of Kendal; with ``days``, one whose agreement ends so many days from today."""
    from sqlalchemy import select

    with app.app_context(), acting_as_system("kendal", "a partner with an agreement"):
        partner = models["partners.Partner"](name=f"Mitra {days} {state}")
        db.session.add(partner)
        db.session.flush()
        if days is not None:
            kind = db.session.scalar(select(models["agreements.AgreementKind"]).limit(1))
            day = today_here()
            agreement = models["agreements.Agreement"](
                title="Naskah contoh", kind=kind, partner=partner, state=state, number=f"{days}/CONTOH",
                signed_on=day - timedelta(days=900), starts_on=day - timedelta(days=900),
                ends_on=day + timedelta(days=days),
            )  # fmt: skip
            db.session.add(agreement)
        db.session.commit()
        return int(partner.id)


@pytest.mark.parametrize(
    ("days", "given", "kind"),
    [
        (None, {}, "new"),
        (90, {}, "renewal"),
        (-90, {}, "renewal"),
        (400, {}, "new"),
        (-400, {}, "new"),
        (None, {"title": "Permohonan perpanjangan kerja sama"}, "renewal"),
        (None, {"title": "Perpanjangan kartu anggota"}, "new"),
        (None, {"title": "Kerja sama yang tidak diperpanjang"}, "new"),
        (90, {"kind": "activity"}, "activity"),
    ],
)
def test_a_case_is_a_renewal_when_an_agreement_ends_soon_or_the_subject_says_so(
    app: Any, invented: int, program: Callable[..., Any], days: int | None, given: dict[str, Any], kind: str
) -> None:
    partner = partner_with_agreement(app, days)
    staf = program("kendal.staf")
    values = {"title": "Kolaborasi literasi", "procedure": invented, "partner": partner, **given}
    opened = staf.api("POST", "case/", values)
    assert opened.status_code == 201, opened.text
    assert staf.api("GET", f"case/{opened.json['result']['id']}").json["result"]["kind"] == kind


def test_the_form_asks_for_the_kind_and_does_not_answer_itself(person: Callable[[str], Any]) -> None:
    page = person("kendal.staf").get("/procedures/case/add").text
    assert "Empty: that of the request" in page
    assert '<option selected value="new">' not in page


def test_a_request_opens_a_case_of_its_kind(app: Any, invented: int, program: Callable[..., Any]) -> None:
    from sqlalchemy import select

    with app.app_context(), acting_as_system("kendal", "the kinds of requests"):
        found = db.session.scalars(select(models["procedures.RequestKind"])).all()
        kinds = {item.name: (item.id, item.case_kind) for item in found}
        channel = db.session.scalar(select(models["procedures.RequestChannel"].id).limit(1))
    pk, case_kind = kinds["Permintaan informasi"]
    assert case_kind == "other"
    admin = program("kendal.admin")
    values = {"title": "Bertanya jam buka", "sender_name": "Warga Contoh", "channel": channel, "kind": pk}
    request = admin.api("POST", "request/", values).json["result"]["id"]
    moved = admin.api("POST", f"request/{request}/do/open_case", {"procedure": invented})
    assert moved.status_code == 200, moved.text
    case = admin.api("GET", f"request/{request}").json["result"]["case"]["id"]
    assert admin.api("GET", f"case/{case}").json["result"]["kind"] == "other"
