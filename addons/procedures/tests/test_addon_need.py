"""Open cases are named before an addon that they need is switched off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.errors import AddonError
from app.registry.enablement import disable, enabled_addons


def switch_off(acting: Any, addon: str, *, forced: bool = False) -> bool:
    """Switch ``addon`` off in Kendal; whether it is on afterwards. Nothing is kept."""
    from app.database.session import db

    with acting("kendal.admin", "kendal") as access:
        disable(db.session(), access.institution_id, addon, forced=forced)
        return addon in enabled_addons(access.institution_id)


def test_an_addon_whose_procedure_has_open_cases_asks_first_and_goes_when_forced(acting: Any, app: Any) -> None:
    from sqlalchemy import select

    from addons.procedures.models.case import Case
    from addons.procedures.models.procedure import Procedure
    from addons.procedures.services.case import CaseService
    from app.database.session import db

    with acting("kendal.staf", "kendal"):
        procedure = db.session.scalars(select(Procedure).where(Procedure.state == "in_force")).first()
        assert procedure is not None
        case = CaseService().create({"title": "Kunjungan contoh", "procedure": procedure})
        number = case.number
        db.session.commit()
    with pytest.raises(AddonError) as refusal:
        switch_off(acting, "kendal")
    assert refusal.value.code == "needed"
    assert number in str(refusal.value)
    assert switch_off(acting, "kendal", forced=True) is False
    with acting("kendal.admin", "kendal"):
        assert db.session.get(Case, case.id) is not None


def test_an_addon_whose_records_are_asked_for_is_named_and_one_that_nobody_needs_goes_at_once(
    acting: Any, start_case: Callable[[], dict[str, Any]]
) -> None:
    from app.registry.enablement import enable

    number = start_case()["number"]
    from app.database.session import db

    with pytest.raises(AddonError) as refusal:
        switch_off(acting, "kendal")
    assert number not in str(refusal.value), "the invented procedure did not come with kendal"
    with acting("kendal.admin", "kendal") as access:
        enable(db.session(), access.institution_id, "dummy")
        disable(db.session(), access.institution_id, "dummy")


def test_the_page_shows_what_needs_it_and_asks_once_more(person: Any, acting: Any) -> None:
    admin = person("kendal.admin")
    page = admin.get("/kernel/addons/")
    assert page.status_code == 200
    answer = admin.http.post("/kernel/addons/kendal/disable", data=admin.hidden("/kernel/addons/"))
    assert answer.status_code == 409
    assert 'name="forced"' in answer.text
    assert admin.get("/kernel/addons/").text.count("is-on") == page.text.count("is-on")
    admin.http.post("/kernel/addons/kendal/disable", data={**admin.hidden("/kernel/addons/"), "forced": "1"})
    assert admin.get("/kernel/addons/").text.count("is-on") == page.text.count("is-on") - 1
