"""The heading of the paper: whose it is, who approved it, and what else was filled in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import force_locale

from addons.procedures.models.procedure import Procedure
from addons.procedures.tests.test_procedure_editor import EDITOR, fields_of
from app.database.session import db
from app.testing.papers import pdf_text


def test_everything_that_was_filled_in_stands_on_the_paper(acting: Callable[..., Any]) -> None:
    from addons.procedures.services.procedure_print import procedure_pdf

    with acting("kendal.admin", "kendal"):
        procedure = db.session.query(Procedure).one()
        more = {"authority": ["Lembaga Contoh"], "year": "2031", "purpose": "Menata magang", "scope": "Seluruh bidang"}
        procedure.identity = {**procedure.identity, **more, "approved_by": "Kepala Dinas"}
        with db.session.no_autoflush:
            text = pdf_text(procedure_pdf(procedure).content)
        db.session.rollback()
    assert "LEMBAGA CONTOH" in text
    assert "2031" in text
    assert "Menata magang" in text
    assert "Seluruh bidang" in text


def test_the_holder_of_the_approving_position_signs_and_dots_stand_for_an_unknown_one(
    acting: Callable[..., Any],
) -> None:
    from addons.organization.models.holder import Holder
    from addons.organization.models.position import Position
    from addons.procedures.services.procedure_heading import DOTS, signature_lines

    with acting("kendal.admin", "kendal"):
        holder = db.session.query(Holder).join(Position).order_by(Holder.id).first()
        assert holder is not None
        known = Procedure(identity={"approved_by": holder.position.title})
        assert signature_lines(known)[0] in {holder.name_in_letters, str(holder.user)}
        assert signature_lines(Procedure(identity={}))[0] == DOTS


def test_parallel_steps_are_told_on_the_paper_and_in_the_editor(person: Callable[..., Any], acting: Any) -> None:
    from addons.procedures.services.procedure_print import layout_data

    admin = person("kendal.admin")
    at = admin.send("/procedures/version/draft/1", {}, form_at="/procedures/procedure/1").headers["Location"]
    page = admin.get(f"{at}?step=1").text
    saved = admin.send(f"{at}/step", {**fields_of(page), "ways-0-parallel": "3"}, form_at=at)
    assert saved.status_code == 302, saved.text
    shown = admin.get(at).text
    assert "and, at the same time, 3" in shown
    assert "flow-way is-parallel" in shown
    assert EDITOR in at
    with acting("kendal.admin", "kendal"):
        db.session.expire_all()
        with force_locale("en"):
            steps = {
                row["key"]: row for row in layout_data(db.session.get(Procedure, int(at.rsplit("/", 1)[1])))["steps"]
            }
    ways = {way["to"]: way for way in steps["1"]["branches"]}
    assert ways["3"]["parallel"]
    assert not ways["2"]["parallel"]
    assert "at the same time as step 3" in steps["2"]["remark"]


def test_a_new_version_asks_for_its_days_and_prints_them(person: Callable[..., Any], acting: Any) -> None:
    from addons.procedures.services.procedure_print import procedure_pdf

    admin = person("kendal.admin")
    at = admin.send("/procedures/version/draft/1", {}, form_at="/procedures/procedure/1").headers["Location"]
    page = admin.get(at).text
    assert "not filled in: Number, Date made, Approved by" in page
    assert "the day on which this version was drafted" in page
    fields = fields_of(page, "head-form")
    given = {"identity-made_on": "3/3/2025", "identity-revised_on": "bulan lalu", "identity-number": "065/9"}
    refused = admin.send(f"{at}/head", {**fields, **given}, form_at=at)
    assert refused.status_code == 422
    assert 'value="bulan lalu"' in refused.text
    assert 'value="065/9"' in refused.text
    assert refused.text.count("invalid-feedback") == 1
    given |= {"identity-revised_on": "", "identity-approved_by": "Kepala Dinas"}
    assert admin.send(f"{at}/head", {**fields, **given}, form_at=at).status_code == 302
    pk = int(at.rsplit("/", 1)[1])
    assert "Not filled in on the identity page" not in admin.get(f"/procedures/procedure/{pk}").text
    show = f"/procedures/procedure/{pk}"
    assert admin.send(f"{show}/do/approve", {}, form_at=show).status_code == 302
    assert admin.send(f"{show}/ask/schedule", {"in_force_from": ""}, form_at=f"{show}/ask/schedule").status_code == 302
    with acting("kendal.admin", "kendal"):
        db.session.expire_all()
        procedure = db.session.get(Procedure, pk)
        assert procedure.state == "in_force"
        from app.addon import format_date, official_language

        with official_language():
            today = format_date(procedure.in_force_from)
        text = " ".join(pdf_text(procedure_pdf(procedure).content).split())
    assert "065/9" in text
    assert "3 Maret 2025" in text
    assert text.count(today) == 2, "revised on the day of the draft, effective on the day it comes into force"
