"""What a role may do: as shipped, as an institution changed it, and how quickly everybody follows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.access import cache
from app.access.access_override import AccessOverride
from app.access.administration import ADMINISTRATOR, give_role
from app.access.role_grid import restore_shipped, rights_grid, set_right
from app.access.rows import AccessRow
from app.database.base import models
from app.database.session import db
from app.errors import Conflict, Forbidden, NotFound
from app.records.service import service_of
from app.registry.enablement import enable, registry
from app.testing.databases import TestServer

pytestmark = pytest.mark.postgres

PARTNER = "partners.Partner"
STAFF_ROLE = "kendal.staf"


def cell(role: str, model: str, operation: str) -> tuple[bool, bool]:
    """Whether the grid shows the right as allowed, and as changed."""
    found = next(row for row in rights_grid(db.session(), role) if row.model == model).cells[operation]
    return found.allowed, found.changed


# Shipped ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("username", "operations"),
    [
        ("kendal.staf", {"read", "create", "write"}),
        ("kendal.kadis", {"read"}),
        ("kendal.kabid", {"read", "create", "write", "archive"}),
        ("kendal.admin", {"read", "create", "write", "archive"}),
    ],
)
def test_a_person_may_do_what_the_shipped_rows_say_and_nothing_else(
    may: Callable[..., bool], username: str, operations: set[str]
) -> None:
    allowed = {name for name in ("read", "create", "write", "archive") if may(username, PARTNER, name)}
    assert allowed == operations


def test_nothing_is_allowed_unless_a_row_says_so(may: Callable[..., bool], acting: Any) -> None:
    assert not may("kendal.staf", "kernel.RoleAssignment", "read")
    assert not may("kendal.staf", PARTNER, "invented")
    assert not may("kendal.staf", "invented.Model", "read")
    with acting("kendal.kadis", "kendal"):
        partner = service_of(models[PARTNER])
        with pytest.raises(Forbidden):
            partner.create({"name": "Mitra"})
        record = db.session.scalar(select(models[PARTNER]))
        with pytest.raises(Forbidden):
            partner.update(record, {"city": "Kendal"})
        with pytest.raises(Forbidden):
            partner.archive(record)


def test_the_platform_administrator_may_everything_that_is_enabled(acting: Any) -> None:
    for institution in ("kendal", "unair", "polibatam"):
        with acting("admin", institution) as access:
            assert access.may(PARTNER, "archive")
            assert access.covers(PARTNER, "archive", frozenset({""}))
            assert not access.may("dummy.Note", "read")


# Changed ----------------------------------------------------------------------------------------------------------


def test_a_right_that_is_given_works_at_once_on_pages_and_api(administrator: Any, person: Any, program: Any) -> None:
    staf, script = person("kendal.staf"), program("kendal.staf", "kendal")
    number = script.api("GET", "partner/").json["ids"][0]
    assert script.api("DELETE", f"partner/{number}").status_code == 403
    with administrator():
        set_right(db.session(), STAFF_ROLE, PARTNER, "archive", True)
        db.session.commit()
        assert cell(STAFF_ROLE, PARTNER, "archive") == (True, True)
    assert "archive" in script.api("GET", "partner/_info").json["permissions"]
    assert staf.send(f"/partners/partner/{number}/archive", {}, form_at="/partners/partner/add").status_code == 302
    assert number not in script.api("GET", "partner/").json["ids"]


def test_a_right_that_is_taken_is_gone_at_once_on_menu_pages_and_api(
    administrator: Any, person: Any, program: Any
) -> None:
    staf, script = person("kendal.staf"), program("kendal.staf", "kendal")
    assert staf.get("/partners/partner/").status_code == 200
    assert 'href="/partners/partner/"' in staf.get("/rooms/room/").text
    assert script.api("GET", "partner/").status_code == 200
    with administrator():
        set_right(db.session(), STAFF_ROLE, PARTNER, "read", False)
        db.session.commit()
    assert staf.get("/partners/partner/").status_code == 403
    page = staf.get("/rooms/room/")
    assert page.status_code == 200
    assert 'href="/partners/partner/"' not in page.text
    assert script.api("GET", "partner/").status_code == 403


def test_a_changed_right_of_one_institution_is_unknown_to_the_others(acting: Any) -> None:
    role = "partners.reader"
    with acting("kendal.admin", "kendal"):
        set_right(db.session(), role, PARTNER, "read", False)
        db.session.commit()
        assert cell(role, PARTNER, "read") == (False, True)
    with acting("unair.admin", "unair"):
        assert cell(role, PARTNER, "read") == (True, False)


def test_a_role_is_brought_back_to_what_it_was_shipped_with(administrator: Any, may: Callable[..., bool]) -> None:
    with administrator():
        set_right(db.session(), STAFF_ROLE, PARTNER, "archive", True)
        set_right(db.session(), STAFF_ROLE, PARTNER, "create", False)
        set_right(db.session(), "kendal.kepala_dinas", PARTNER, "create", True)
        db.session.commit()
    assert may("kendal.staf", PARTNER, "archive")
    assert not may("kendal.staf", PARTNER, "create")
    with administrator():
        restore_shipped(db.session(), STAFF_ROLE)
        db.session.commit()
    assert not may("kendal.staf", PARTNER, "archive")
    assert may("kendal.staf", PARTNER, "create")
    assert may("kendal.kadis", PARTNER, "create"), "the other role keeps its change"


def test_setting_a_right_back_by_hand_leaves_no_change_behind(administrator: Any) -> None:
    with administrator():
        for wish in (True, True, False):
            set_right(db.session(), STAFF_ROLE, PARTNER, "archive", wish)
        assert cell(STAFF_ROLE, PARTNER, "archive") == (False, False)
        assert db.session.scalar(select(func.count()).select_from(AccessOverride)) == 0


def test_every_cell_of_the_grid_can_be_changed_and_changed_back(administrator: Any) -> None:
    with administrator():
        for row in rights_grid(db.session(), STAFF_ROLE):
            if row.model != PARTNER:
                continue
            for operation, shown in row.cells.items():
                allowed = shown.allowed
                set_right(db.session(), STAFF_ROLE, row.model, operation, not allowed)
                assert cell(STAFF_ROLE, row.model, operation) == (not allowed, True)
                set_right(db.session(), STAFF_ROLE, row.model, operation, allowed)
                assert cell(STAFF_ROLE, row.model, operation) == (allowed, False)


def test_the_grid_shows_only_addons_that_are_enabled_here(administrator: Any) -> None:
    with administrator() as access:
        assert {row.addon for row in rights_grid(db.session(), STAFF_ROLE)} <= access.enabled | {"kernel"}
        with pytest.raises(NotFound):
            rights_grid(db.session(), "unair.humas")
        with pytest.raises(NotFound):
            set_right(db.session(), "unair.humas", PARTNER, "read", True)


def test_a_right_that_does_not_exist_cannot_be_given(administrator: Any) -> None:
    with administrator():
        for model, operation in ((PARTNER, "invented"), ("partners.Invented", "read"), ("rooms.Room", "cancel")):
            with pytest.raises(NotFound):
                set_right(db.session(), STAFF_ROLE, model, operation, True)


def test_whoever_has_no_right_over_rights_changes_none(acting: Any) -> None:
    with acting("kendal.staf", "kendal"):
        for attempt in (
            lambda: set_right(db.session(), STAFF_ROLE, PARTNER, "archive", True),
            lambda: restore_shipped(db.session(), STAFF_ROLE),
        ):
            with pytest.raises(Forbidden):
                attempt()


def test_the_administrator_keeps_the_rights_to_administer(administrator: Any) -> None:
    with administrator():
        for model in ("kernel.AccessOverride", "kernel.RoleAssignment", "kernel.AddonEnablement"):
            with pytest.raises(Conflict) as refusal:
                set_right(db.session(), ADMINISTRATOR, model, "write", False)
            assert refusal.value.code == "lock_out"
        set_right(db.session(), ADMINISTRATOR, PARTNER, "write", False)


def test_nobody_gives_a_right_that_they_do_not_hold(administrator: Any, acting: Any) -> None:
    with administrator():
        set_right(db.session(), STAFF_ROLE, "kernel.AccessOverride", "write", True)
        db.session.commit()
    with acting("kendal.staf", "kendal"):
        set_right(db.session(), STAFF_ROLE, PARTNER, "create", False)
        set_right(db.session(), "kendal.kepala_dinas", PARTNER, "create", True)
        with pytest.raises(Forbidden) as refusal:
            set_right(db.session(), STAFF_ROLE, PARTNER, "archive", True)
        assert refusal.value.code == "not_held"
        with pytest.raises(Forbidden):
            set_right(db.session(), STAFF_ROLE, "kernel.RoleAssignment", "create", True)


def test_a_right_over_some_rows_cannot_be_given_over_all(administrator: Any) -> None:
    # The administrator may write the kinds of the own institution only.
    with administrator() as access:
        assert access.may("partners.PartnerKind", "write")
        with pytest.raises(Forbidden) as refusal:
            set_right(db.session(), STAFF_ROLE, "partners.PartnerKind", "write", True)
        assert refusal.value.code == "not_held"


# Scopes -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def note(administrator: Any, user_id: Callable[[str], int]) -> Any:
    """Kendal has the dummy addon, whose authors write their own notes only; staf and kabid are authors."""
    staf, kabid = user_id("kendal.staf"), user_id("kendal.kabid")
    with administrator() as access:
        enable(db.session(), access.institution_id, "dummy")
        db.session.commit()
    with administrator():
        give_role(db.session(), staf, "dummy.author")
        give_role(db.session(), kabid, "dummy.author")
        db.session.commit()
    return models["dummy.Note"]


def test_a_right_over_own_records_stops_at_those_of_others(acting: Any, note: Any) -> None:
    with acting("kendal.staf", "kendal"):
        own = service_of(note).create({"title": "By staf"})
        db.session.commit()
        service_of(note).update(own, {"mood": "bad"})
        db.session.commit()
    with acting("kendal.kabid", "kendal"):
        record = db.session.scalar(select(note).where(note.title == "By staf"))
        for attempt in (
            lambda: service_of(note).update(record, {"mood": "good"}),
            lambda: service_of(note).archive(record),
        ):
            with pytest.raises(Forbidden):
                attempt()
        assert record.mood == "bad"


def test_a_restriction_hides_rows_from_everybody_in_every_kind_of_statement(
    acting: Any, note: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting("kendal.staf", "kendal"):
        service_of(note).create({"title": "By staf"})
        db.session.commit()
    count = select(func.count()).select_from(note)
    with acting("kendal.kabid", "kendal"):
        assert db.session.scalar(count) == 2
    only_own = AccessRow("test.only_own", "dummy", "", "dummy.Note", ("read",), "kernel.own")
    monkeypatch.setattr(registry(), "access_rows", [*registry().access_rows, only_own])
    cache.forget()
    for username, seen in (("kendal.kabid", 0), ("kendal.staf", 1), ("kendal.admin", 0), ("admin", 0)):
        with acting(username, "kendal"):
            assert db.session.scalar(count) == seen, username
            assert db.session.scalar(select(select(func.count(note.id)).scalar_subquery())) == seen
            assert len(list(db.session.scalars(select(note)))) == seen
    cache.forget()


def test_the_right_to_write_kinds_reaches_those_of_the_own_institution(administrator: Any) -> None:
    kind = models["partners.PartnerKind"]
    with administrator():
        shared = db.session.scalar(select(kind).limit(1))
        with pytest.raises(Forbidden):
            service_of(kind).update(shared, {"name": "Renamed"})
        own = service_of(kind).create({"name": "Kelompok membaca"})
        service_of(kind).update(own, {"name": "Kelompok baca"})
        service_of(kind).archive(own)


# Several processes ------------------------------------------------------------------------------------------------


def test_a_right_changed_by_another_process_is_seen_at_the_next_request(
    addresses: Any, postgres: TestServer, program: Any, tmp_path: Path
) -> None:
    script = program("kendal.staf", "kendal")
    assert script.api("GET", "partner/").status_code == 200
    other = Path(__file__).with_name("other_process.py")
    extra = str(postgres.settings.addons_path[0])
    wish = ["kendal.admin", "kendal", STAFF_ROLE, PARTNER, "read", "forbid"]
    done = subprocess.run(
        [sys.executable, str(other), addresses.application, str(tmp_path), extra, *wish],
        capture_output=True,
        text=True,
        cwd=other.parents[2],
        env={"PYTHONPATH": str(other.parents[2])},
    )
    assert done.returncode == 0, done.stderr
    assert script.api("GET", "partner/").status_code == 403


def test_a_change_that_is_not_committed_is_seen_by_its_own_transaction_only(
    administrator: Any, may: Callable[..., bool]
) -> None:
    assert not may("kendal.staf", PARTNER, "archive")
    with administrator():
        set_right(db.session(), STAFF_ROLE, PARTNER, "archive", True)
        assert cell(STAFF_ROLE, PARTNER, "archive") == (True, True)
        assert not may("kendal.staf", PARTNER, "archive")
        db.session.commit()
    assert may("kendal.staf", PARTNER, "archive")


def test_a_change_that_is_rolled_back_poisons_nothing(administrator: Any, may: Callable[..., bool]) -> None:
    with administrator():
        set_right(db.session(), STAFF_ROLE, PARTNER, "archive", True)
        set_right(db.session(), STAFF_ROLE, PARTNER, "create", False)
        assert cell(STAFF_ROLE, PARTNER, "archive") == (True, True)
        db.session.rollback()
        assert cell(STAFF_ROLE, PARTNER, "archive") == (False, False)
    assert not may("kendal.staf", PARTNER, "archive")
    assert may("kendal.staf", PARTNER, "create")


def test_rights_are_worked_out_once_while_nothing_changes(administrator: Any) -> None:
    with administrator() as first:
        pass
    with administrator() as second:
        assert second is first
        set_right(db.session(), STAFF_ROLE, PARTNER, "archive", True)
        db.session.commit()
    with administrator() as third:
        assert third is not first


def test_who_changed_a_right_is_written_down(administrator: Any, user_id: Callable[[str], int], addresses: Any) -> None:
    import psycopg

    from app.database.addresses import libpq_address

    with administrator():
        set_right(db.session(), STAFF_ROLE, PARTNER, "archive", True)
        db.session.commit()
        restore_shipped(db.session(), STAFF_ROLE)
        db.session.commit()
    with psycopg.connect(libpq_address(addresses.owner)) as connection:
        rows = connection.execute(
            "SELECT operation, user_id, coalesce(new, old) ->> 'role' FROM audit_entry "
            "WHERE table_name = 'access_override' ORDER BY id"
        ).fetchall()
    admin = user_id("kendal.admin")
    assert rows == [("insert", admin, STAFF_ROLE), ("delete", admin, STAFF_ROLE)]
