"""Doubtful values: shown as doubtful until somebody with the right confirms them, once, and it is logged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.database.session import db
from app.errors import Conflict, Invalid


def doubt(app: Any, procedure_id: int) -> int:
    from sqlalchemy import select

    from addons.procedures.models.confirmation import Confirmation
    from app.access.acting import acting_as_system

    with app.app_context(), acting_as_system("kendal", "look up"):
        return int(db.session.scalar(select(Confirmation.id).where(Confirmation.procedure_id == procedure_id)))


def test_a_doubtful_value_shows_its_literal_and_is_cleared_by_confirmation(
    app: Any, invented: int, person: Callable[[str], Any]
) -> None:
    kabid, address = person("kendal.kabid"), f"/procedures/procedure/{invented}"
    before = kabid.get(address).text
    assert "needs confirmation" in before
    assert "7?" in before
    answer = kabid.send(f"/procedures/confirm/{doubt(app, invented)}", {"value": "12"}, form_at=address)
    assert answer.status_code == 302
    after = kabid.get(address).text
    assert "needs confirmation" not in after
    assert "Kabid Contoh Kendal" in after
    assert "12 minutes" in after
    again = kabid.send(f"/procedures/confirm/{doubt(app, invented)}", {"value": "99"}, form_at=address)
    assert again.status_code == 409
    assert "99 minutes" not in kabid.get(address).text


def test_a_value_that_is_no_time_is_refused_and_nothing_changes(
    app: Any, invented: int, person: Callable[[str], Any]
) -> None:
    kabid, address = person("kendal.kabid"), f"/procedures/procedure/{invented}"
    for value in ("abc", "-3", "99999999", "5.5"):
        refused = kabid.send(f"/procedures/confirm/{doubt(app, invented)}", {"value": value}, form_at=address)
        assert refused.status_code == 422
        assert f'value="{value}" aria-invalid="true"' in refused.text, "what was typed stays"
        assert "whole number of minutes" in refused.text
        assert "needs confirmation" in kabid.get(address).text


def test_a_value_that_cannot_be_kept_whole_is_refused(app: Any, invented: int, person: Callable[[str], Any]) -> None:
    kabid, address, pk = person("kendal.kabid"), f"/procedures/procedure/{invented}", doubt(app, invented)
    for value, sentence in (("1\x002", "cannot be stored"), ("7" + " " * 2000 + "8", "At most 2000 signs")):
        answer = kabid.send(f"/procedures/confirm/{pk}", {"value": value}, form_at=address)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "needs confirmation" in kabid.get(address).text
    assert kabid.send(f"/procedures/confirm/{pk}", {"value": "12"}, form_at=address).status_code == 302
    assert "12 minutes" in kabid.get(address).text


def test_what_is_confirmed_stands_on_the_paper_wherever_the_value_is(acting: Callable[..., Any]) -> None:
    """Title, a line of the identity block, kept records, executors, questions and words of choices."""
    from addons.procedures.models.confirmation import Confirmation
    from addons.procedures.services.confirmation import ConfirmationService
    from addons.procedures.services.procedure_document import document_of

    wanted = {
        "title": "Judul menurut naskah asli", "legal_basis.5": "Peraturan Daerah Contoh", "records.6": "Buku presensi",
        "executors.sub_koordinator.name": "Subkoordinator Contoh", "question": "Dengan perjanjian?",
        "branches.ya": "Disetujui", "identity.made_on": "2026-03-02", "identity.number": "067/1/2026",
    }  # fmt: skip
    with acting("kendal.admin", "kendal"):
        service = ConfirmationService()
        for field, value in wanted.items():
            service.confirm(db.session.query(Confirmation).filter_by(field=field, state="open").one(), value)
        procedure = db.session.query(Confirmation).filter_by(field="title").one().procedure
        document = document_of(procedure)
        with pytest.raises(Invalid):
            service.confirm(db.session.query(Confirmation).filter_by(field="identity.revised_on").one(), "kemarin sore")
    assert document["title"] == wanted["title"]
    assert document["identity"]["legal_basis"][4] == wanted["legal_basis.5"]
    assert (document["identity"]["made_on"], document["identity"]["number"]) == ("2 Maret 2026", "067/1/2026")
    assert document["records"][5]["name"] == wanted["records.6"]
    assert wanted["executors.sub_koordinator.name"] in [item["name"] for item in document["executors"]]
    assert wanted["question"] in [step.get("question") for step in document["steps"]]
    assert wanted["branches.ya"] in [way.get("label") for step in document["steps"] for way in step.get("branches", ())]


def test_nothing_is_confirmed_in_a_version_that_is_over(
    acting: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    from addons.procedures.models.confirmation import Confirmation
    from addons.procedures.services.confirmation import ConfirmationService

    with acting("kendal.admin", "kendal"):
        item = db.session.query(Confirmation).filter_by(field="title").one()
        item.procedure.state = "superseded"
        address = f"/procedures/procedure/{item.procedure_id}"
        db.session.commit()
        with pytest.raises(Conflict):
            ConfirmationService().confirm(item, "Judul")
    assert 'action="/procedures/confirm/' not in person("kendal.admin").get(address).text


def test_who_has_no_right_cannot_confirm(app: Any, invented: int, person: Callable[[str], Any]) -> None:
    staf, address = person("kendal.staf"), f"/procedures/procedure/{invented}"
    assert "7?" in staf.get(address).text
    assert 'action="/procedures/confirm/' not in staf.get(address).text
    refused = staf.send(f"/procedures/confirm/{doubt(app, invented)}", {"value": "12"}, form_at="/partners/partner/add")
    assert refused.status_code == 403


def test_kendals_procedure_holds_all_ten_steps_and_its_doubts(app: Any, acting: Callable[..., Any]) -> None:
    from sqlalchemy import select

    from addons.procedures.models.procedure import Procedure
    from app.database.session import db

    with acting("kendal.kadis", "kendal"):
        procedure = db.session.scalar(select(Procedure).where(Procedure.code == "SOP-KERJASAMA"))
        steps = {step.key: step for step in procedure.steps}
        assert list(steps) == [str(number) for number in range(1, 11)]
        ways = {
            key: {branch.next_step.key if branch.next_step else "end" for branch in step.branches}
            for key, step in steps.items()
        }
        assert ways["4"] == {"5", "10"}
        assert ways["6"] == {"7", "5"}
        assert ways["10"] == {"10", "end"}
        assert steps["4"].standard_minutes is None
        assert sum(steps[key].standard_minutes for key in "12356789") == 155
        literals = {(item.step.key, item.field): item for item in procedure.confirmations if item.step}
        assert literals["4", "standard_minutes"].literal == "&"
        assert literals["10", "standard_minutes"].literal.startswith("1590")
        assert 1590 in [
            candidate if isinstance(candidate, int) else candidate.get("min")
            for candidate in literals["10", "standard_minutes"].candidates
        ]
