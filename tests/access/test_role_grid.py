"""The grid of a role: searching, differences, rows per cell, copying, restoring; and giving only what one holds."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask_babel import force_locale

from app.access.access import current_access
from app.access.administration import ADMINISTRATOR, give_role
from app.access.institution_role import InstitutionRole
from app.access.own_roles import make_role, remove_role
from app.access.role_copy import copy_rights, differences
from app.access.role_grid import ALL, column_cells, restore_shipped, rights_grid, set_right
from app.database.base import models
from app.database.session import db
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.records.service import service_of

pytestmark = pytest.mark.postgres

PARTNER, CONTACT, KIND = "partners.Partner", "partners.Contact", "partners.PartnerKind"
STAFF, HEAD, READER = "kendal.staf", "kendal.kepala_dinas", "partners.reader"
GRID = f"/kernel/roles/{STAFF}"


def post(person: Any, path: str, **fields: Any) -> Any:
    """Send a form of the administration pages."""
    token = person.hidden("/kernel/addons/")["csrf_token"]
    return person.http.post(path, data={"csrf_token": token, **fields}, headers=person.headers)


def shown(page: str) -> set[str]:
    """The cells on a page of the grid."""
    return set(re.findall(r'name="right" value="([^"]+)"', page))


# Finding ----------------------------------------------------------------------------------------------------------


def test_the_grid_is_searched_by_the_names_of_records_without_a_script(person: Any) -> None:
    admin = person("kendal.admin")
    whole, found, none = (admin.get(GRID + query).text for query in ("", "?q=CONTACT", "?q=zzxxqq"))
    assert {f"{PARTNER}:read", f"{CONTACT}:read"} <= shown(whole)
    assert {cell.split(":")[0] for cell in shown(found)} == {CONTACT}
    assert shown(none) == set()
    assert "Nothing fits the search." in none


def test_a_search_keeps_what_it_does_not_show_as_it_is(person: Any, may: Any) -> None:
    admin = person("kendal.admin")
    assert may(STAFF, PARTNER, "create")
    was = re.findall(r'name="was" value="([^"]+)"', admin.get(GRID + "?q=contact").text)
    answer = post(admin, GRID, q="contact", was=was, right=[*was, f"{CONTACT}:archive"])
    assert answer.headers["Location"].endswith("?q=contact")
    assert may(STAFF, CONTACT, "archive")
    assert may(STAFF, PARTNER, "create")


def test_what_differs_from_the_shipped_state_is_listed_and_can_be_shown_alone(person: Any, administrator: Any) -> None:
    admin = person("kendal.admin")
    assert shown(admin.get(GRID + "?changed=1").text) == set()
    with administrator():
        set_right(db.session(), STAFF, PARTNER, "archive", True)
        set_right(db.session(), STAFF, PARTNER, "write", True, "kernel.own")
        db.session.commit()
    page = admin.get(GRID + "?changed=1").text
    assert {cell.split(":")[0] for cell in shown(page)} == {PARTNER}
    assert "2 differences from the shipped state" in page
    changes = page[page.index("rights-changes") :]
    assert re.search(r"Archive: <del>no</del>.*<ins>all rows</ins>", changes)
    assert re.search(r"Change: <del>all rows</del>.*<ins>own rows</ins>", changes)


# Rows per cell ----------------------------------------------------------------------------------------------------


def test_a_cell_can_be_confined_to_own_rows(person: Any, acting: Any) -> None:
    admin = person("kendal.admin")
    was = re.findall(r'name="was" value="([^"]+)"', admin.get(GRID + "?q=Partners").text)
    scope = {f"scope:{PARTNER}:write": "kernel.own"}
    assert post(admin, GRID, was=was, right=[cell.partition("=")[0] for cell in was], **scope).status_code == 302
    assert f'name="was" value="{PARTNER}:write=kernel.own"' in admin.get(GRID).text
    with acting("kendal.staf", "kendal"):
        partner = service_of(models[PARTNER])
        own = partner.create({"name": "Rumah Baca Uji"})
        partner.update(own, {"city": "Kendal"})
        foreign = db.session.query(models[PARTNER]).filter(models[PARTNER].created_by_id.is_(None)).first()
        with pytest.raises(Forbidden):
            partner.update(foreign, {"city": "Kendal"})


def test_a_scope_that_no_row_of_the_model_knows_is_refused(administrator: Any) -> None:
    with administrator():
        set_right(db.session(), STAFF, PARTNER, "write", True, "kernel.own")
        for scope in ("invented.scope", "partners.own_institution"):
            with pytest.raises(NotFound):
                set_right(db.session(), STAFF, PARTNER, "write", True, scope)
        with pytest.raises(NotFound):
            set_right(db.session(), STAFF, CONTACT, "personal", True, "kernel.own")


# Restoring --------------------------------------------------------------------------------------------------------


def test_one_cell_one_model_or_the_whole_role_is_restored(person: Any, administrator: Any, may: Any) -> None:
    def change() -> None:
        with administrator():
            for model, operation in ((PARTNER, "archive"), (CONTACT, "archive")):
                set_right(db.session(), STAFF, model, operation, True)
            set_right(db.session(), STAFF, PARTNER, "create", False)
            db.session.commit()

    admin = person("kendal.admin")
    for only, left in (
        (f"{PARTNER}:archive", (False, False, True)),
        (PARTNER, (False, True, True)),
        ("", (False, True, False)),
    ):
        change()
        assert (may(STAFF, PARTNER, "archive"), may(STAFF, PARTNER, "create")) == (True, False)
        post(admin, f"{GRID}/restore", **({"only": only} if only else {}))
        now = (may(STAFF, PARTNER, "archive"), may(STAFF, PARTNER, "create"), may(STAFF, CONTACT, "archive"))
        assert now == left, only


# Two at once ------------------------------------------------------------------------------------------------------


def test_who_saves_over_a_cell_that_somebody_else_changed_is_told_with_409_and_keeps_what_was_ticked(
    person: Any, administrator: Any, may: Any
) -> None:
    admin = person("kendal.admin")
    was = re.findall(r'name="was" value="([^"]+)"', admin.get(GRID).text)
    with administrator():
        set_right(db.session(), STAFF, PARTNER, "archive", True)
        db.session.commit()
    answer = post(admin, GRID, was=was, right=[*was, f"{PARTNER}:archive", f"{CONTACT}:archive"])
    assert answer.status_code == 409
    assert "Somebody else changed these rights in the meantime" in answer.text
    assert f'value="{CONTACT}:archive" checked' in answer.text
    assert not may(STAFF, CONTACT, "archive"), "nothing was half-saved"


# Copying ----------------------------------------------------------------------------------------------------------


def test_copying_shows_what_changes_and_then_both_roles_may_the_same(person: Any, administrator: Any) -> None:
    admin = person("kendal.admin")
    page = admin.get(f"/kernel/roles/{STAFF}/copy?from={HEAD}")
    assert page.status_code == 200
    assert "Change 0 rights" not in page.text
    with administrator():
        before = {(item.model, item.operation) for item in differences(db.session(), STAFF, HEAD)}
        assert (PARTNER, "create") in before
    assert post(admin, f"/kernel/roles/{STAFF}/copy", **{"from": HEAD}).status_code == 302
    with administrator():
        assert differences(db.session(), STAFF, HEAD) == []
        restore_shipped(db.session(), STAFF)
        assert {(item.model, item.operation) for item in differences(db.session(), STAFF, HEAD)} == before


def test_only_what_the_copier_holds_is_copied(administrator: Any, acting: Any) -> None:
    with administrator():
        for operation in ("read", "write"):
            set_right(db.session(), STAFF, "kernel.AccessOverride", operation, True)
        db.session.commit()
    with acting("kendal.staf", "kendal"):
        found = {(d.model, d.operation): d.refusal for d in differences(db.session(), READER, "kendal.kepala_bidang")}
        assert found[PARTNER, "create"] is None
        with force_locale("en"):
            assert "do not have yourself" in str(found[PARTNER, "archive"])
        copy_rights(db.session(), READER, "kendal.kepala_bidang")
        cells = next(row for row in rights_grid(db.session(), READER) if row.model == PARTNER).cells
        assert (cells["create"].allowed, cells["archive"].allowed) == (True, False)


def test_copying_over_the_administrator_leaves_the_rights_to_administer(administrator: Any) -> None:
    with administrator():
        copy_rights(db.session(), ADMINISTRATOR, STAFF)
        cells = {row.model: row.cells for row in rights_grid(db.session(), ADMINISTRATOR)}
        assert cells["kernel.RoleAssignment"]["create"].allowed
        assert not cells[PARTNER]["archive"].allowed


# Nobody gives what they do not hold ---------------------------------------------------------------------------------


@pytest.fixture
def confined(administrator: Any) -> None:
    """Kendal's staff administers rights and roles, and writes its own partners only."""
    with administrator():
        for model in ("kernel.AccessOverride", "kernel.RoleAssignment"):
            for operation in ("read", "create", "write"):
                set_right(db.session(), STAFF, model, operation, True)
        set_right(db.session(), STAFF, PARTNER, "write", True, "kernel.own")
        db.session.commit()


@pytest.mark.usefixtures("confined")
def test_a_right_over_own_rows_is_given_over_own_rows_only(acting: Any) -> None:
    with acting("kendal.staf", "kendal"):
        assert current_access().granted[PARTNER, "write"] == {"kernel.own"}
        set_right(db.session(), READER, PARTNER, "write", True, "kernel.own")
        for scope in (ALL, None):
            with pytest.raises(Forbidden) as refusal:
                set_right(db.session(), READER, PARTNER, "write", True, scope)
            assert refusal.value.code == "not_held"


@pytest.mark.usefixtures("confined")
def test_a_role_that_reaches_more_rows_than_the_giver_is_not_given(acting: Any, user_id: Any) -> None:
    kadis = user_id("kendal.kadis")
    with acting("kendal.staf", "kendal"):
        give_role(db.session(), kadis, READER)
        with pytest.raises(Forbidden) as refusal:
            give_role(db.session(), user_id("kendal.kabid"), "partners.manager")
        assert refusal.value.code == "not_held"


def test_a_position_carries_no_more_than_who_gives_it_holds(administrator: Any, acting: Any, user_id: Any) -> None:
    position, carried = models["organization.Position"], models["organization.PositionRole"]
    holder, person_id = models["organization.Holder"], user_id("kendal.kabid")
    with administrator():
        for model, operation in (
            (carried, "read"), (carried, "create"), (holder, "create"), (position, "create"),
        ):  # fmt: skip
            set_right(db.session(), STAFF, model.__model_key__, operation, True)
        unit = db.session.query(models["organization.Unit"]).first()
        service_of(position).create({"title": "Juru Baca", "unit": unit})
        db.session.commit()
    with acting("kendal.staf", "kendal"):
        post_ = db.session.query(position).filter_by(title="Juru Baca").one()
        head = db.session.query(position).filter_by(title="Kepala Dinas").one()
        service_of(carried).create({"position": post_, "role": READER})
        with pytest.raises(Forbidden) as refusal:
            service_of(carried).create({"position": post_, "role": ADMINISTRATOR})
        assert refusal.value.code == "not_held"
        values = {"user_id": person_id, "kind": "daily_acting"}
        from app.i18n.formats import today_here

        days = {"date_from": today_here(), "date_to": today_here()}
        service_of(holder).create({**values, **days, "position": post_})
        with pytest.raises(Forbidden):
            service_of(holder).create({**values, **days, "position": head})


# Roles of our own ---------------------------------------------------------------------------------------------------


def test_a_role_of_our_own_begins_without_rights_and_is_given_some(
    person: Any, administrator: Any, user_id: Any, may: Any
) -> None:
    admin, kadis = person("kendal.admin"), user_id("kendal.kadis")
    answer = post(admin, "/kernel/roles/", name="Penjaga taman baca")
    code = answer.headers["Location"].rsplit("/", 1)[1]
    assert "Penjaga taman baca" in admin.get("/kernel/roles/").text
    assert not re.search(r'name="right" value="[^"]+" checked', admin.get(f"/kernel/roles/{code}").text)
    with administrator():
        set_right(db.session(), code, PARTNER, "create", True)
        give_role(db.session(), kadis, code)
        db.session.commit()
    assert may("kendal.kadis", PARTNER, "create")
    assert post(admin, f"/kernel/roles/{code}/remove").headers["Location"].endswith(code)
    assert "Somebody has this role; take it away first." in admin.get(f"/kernel/roles/{code}").text
    assert may("kendal.kadis", PARTNER, "create")


def test_a_refused_role_and_a_refused_giving_keep_what_was_typed(person: Any, user_id: Any) -> None:
    admin, kadis = person("kendal.admin"), user_id("kendal.kadis")
    assert post(admin, "/kernel/roles/", name="Penjaga taman baca").status_code == 302
    again = post(admin, "/kernel/roles/", name="penjaga taman BACA")
    assert again.status_code == 409
    assert re.search(r'name="name" value="penjaga taman BACA"[^>]* aria-invalid="true"', again.text)
    days = {"role": "kernel.administrator", "date_from": "2031-05-04", "date_to": "2031-05-03"}
    refused = post(admin, f"/kernel/people/{kadis}/roles", **days)
    assert refused.status_code == 422
    form = re.search(
        rf'<details class="person-give" open>(?:(?!</details>).)*people/{kadis}/roles.*?</details>',
        refused.text,
        re.DOTALL,
    )
    assert form, "the form of the person stands open"
    assert 'role="alert"' in form[0]
    assert 'value="kernel.administrator" selected' in form[0]
    assert 'value="2031-05-04"' in form[0]
    assert refused.text.count('person-give" open') == 1


def test_a_role_of_our_own_has_one_name_and_is_unknown_elsewhere(administrator: Any, acting: Any) -> None:
    with administrator():
        code = make_role(db.session(), "Penjaga taman baca").code
        for name in ("penjaga TAMAN baca", "Staf/Pustakawan"):
            with pytest.raises(Conflict):
                make_role(db.session(), name)
        with pytest.raises(Invalid):
            make_role(db.session(), " x ")
        db.session.commit()
    with acting("unair.admin", "unair"):
        with pytest.raises(NotFound):
            rights_grid(db.session(), code)
        with pytest.raises(NotFound):
            remove_role(db.session(), code)
        make_role(db.session(), "Penjaga taman baca")
    with administrator():
        remove_role(db.session(), code)
        assert db.session.query(InstitutionRole).filter_by(name="Penjaga taman baca").count() == 0


# Columns ----------------------------------------------------------------------------------------------------------


def test_a_column_taken_from_a_role_is_gone_from_its_screens_and_its_values_are_refused(
    person: Any, program: Any, administrator: Any
) -> None:
    admin, staf, script = person("kendal.admin"), person("kendal.staf"), program("kendal.staf", "kendal")
    number = script.api("GET", "partner/").json["ids"][0]
    assert "address" in script.api("GET", f"partner/{number}").json["result"]
    assert 'name="address"' in staf.get(f"/partners/partner/{number}/edit").text
    was = re.findall(r'name="was" value="([^"]+)"', admin.get(f"{GRID}/columns/{PARTNER}").text)
    assert {"read.address", "write.city"} <= set(was)
    kept = [right for right in was if right not in {"read.address", "write.city"}]
    assert post(admin, f"{GRID}/columns/{PARTNER}", was=was, right=kept).status_code == 302
    record = script.api("GET", f"partner/{number}").json
    assert "address" not in record["result"]
    assert "city" in record["result"]
    form = staf.get(f"/partners/partner/{number}/edit").text
    assert 'name="address"' not in form
    assert 'name="city"' not in form
    assert 'id="f-city"' in form, "who may read it sees it read-only"
    for column in ("address", "city"):
        answer = script.api("PUT", f"partner/{number}", {column: "Dipalsukan"})
        assert answer.status_code == 403, column
        forged = staf.send(f"/partners/partner/{number}/edit", {"name": "X", column: "Dipalsukan"})
        assert forged.status_code == 403
        assert "You may not change" in forged.text
    with administrator():
        stored = db.session.get(models[PARTNER], number)
        assert "Dipalsukan" not in {stored.address, stored.city}


def test_a_column_that_rows_of_access_csv_name_is_for_the_roles_named(
    acting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.access import cache
    from app.access.rows import AccessRow
    from app.registry.enablement import registry

    row = AccessRow("test.address", "partners", HEAD, PARTNER, ("read.address", "write.address"), "")
    monkeypatch.setattr(registry(), "access_rows", [*registry().access_rows, row])
    cache.forget()
    partner = models[PARTNER]
    for username, hidden in (("kendal.kadis", False), ("kendal.staf", True), ("admin", False)):
        with acting(username, "kendal") as access:
            assert ("address" in access.hidden_columns(partner)) == hidden, username
    with acting("kendal.admin", "kendal"), pytest.raises(Forbidden):
        set_right(db.session(), STAFF, PARTNER, "read.address", True)
    cache.forget()


def test_the_name_of_a_record_and_what_it_cannot_do_without_are_never_hidden(administrator: Any) -> None:
    with administrator():
        cells = column_cells(db.session(), STAFF, CONTACT)
        assert "name" not in cells
        assert cells["partner"][0] is None
        for operation in ("read.name", "read.partner", "read.institution_id", "write.id", "read.invented"):
            with pytest.raises(NotFound):
                set_right(db.session(), STAFF, CONTACT, operation, False)
