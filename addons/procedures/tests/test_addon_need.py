"""Open cases are named before an addon that they need is switched off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.database.session import db
from app.errors import AddonError
from app.registry.enablement import disable, enabled_addons


@pytest.fixture
def open_case(acting: Any, app: Any) -> str:
    """The number of an open case on the procedure that kendal brought."""
    from addons.procedures.models.procedure import Procedure
    from addons.procedures.services.case import CaseService

    with acting("kendal.staf", "kendal"):
        procedure = db.session.scalars(select(Procedure).where(Procedure.state == "in_force")).first()
        case = CaseService().create({"title": "Kunjungan contoh", "procedure": procedure})
        number = case.number
        db.session.commit()
    return str(number)


def switch_off(acting: Any, addon: str, *, forced: bool = False) -> bool:
    """Switch ``addon`` off in Kendal; whether it is on afterwards. Nothing is kept."""
    with acting("kendal.admin", "kendal") as access:
        disable(db.session(), access.institution_id, addon, forced=forced)
        return addon in enabled_addons(access.institution_id)


def test_an_addon_whose_procedure_has_open_cases_asks_first_and_goes_when_forced(acting: Any, open_case: str) -> None:
    with pytest.raises(AddonError) as refusal:
        switch_off(acting, "kendal")
    assert refusal.value.code == "needed"
    assert open_case in str(refusal.value)
    assert switch_off(acting, "kendal", forced=True) is False


def test_an_addon_that_no_open_case_needs_goes_at_once(acting: Any, start_case: Callable[[], dict[str, Any]]) -> None:
    start_case()  # on a procedure that came with no addon, and asks for nobody's records
    assert switch_off(acting, "kendal") is False


def test_the_page_shows_what_needs_it_and_asks_once_more(person: Any, open_case: str) -> None:
    admin = person("kendal.admin")
    before = admin.get("/kernel/addons/").text.count("is-on")
    assert before > 3
    answer = admin.http.post("/kernel/addons/kendal/disable", data=admin.hidden("/kernel/addons/"))
    assert answer.status_code == 409
    assert open_case in answer.text
    assert 'name="forced"' in answer.text
    assert admin.get("/kernel/addons/").text.count("is-on") == before
    admin.http.post("/kernel/addons/kendal/disable", data={**admin.hidden("/kernel/addons/"), "forced": "1"})
    assert admin.get("/kernel/addons/").text.count("is-on") == before - 1
