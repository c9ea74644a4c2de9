"""The generated screens, each one: what it shows, to whom, and that saving a form loses nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from addons.organization.models.work_schedule import WEEKDAYS
from app.testing.client import Browserish
from tests.security.world import KENDAL_MARK, World, moment, screens_of, today, token_of
from tests.views.forms import FormReader

PEOPLE = {
    "kendal.kadis": "kendal.kepala_dinas",
    "kendal.kabid": "kendal.kepala_bidang",
    "kendal.subkoor": "kendal.sub_koordinator",
    "kendal.staf": "kendal.staf",
    "kendal.tamu": "kernel.member",
}
"""Who tries every screen, with the role that decides."""


@pytest.fixture(scope="module")
def crowd(world: World) -> World:
    """The filled world with somebody who is only a member."""
    world.newcomer("kendal.tamu", "kendal")
    return world


OF_ROWS = re.compile(r"-(row|sent)$")
"""Hidden boxes that count the rows within a form."""


def link(view: Any, pk: int) -> str:
    """How a list links to a record."""
    return f'href="{view.route_base}/{pk}"'


@pytest.mark.parametrize("username", PEOPLE)
def test_every_screen_answers_exactly_as_the_rows_of_access_csv_say(crowd: World, username: str) -> None:
    from app.access.access import shipped_rights

    rights, person, wrong = shipped_rights(PEOPLE[username]), crowd.person(username), []
    for key, view in screens_of().items():
        pk, may = crowd.ids["kendal"][key], {name: (key, name) in rights for name in ("read", "create", "write")}
        home = view.route_base
        expected = {
            f"{home}/?order=-id&q=": may["read"],
            f"{home}/{pk}": may["read"],
            f"{home}/{pk}/edit": may["write"],
            f"{home}/add": may["create"],
        }
        if view.resource:
            expected[f"/api/v1/{view.resource}/{pk}"] = may["read"]
        for path, allowed in expected.items():
            answer = person.get(path)
            offered = (view.may_edit or not path.endswith("/edit")) and (view.may_add or not path.endswith("/add"))
            status = 403 if not allowed else 200 if offered else 404
            blank = path.endswith("/add")
            if answer.status_code != status or ((KENDAL_MARK in answer.text) != (status == 200) and not blank):
                wrong.append(f"{path}: {answer.status_code} instead of {status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("username", PEOPLE)
def test_the_menu_leads_to_what_the_person_may_read_and_to_nothing_else(crowd: World, username: str) -> None:
    from app.access.access import shipped_rights

    rights, person = shipped_rights(PEOPLE[username]), crowd.person(username)
    answer = person.get("/", follow_redirects=True)
    assert answer.status_code == 200
    for key, view in screens_of().items():
        shown = f'href="{view.route_base}/"' in answer.text
        assert shown == ((key, "read") in rights and view.in_menu), key
    for path in ("/kernel/people/", "/kernel/roles/", "/kernel/addons/"):
        assert f'href="{path}"' not in answer.text
        assert person.get(path).status_code == 403
    assert 'href="/kernel/people/"' in crowd.person("kendal.admin").get("/rooms/room/").text


def test_where_an_addon_is_off_its_pages_and_resources_do_not_exist(crowd: World) -> None:
    here, there = crowd.person("kendal.admin"), crowd.person("polibatam.admin")
    for path in ("/dummy/dummy_note/", "/dummy/dummy_note/add", "/api/v1/dummy_note/", "/api/v1/dummy_note/_info"):
        assert here.get(path).status_code == 200, path
        assert there.get(path).status_code == 404, path
    assert "dummy_rating" in here.get("/partners/partner/add").text
    assert "dummy_rating" not in there.get("/partners/partner/add").text


def test_a_search_finds_by_every_declared_column_and_says_when_it_finds_nothing(crowd: World) -> None:
    person = crowd.person("kendal.admin")
    for key, view in screens_of().items():
        if not view.search_columns or key == "organization.PositionRole":
            continue
        found = person.get(f"{view.route_base}/?q=qzmark&order=-id&size=100")
        assert link(view, crowd.ids["kendal"][key]) in found.text, key
        nothing = person.get(f"{view.route_base}/?q=qzmark+nowhereatall")
        assert "Nothing fits the search." in nothing.text, key
        assert KENDAL_MARK not in nothing.text, key


def test_lists_sort_by_every_declared_column_in_both_directions(crowd: World) -> None:
    person, seen = crowd.person("kendal.admin"), 0
    for key, view in screens_of().items():
        names = dict.fromkeys((*view.allowed_order, view.default_order.removeprefix("-")))
        for number, name in enumerate(names):
            if number == 0 or not view.resource:  # pages and API sort by the same function
                page = person.get(f"{view.route_base}/?order=-{name}")
                assert page.status_code == 200, (key, name)
                assert KENDAL_MARK in page.text or "page=1" in page.text, (key, name)
            if view.resource:
                up, down = (
                    person.get(
                        f"/api/v1/{view.resource}/?q=(order_column:{name},order_direction:{way},page_size:100)"
                    ).json
                    for way in ("asc", "desc")
                )
                assert up["count"] <= 100
                assert _without_ends(up, name) == list(reversed(_without_ends(down, name))), (key, name)
            seen += 1
    assert seen > 40


def _without_ends(answer: dict[str, Any], name: str) -> list[int]:
    """The ids in order, but for rows without a value: those come last both ways."""
    rows = zip(answer["ids"], answer["result"], strict=True)
    return [pk for pk, row in rows if row.get(name, True) is not None]


def test_lists_filter_by_every_declared_column(crowd: World) -> None:
    from app.views.fields import field_of

    person, seen = crowd.person("kendal.admin"), 0
    for key, view in screens_of().items():
        pk = crowd.ids["kendal"][key]
        for name in view.filter_columns:
            field = field_of(view.model, name)
            stored = crowd.column("kendal", key, field.key or name)
            if stored is None:
                continue
            if field.kind in {"date", "moment"}:
                near = {f"f_{name}_from": "1990-01-01", f"f_{name}_to": "2190-01-01"}
                far = {f"f_{name}_from": "2190-01-01"}
            else:
                near, far = {f"f_{name}": _as_text(stored)}, _other(field, stored)
            found = person.get(f"{view.route_base}/", query_string={**near, "order": "-id"})
            assert link(view, pk) in found.text, (key, name, near)
            if far:
                missing = person.get(f"{view.route_base}/", query_string={**far, "order": "-id"})
                assert link(view, pk) not in missing.text, (key, name, far)
            seen += 1
    assert seen > 40


def _as_text(stored: Any) -> str:
    return str(int(stored)) if isinstance(stored, bool) else str(stored)


def _other(field: Any, stored: Any) -> dict[str, str]:
    if field.kind == "boolean":
        return {f"f_{field.name}": "0" if stored else "1"}
    if field.kind == "relation":
        return {f"f_{field.name}": "999999"}
    if field.kind == "choice":
        others = [value for value in field.choices if value != stored] if field.name != "role" else []
        return {f"f_{field.name}": others[0]} if others else {}
    return {f"f_{field.name}": "nowhereatall"}


def test_archived_records_leave_the_list_stand_in_the_archive_and_come_back(crowd: World) -> None:
    from app.database.base import Archivable

    person, wrong = crowd.person("kendal.admin"), []
    token = token_of(person)
    for key, view in screens_of().items():
        if not issubclass(view.model, Archivable):
            continue
        pk, home = crowd.archived["kendal"][key], view.route_base
        if key == "correspondence.Letter":  # one with a case is not archived again
            pk = crowd.make("kendal", key, active=False, case_id=None)
        if key == "agreements.Agreement":  # nor one that was signed and reopened
            pk = crowd.make("kendal", key, active=False, case_id=None, reopened_after=None)
        steps = [_where(person, view, pk)]
        for step in ("restore", "archive"):
            answer = person.http.post(f"{home}/{pk}/{step}", data={"csrf_token": token}, headers=person.headers)
            steps += [answer.status_code, _where(person, view, pk)]
        if steps != ["archive", 302, "list", 302, "archive"]:
            wrong.append(f"{key}: {steps}")
    assert not wrong, "\n".join(wrong)


def _where(person: Browserish, view: Any, pk: int) -> str:
    active = person.get(f"{view.route_base}/?order=-id").text
    archived = person.get(f"{view.route_base}/?archived=1&order=-id").text
    return {(True, False): "list", (False, True): "archive"}.get(
        (link(view, pk) in active, link(view, pk) in archived), "nowhere"
    )


def test_every_column_of_every_screen_has_a_label_and_every_box_a_label_of_its_own(crowd: World) -> None:
    person = crowd.person("kendal.admin")
    from app.views.fields import field_of

    for key, view in screens_of().items():
        assert str(view.title).strip()
        assert str(view.plural).strip()
        names = {*view.list_columns, *view.form_columns, *view.filter_columns, *(view.add_columns or ())}
        names |= {*(view.edit_columns or ()), *(view.show_columns or ())}
        for name in names:
            label = str(field_of(view.model, name).label)
            assert label.strip(), (key, name)
            assert label != name, f"{key}.{name} has no label"
        if view.may_add:
            page = person.get(f"{view.route_base}/add").text
            form = FormReader(page)
            hidden = {"csrf_token", "form_token", "next", "version"}
            for name in {name for name in form.fields if not OF_ROWS.search(name)} - hidden:
                assert f"f-{name}" in form.labels, (key, name)


def test_an_empty_list_says_what_to_do_for_this_model(crowd: World) -> None:
    admin, reader = crowd.person("polibatam.admin"), crowd.person("polibatam.staf")
    words = {admin: "A disposition is given on the page of an incoming letter", reader: "what colleagues enter appears"}
    for person, expected in words.items():
        page = person.get("/correspondence/disposition/").text
        assert "No dispositions yet." in page
        assert expected in page
    archived = admin.get("/correspondence/disposition/?archived=1").text
    assert "No archived dispositions." in archived
    assert "can be restored from here" in archived


# Saving ------------------------------------------------------------------------------------------------------------


def typed(crowd: World, key: str) -> tuple[str, dict[str, Any]]:
    """Who fills the form of ``key``, and with what: every field, where the rules of the model allow it."""
    ids, day = crowd.ids["kendal"], today().isoformat()
    later = today() + timedelta(days=40)
    span = {"starts_at": moment(later, 9), "ends_at": moment(later, 11)}
    user, sop = _user(crowd, "kendal.staf"), _sop(crowd)
    position = ids["organization.Position"]
    special: dict[str, dict[str, Any]] = {
        "partners.Partner": {"email": "a@b.example", "phone": "(024) 555-0101", "website": "https://x.example/a?b=c&d",
                             "level": "local", "region_code": "33.24"},
        "partners.Contact": {"email": "a@b.example", "phone": "+62 24 5550102"},
        "organization.Position": {"superior": position},
        "organization.Holder": {"kind": "acting", "user": user, "date_from": day, "date_to": later.isoformat(),
                                "civil_servant_number": "19800101 200501 1 001"},
        "organization.WorkSchedule": {"kind": "special", "date_from": day, "date_to": later.isoformat(),
                                      **dict.fromkeys(WEEKDAYS, "07.30-12.00, 13.00-16.00")},
        "organization.Holiday": {"kind": "own", "day": "2026-11-19"},
        "kernel.Sequence": {"code": "correspondence.outgoing.PERPUS", "pattern": "{serial:3}/{year}", "reset": "year"},
        "organization.Letterhead": {"unit": crowd.make("kendal", "organization.Unit")},
        "organization.PositionRole": {"role": "kendal.kepala_bidang", "position": position},
        "procedures.Case": {"procedure": sop},
        "procedures.ServicePromise": {"start_event": "received", "stop_event": "responded", "procedure": "",
                                      "start_step": "", "stop_step": ""},
        "rooms.Booking": {**span, "participants": 7},
        "activities.Activity": {**span, "participants": 30, "booking": ""},
        "activities.Attendance": {"activity": crowd.make("kendal", "activities.Activity", state="held"),
                                  "arrived_at": "", "case": ""},
        "activities.Report": {"activity": crowd.make("kendal", "activities.Activity", state="held"), "reported_on": day,
                              "participants_count": 25, "case": ""},
        "agreements.Agreement": {"starts_on": day, "ends_on": later.isoformat()},
        "agreements.AgreementParty": {"signatory_nip": "19800101 200501 1 001"},
        "agreements.AgreementVersion": {"kind": "draft"},
        "correspondence.Letter": {"received_on": day, "letter_date": day, "procedure": ""},
        "correspondence.OutgoingLetter": {"class_code": "000.4"},
        "correspondence.Disposition": {"parent": "", "from_position": _position(crowd, "Kepala Dinas"), "due_on": day,
                                       "to_position": _position(crowd, "Kepala Bidang"), "also_to": "",
                                       "instruction": "process", "case": ""},
    }  # fmt: skip
    who = "kendal.kadis" if key == "correspondence.Disposition" else "kendal.admin"
    return who, special.get(key, {})


def _user(crowd: World, username: str) -> int:
    with crowd.owner() as connection:
        return int(connection.execute("SELECT id FROM ab_user WHERE username = %s", [username]).fetchone()[0])


def _sop(crowd: World) -> int:
    from app.database.base import models

    procedure = models["procedures.Procedure"]
    return int(crowd.value("kendal", select(procedure.id).where(procedure.code == "SOP-KERJASAMA")))


def _position(crowd: World, title: str) -> int:
    from app.database.base import models

    position = models["organization.Position"]
    return int(crowd.value("kendal", select(position.id).where(position.title == title)))


def fill(crowd: World, view: Any, form: dict[str, str], special: dict[str, Any]) -> dict[str, str]:
    """The fields of ``form`` with something typed into each."""
    from app.views.fields import field_of

    filled = {}
    for name, value in form.items():
        if name in {"csrf_token", "form_token", "next"} or OF_ROWS.search(name):
            filled[name] = value
        elif name in special:
            filled[name] = str(special[name])
        else:
            filled[name] = _something(crowd, field_of(view.model, name))
    return filled


def _something(crowd: World, field: Any) -> str:
    if field.kind == "relation":
        return str(crowd.ids["kendal"][field.target.__model_key__])
    if field.kind == "choice":
        return str(list(field.choices)[-1])
    if field.kind == "integer":
        return "11"
    if field.kind == "date":
        return today().isoformat()
    if field.kind == "moment":
        return moment(today() - timedelta(days=1), 9)
    text = f"Baris <satu> & «{field.name}»" + ("\nbaris dua" if field.multiline else "")
    return text[: field.max_length] if field.max_length and not field.multiline else text


def test_every_form_saves_what_was_typed_shows_it_again_and_loses_nothing_when_saved_untouched(crowd: World) -> None:
    wrong, proven = [], 0
    for key, view in screens_of().items():
        if not view.may_add:
            continue
        who, special = typed(crowd, key)
        trouble = _round_trip(crowd, view, crowd.person(who), special)
        if trouble:
            wrong.append(f"{key}: {trouble}")
        proven += 1
    assert not wrong, "\n".join(wrong)
    assert proven > 15


def _round_trip(crowd: World, view: Any, person: Browserish, special: dict[str, Any]) -> str:
    home = view.route_base
    sent = fill(crowd, view, FormReader(person.get(f"{home}/add").text).fields, special)
    saved = person.http.post(f"{home}/add", data=sent, headers=person.headers)
    if saved.status_code != 302:
        return f"not saved: {saved.status_code} {_errors(saved.text)}"
    path = saved.headers["Location"]
    shown = FormReader(person.get(f"{path}/edit").text).fields
    for name, value in sent.items():
        # What was left empty may be completed by the rules of the model: a report takes the case of its activity.
        if value and name in shown and name not in {"csrf_token", "form_token"} and shown[name] != value:
            return f"{name}: typed {value!r}, shown {shown[name]!r}"
    before = _row(crowd, view, path)
    again = person.http.post(f"{path}/edit", data=shown, headers=person.headers)
    if again.status_code != 302:
        return f"not saved untouched: {again.status_code} {_errors(again.text)}"
    after = _row(crowd, view, path)
    return f"lost: {before} → {after}" if before != after else ""


def _row(crowd: World, view: Any, path: str) -> dict[str, Any]:
    with crowd.owner() as connection:
        query = f"SELECT to_jsonb(t) FROM {view.model.__tablename__} t WHERE id = %s"
        row: dict[str, Any] = connection.execute(query, [path.rsplit("/", 1)[1]]).fetchone()[0]
    return {name: value for name, value in row.items() if name not in {"changed_at", "changed_by_id"}}


def _errors(page: str) -> str:
    start = page.find('role="alert"')
    return " ".join(page[start : start + 900].split()) if start >= 0 else page[:200]
