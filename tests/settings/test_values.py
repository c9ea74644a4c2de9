"""What holds in an institution: its own choice, else the default; and never an error."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from app.cli.doctor_checks import Patient, _settings
from app.database.session import db
from app.errors import AddonError, Conflict, Forbidden, Invalid, NotFound
from app.registry.enablement import disable, registry
from app.settings.administration import change_settings, held, row_of
from app.settings.declared import settings
from app.settings.values import setting

pytestmark = pytest.mark.postgres


def test_without_a_choice_of_the_institution_the_default_holds(administrator: Any) -> None:
    with administrator():
        for name, item in settings.items():
            assert setting(name) == item.default


def test_a_setting_holds_in_its_institution_only_and_at_once(administrator: Any, acting: Any, stored: Any) -> None:
    with administrator():
        changed = change_settings(db.session(), "rooms", {"opens_at": time(8, 0), "longest_booking": None})
        assert changed == ["opens_at"]
        assert setting("rooms.opens_at") == time(8, 0)
        db.session.commit()
    assert stored("rooms") == {"opens_at": "08:00"}
    with administrator():
        assert setting("rooms.opens_at") == time(8, 0)
    with acting("unair.admin", "unair"):
        assert setting("rooms.opens_at") is None


def test_what_was_rolled_back_does_not_hold(administrator: Any) -> None:
    with administrator():
        change_settings(db.session(), "rooms", {"opens_at": time(8, 0)})
        db.session.rollback()
    with administrator():
        assert setting("rooms.opens_at") is None


def test_what_equals_the_default_is_not_kept(administrator: Any, stored: Any) -> None:
    for value, kept in ((30, {"signed_days_ago": 30}), (365, {})):
        with administrator():
            change_settings(db.session(), "agreements", {"signed_days_ago": value})
            db.session.commit()
        assert stored("agreements") == kept


def test_reading_needs_no_statement_once_the_institution_was_looked_up(administrator: Any) -> None:
    seen: list[str] = []
    with administrator():
        setting("rooms.opens_at")
        engine = db.engine
        event.listen(engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))
        for name in settings:
            setting(name)
    assert seen == []


def test_an_unknown_setting_is_a_mistake_of_the_addon(administrator: Any) -> None:
    with administrator(), pytest.raises(AddonError, match=r"There is no setting rooms.invented"):
        setting("rooms.invented")


@pytest.mark.parametrize(
    ("addon", "values", "field"),
    [
        ("agreements", {"signed_days_ago": -1}, "signed_days_ago"),
        ("agreements", {"signed_days_ago": None}, "signed_days_ago"),
        ("agreements", {"signed_days_ago": 36501}, "signed_days_ago"),
        ("rooms", {"longest_booking": timedelta(minutes=5)}, "longest_booking"),
    ],
)
def test_a_value_out_of_bounds_is_refused_at_its_field_and_nothing_is_kept(
    administrator: Any, stored: Any, addon: str, values: dict[str, Any], field: str
) -> None:
    with administrator():
        with pytest.raises(Invalid) as refusal:
            change_settings(db.session(), addon, values)
        assert list(refusal.value.errors) == [field]
        db.session.commit()
    assert stored(addon) == {}


def test_only_who_may_administer_addons_sets_anything(acting: Any) -> None:
    for username, institution in (("kendal.staf", "kendal"), ("unair.humas", "unair")):
        with acting(username, institution):
            with pytest.raises(Forbidden):
                change_settings(db.session(), "rooms", {"opens_at": time(8, 0)})
            with pytest.raises(Forbidden):
                held(db.session(), "rooms")


def test_of_an_addon_that_is_off_or_leaves_nothing_to_set_there_are_no_settings(administrator: Any) -> None:
    with administrator() as access:
        assert held(db.session(), "activities")
        disable(db.session(), access.institution_id, "activities")
        for addon in ("activities", "partners", "invented"):
            with pytest.raises(NotFound):
                held(db.session(), addon)
        with pytest.raises(NotFound):
            change_settings(db.session(), "rooms", {"invented": 1})


def test_over_a_newer_change_nothing_is_saved(administrator: Any) -> None:
    with administrator():
        seen = row_of(db.session(), "rooms").changed_at
        change_settings(db.session(), "rooms", {"opens_at": time(8, 0)}, seen=seen)
        db.session.commit()
    with administrator():
        with pytest.raises(Conflict) as refusal:
            change_settings(db.session(), "rooms", {"opens_at": time(9, 0)}, seen=seen)
        assert refusal.value.code == "stale"
        assert setting("rooms.opens_at") == time(8, 0)


WRONG = {
    "rooms": {"opens_at": "25:99", "longest_booking": "viel", "invented": 1},
    "agreements": {"signed_days_ago": [1]},
    "correspondence": ["no object"],
    "activities": {"attendance_rows": 10**9},
}
"""Everything that a database may hold and no setting means."""


def test_what_cannot_be_used_is_the_default_is_told_by_the_doctor_and_mended_by_saving(
    administrator: Any, stored: Any, addresses: Any, postgres: Any, person: Any
) -> None:
    from sqlalchemy import create_engine

    for addon, values in WRONG.items():
        stored(addon, values)
    with administrator():
        for name, item in settings.items():
            assert setting(name) == item.default, name
    for addon in WRONG:
        assert person("kendal.admin").get(f"/kernel/settings/{addon}").status_code == 200
    engine = create_engine(addresses.owner)
    with engine.connect() as connection:
        (finding,) = _settings(Patient(postgres.settings, addresses, connection, registry()))
    engine.dispose()
    assert finding.level == "warn"
    assert "rooms.opens_at of kendal (its value may not be set)" in finding.message
    assert "rooms.invented of kendal (no addon declares it)" in finding.message
    assert "--default" in finding.remedy
    with administrator():
        change_settings(db.session(), "rooms", {"opens_at": None, "longest_booking": None})
        change_settings(db.session(), "correspondence", {"blank_recipient_lines": 6})
        db.session.commit()
    assert stored("rooms") == {"invented": 1}
    assert stored("correspondence") == {"blank_recipient_lines": 6}


def test_the_doctor_is_content_with_what_can_be_used(addresses: Any, postgres: Any) -> None:
    from sqlalchemy import create_engine

    engine = create_engine(addresses.owner)
    with engine.connect() as connection:
        (finding,) = _settings(Patient(postgres.settings, addresses, connection, registry()))
    engine.dispose()
    assert finding.level == "ok"
