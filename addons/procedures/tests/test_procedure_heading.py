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
