"""Versions: drafted from the one in force, approved, put in force on a day; running cases end on theirs."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask_babel import force_locale

from app import clock
from app.database.session import db
from app.errors import Conflict, Forbidden, Invalid

JAKARTA = ZoneInfo("Asia/Jakarta")


def sop() -> Any:
    from addons.procedures.models.procedure import Procedure

    return db.session.query(Procedure).filter_by(state="in_force").one()


def drafted(minutes: int = 30) -> Any:
    """A draft of Kendal's SOP in which step 4 takes ``minutes``."""
    from addons.procedures.services.procedure_drafting import draft_from

    draft, is_new = draft_from(sop())
    assert is_new
    next(step for step in draft.steps if step.key == "4").standard_minutes = minutes
    db.session.flush()
    return draft


def service() -> Any:
    from addons.procedures.services.procedure_version import ProcedureService

    return ProcedureService()


def test_a_draft_says_what_the_version_in_force_says_and_keeps_who_confirmed_it(acting: Callable[..., Any]) -> None:
    from addons.procedures.services.confirmation import ConfirmationService
    from addons.procedures.services.procedure_document import document_of, position_names
    from addons.procedures.services.procedure_drafting import draft_from

    with acting("kendal.admin", "kendal"):
        old = sop()
        doubt = next(item for item in old.confirmations if item.field == "standard_minutes" and item.step.key == "4")
        ConfirmationService().confirm(doubt, "45")
        draft, _is_new = draft_from(old)
        assert document_of(draft, position_names()) == {
            **document_of(old, position_names()),
            "edition": old.edition + 1,
        }
        assert [item.confirmed_value for item in draft.confirmations if item.state == "confirmed"] == ["45"]
        assert (draft.state, draft.previous) == ("draft", old)
        assert draft_from(old) == (draft, False)


def test_the_next_case_runs_on_the_new_version_and_the_running_one_does_not(acting: Callable[..., Any]) -> None:
    from addons.procedures.services.case import first_step, open_case
    from addons.procedures.services.procedure_comparison import compare
    from addons.procedures.services.procedure_document import document_of

    with acting("kendal.admin", "kendal"), force_locale("en"):
        old = sop()
        running = open_case(old, "Kunjungan yang berjalan")
        draft = drafted()
        changed = [row for row in compare(document_of(old), document_of(draft)).rows if row.change != "same"]
        assert [(row.after, [(c.label, c.before, c.after) for c in row.cells if c.is_changed]) for row in changed] == [
            ("4", [("Time", "", "30 minutes")])
        ]
        service().transition(draft, "approve")
        assert draft.approver.username == "kendal.admin"
        service().transition(draft, "schedule", {"in_force_from": None})
        assert (draft.state, old.state, old.active) == ("in_force", "superseded", False)
        new = open_case(sop(), "Kunjungan baru")
        minutes = {
            case: {step.key: step.standard_minutes for step in case.procedure.steps}["4"] for case in (running, new)
        }
        assert minutes == {running: None, new: 30}
        assert first_step(running.procedure).procedure_id == old.id
        with pytest.raises(Invalid, match="not in force"):
            open_case(old, "Menurut versi lama")


def test_a_later_day_waits_until_it_begins_in_the_institutions_zone(
    acting: Callable[..., Any], monkeypatch: Any
) -> None:
    from addons.procedures.services.procedure_version import put_due_in_force

    first = date(2031, 3, 10)
    before = datetime(2031, 3, 9, 23, 59, tzinfo=JAKARTA)
    with acting("kendal.admin", "kendal"):
        draft, old = drafted(), sop()
        service().transition(draft, "approve")
        service().transition(draft, "schedule", {"in_force_from": first})
        for moment, state in ((before, "scheduled"), (before + timedelta(minutes=1), "in_force")):
            monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
            put_due_in_force(db.session())
            assert draft.state == state, moment
        assert (old.state, old.superseded_on, draft.in_force_from) == ("superseded", first, first)


def test_a_day_that_is_over_and_a_faulty_draft_are_refused_and_nothing_moves(acting: Callable[..., Any]) -> None:
    with acting("kendal.admin", "kendal"), force_locale("en"):
        draft = drafted()
        step = next(step for step in draft.steps if step.key == "9")
        step.branches[0].next_step = next(step for step in draft.steps if step.key == "8")
        for other in ("4",):
            branches = next(step for step in draft.steps if step.key == other).branches
            branches[1].next_step = step
        db.session.flush()
        with pytest.raises(Invalid, match=r"endless loop: 8 → 9 → 8") as refused:
            service().transition(draft, "approve")
        assert "Step 10: No way leads to this step." in refused.value.errors["steps"]
        assert draft.state == "draft"
        step.branches[0].next_step = next(step for step in draft.steps if step.key == "10")
        db.session.flush()
        service().transition(draft, "approve")
        with pytest.raises(Invalid, match="today or later"):
            service().transition(draft, "schedule", {"in_force_from": date(2020, 1, 1)})
        assert (draft.state, draft.in_force_from) == ("approved", None)


def test_approving_is_a_right_of_its_own(acting: Callable[..., Any]) -> None:
    with acting("kendal.admin", "kendal"):
        draft_id = drafted().id
        db.session.commit()
    for name, is_permitted in (("kendal.kabid", False), ("kendal.kadis", True)):
        with acting(name, "kendal"):
            draft = service().get(draft_id)
            if is_permitted:
                assert service().transition(draft, "approve").state == "approved"
            else:
                with pytest.raises(Forbidden):
                    service().transition(draft, "approve")


def test_only_a_draft_is_withdrawn_and_an_approved_version_goes_back_first(acting: Callable[..., Any]) -> None:
    with acting("kendal.admin", "kendal"):
        draft = drafted()
        service().transition(draft, "approve")
        with pytest.raises(Conflict):
            service().transition(draft, "withdraw")
        service().transition(draft, "reopen")
        assert (draft.approved_at, draft.approved_by_id) == (None, None)
        service().transition(draft, "withdraw")
        assert (draft.state, draft.active) == ("withdrawn", False)
        assert sop().state == "in_force"


def test_a_draft_is_no_choice_for_a_case(acting: Callable[..., Any], program: Callable[..., Any]) -> None:
    with acting("kendal.admin", "kendal"):
        old_id, draft_id = sop().id, drafted().id
        db.session.commit()
    offered = [item["value"] for item in program("kendal.staf").api("GET", "letter/related/procedure").json["result"]]
    assert old_id in offered
    assert draft_id not in offered


def test_pages_draft_compare_export_and_read_in(person: Callable[[str], Any]) -> None:
    admin = person("kendal.admin")
    page = admin.get("/procedures/procedure/1").text
    assert "Flow chart" in page
    assert 'class="flow-chart"' in page
    drafted_at = admin.send("/procedures/version/draft/1", {}, form_at="/procedures/procedure/1")
    assert drafted_at.status_code == 302
    compared = admin.get("/procedures/version/compare/1")
    assert "The two versions say the same." in compared.text
    exported = admin.get("/procedures/version/export/1/json")
    assert exported.headers["Content-Disposition"] == 'attachment; filename="SOP-KERJASAMA-4.json"'
    taken = admin.send(
        "/procedures/version/import",
        {"file": (io.BytesIO(exported.data), "sop.json")},
        content_type="multipart/form-data",
    )
    assert taken.status_code == 302
    assert "version 6" in admin.get(taken.headers["Location"]).text
    refused = admin.send(
        "/procedures/version/import",
        {"file": (io.BytesIO(b"code: X\ntitel: Y"), "x.yaml")},
        content_type="multipart/form-data",
    )
    assert refused.status_code == 422
    assert "line 2 · titel: This word is not known here." in refused.text
    staf = person("kendal.staf")
    assert "Flow chart" in staf.get("/procedures/procedure/1").text
    assert staf.get("/procedures/version/import").status_code == 403


def test_the_form_as_a_spreadsheet_holds_every_step_and_value(acting: Callable[..., Any]) -> None:
    import openpyxl

    from addons.procedures.services.procedure_sheet import procedure_xlsx

    with acting("kendal.admin", "kendal"):
        procedure = sop()
        book = openpyxl.load_workbook(io.BytesIO(procedure_xlsx(procedure).content))
        activities = [step.activity for step in procedure.steps]
        names = [item.name for item in procedure.executors if not item.is_external]  # who does no step has no column
    assert book.sheetnames == ["Identitas", "Bagan alir"]
    flow = book["Bagan alir"]
    assert [flow.cell(row, 2).value.removesuffix(" †") for row in range(5, 15)] == activities
    assert [flow.cell(4, column).value.removesuffix(" †") for column in range(3, 7)] == names
    assert [flow.cell(row, 8).value.removesuffix(" †") for row in (5, 8)] == ["5 menit", "..."]
    symbols = ["".join(str(flow.cell(row, column).value or "") for column in range(3, 7)) for row in range(5, 15)]
    assert [text[0] for text in symbols] == ["⬭", "▭", "▭", "◇", "▭", "◇", "◇", "▭", "▭", "◇"]
    assert "Tidak dengan PK → langkah 10" in flow.cell(8, 10).value
    identity = book["Identitas"]
    assert identity["A1"].value.startswith(
        "Pemerintah Kabupaten Kendal\nDinas Kearsipan dan Perpustakaan Kabupaten Kendal"
    )
    everything = "\n".join(str(cell.value) for row in identity.iter_rows() for cell in row if cell.value)
    assert "Undang-Undang Nomor 43 Tahun 2007 tentang Perpustakaan" in everything
    assert "SOP Pengelolaan Surat Keluar" in everything
