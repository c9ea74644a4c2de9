"""The REST API as a program meets it: conventions, checked types, and refusals with a sentence and a code."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.testing.client import Browserish
from tests.security.world import World, moment, today, token_of


@pytest.fixture(scope="module")
def staff(empty_world: World) -> Browserish:
    """A script of Kendal's Kepala Bidang, who keeps rooms, bookings and partners; there are six rooms."""
    script = empty_world.program("kendal.kabid")
    for number in range(1, 5):
        body = {"name": f"Studio {number}", "building": f"Gedung {number % 2}", "capacity": number * 10}
        assert script.api("POST", "room/", body).status_code == 201
    return script


def rooms(staff: Browserish, wish: str) -> list[str]:
    """The names of the rooms that the Rison ``wish`` finds, in order."""
    answer = staff.get("/api/v1/room/", query_string={"q": wish})
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json["result"]]


# Lists ---------------------------------------------------------------------------------------------------------


def test_a_list_tells_count_ids_columns_labels_and_rows(staff: Browserish) -> None:
    answer = staff.api("GET", "room/").json
    assert answer["count"] == 6
    assert answer["ids"] == [row["id"] for row in answer["result"]]
    assert answer["list_columns"] == ["id", "name", "building", "floor", "capacity"]
    assert answer["label_columns"]["capacity"] == "Capacity"
    assert answer["list_title"] == "Rooms"
    assert answer["order_columns"] == ["name", "building", "capacity", "id"]
    assert [row["name"] for row in answer["result"]] == sorted(row["name"] for row in answer["result"])


@pytest.mark.parametrize(
    ("col", "opr", "value", "found"),
    [
        ("name", "eq", "'Studio 1'", ["Studio 1"]),
        ("name", "neq", "Aula", ["Ruang Baca Anak", "Studio 1", "Studio 2", "Studio 3", "Studio 4"]),
        ("capacity", "gt", "20", ["Aula", "Ruang Baca Anak", "Studio 3", "Studio 4"]),
        ("capacity", "lt", "20", ["Studio 1"]),
        ("name", "ct", "TUDIO", ["Studio 1", "Studio 2", "Studio 3", "Studio 4"]),
        ("name", "nct", "studio", ["Aula", "Ruang Baca Anak"]),
        ("name", "sw", "ruang", ["Ruang Baca Anak"]),
        ("name", "ew", "'3'", ["Studio 3"]),
        ("name", "ct", "'%25'", []),
        ("name", "ct", "'_'", []),
        ("building", "eq", "'Gedung 1'", ["Studio 1", "Studio 3"]),
    ],
)  # fmt: skip
def test_every_operator_finds_what_it_says(staff: Browserish, col: str, opr: str, value: str, found: list[str]) -> None:
    wish = f"(filters:!((col:{col},opr:{opr},value:{value.replace('%25', '%')})),order_column:name)"
    assert rooms(staff, wish) == found


def test_a_link_is_filtered_by_its_id(staff: Browserish) -> None:
    kinds = staff.api("GET", "partner/related/kind?q=(filter:komunitas)").json["result"]
    assert kinds
    wish = f"(filters:!((col:kind,opr:rel_o_m,value:{kinds[0]['value']})))"
    answer = staff.get("/api/v1/partner/", query_string={"q": wish}).json
    assert [row["name"] for row in answer["result"]] == ["Komunitas Literasi Lentera Contoh"]
    assert answer["result"][0]["kind"] == {"id": kinds[0]["value"], "name": kinds[0]["text"]}


def test_filters_add_up_and_search_looks_into_the_declared_columns(staff: Browserish) -> None:
    both = "(filters:!((col:name,opr:sw,value:studio),(col:capacity,opr:gt,value:20)),order_column:name)"
    assert rooms(staff, both) == ["Studio 3", "Studio 4"]
    assert rooms(staff, "(search:'layanan aula')") == ["Aula"]
    assert rooms(staff, "(search:nowhere)") == []


def test_order_page_page_size_and_columns_are_as_asked(staff: Browserish) -> None:
    by_capacity = "(order_column:capacity,order_direction:desc"
    assert rooms(staff, f"{by_capacity},page:0,page_size:2)")[0] == "Aula"
    pages = [rooms(staff, f"(order_column:name,page:{page},page_size:2)") for page in range(3)]
    names = [name for page in pages for name in page]
    assert names == sorted(names)
    assert [len(page) for page in pages] == [2, 2, 2]
    answer = staff.get("/api/v1/room/", query_string={"q": "(columns:!(name),page_size:1)"}).json
    assert answer["count"] == 6
    assert [set(row) for row in answer["result"]] == [{"id", "name"}]


def test_a_page_holds_a_hundred_at_most(empty_world: World) -> None:
    script = empty_world.program("unair.kasie")
    for number in range(105):
        assert script.api("POST", "room/", {"name": f"Kelas {number:03}"}).status_code == 201
    for size in (101, 1000, 2**31 - 1, -1, 0):
        answer = script.get("/api/v1/room/", query_string={"q": f"(page_size:{size})"}).json
        assert (answer["count"], len(answer["result"])) == (106, 100), size
    page = empty_world.person("unair.kasie").get("/rooms/room/?size=5000").text
    assert page.count('href="/rooms/room/') < 130


BAD_WISHES = {
    "(": "bad_rison", "!(1,2)": "bad_rison", "'text'": "bad_rison", "(filters:1)": "bad_filter",
    "(filters:!(1))": "bad_filter", "(filters:!((col:name)))": "bad_filter",
    "(filters:!((col:name,opr:eq)))": "bad_filter", "(filters:!((col:name,opr:like,value:a)))": "bad_filter",
    "(filters:!((col:name,opr:eq,value:!n)))": "bad_filter", "(filters:!((col:name,opr:eq,value:!(a))))": "bad_filter",
    "(filters:!((col:name,opr:eq,value:!t)))": "bad_filter", "(filters:!((col:!(name),opr:eq,value:a)))": "bad_filter",
    "(filters:!((col:name,opr:!(eq),value:a)))": "bad_filter",
    "(filters:!((col:name,opr:ct,value:'\x00')))": "bad_filter",
    "(filters:!((col:capacity,opr:eq,value:abc)))": "bad_filter",
    "(filters:!((col:capacity,opr:gt,value:99999999999999999999)))": "bad_filter",
    "(filters:!((col:capacity,opr:gt,value:1.5)))": "bad_filter", "(order_column:!(name))": "bad_rison",
    "(order_column:name,order_direction:sideways)": "bad_order", "(order_column:password)": "bad_order",
    "(page:-5)": "bad_page", "(page:a)": "bad_page", "(page_size:!t)": "bad_page", "(page:99999999999)": "bad_page",
    "(columns:name)": "bad_columns", "(columns:!(!(name)))": "bad_columns", "(columns:!(password))": "bad_columns",
    "(search:(a:1))": "bad_rison", "(search:'\x00')": "bad_search",
}  # fmt: skip


@pytest.mark.parametrize("wish", BAD_WISHES)
def test_a_wish_that_cannot_be_read_is_a_400_with_its_code(staff: Browserish, wish: str) -> None:
    answer = staff.get("/api/v1/room/", query_string={"q": wish})
    assert answer.status_code == 400
    assert answer.json["code"] == BAD_WISHES[wish]
    assert answer.json["message"].endswith(".")


# One record ------------------------------------------------------------------------------------------------------


def test_a_record_is_made_read_changed_in_part_archived_and_brought_back(empty_world: World, staff: Browserish) -> None:
    made = staff.api("POST", "room/", {"name": "Ruang Rapat", "capacity": 12, "note": "Dekat tangga"})
    assert made.status_code == 201
    pk = made.json["id"]
    assert made.json["result"]["name"] == "Ruang Rapat"
    read = staff.api("GET", f"room/{pk}").json
    assert read["id"] == pk
    assert read["show_title"] == "Room"
    assert read["result"] == {**made.json["result"], "version": 1}
    changed = staff.api("PUT", f"room/{pk}", {"capacity": 14})
    assert changed.status_code == 200
    assert (changed.json["result"]["capacity"], changed.json["result"]["note"]) == (14, "Dekat tangga")
    assert changed.json["result"]["version"] == 2
    assert staff.api("PUT", f"room/{pk}", {"note": None}).json["result"]["note"] is None
    assert staff.api("DELETE", f"room/{pk}").status_code == 200
    assert empty_world.column("kendal", "rooms.Room", "active", pk) is False
    assert staff.api("GET", f"room/{pk}").status_code == 200
    assert pk not in staff.api("GET", "room/").json["ids"]
    assert staff.get("/api/v1/room/?q=(archived:!t)").json["ids"] == [pk]
    refused = staff.api("PUT", f"room/{pk}", {"capacity": 15})
    assert (refused.status_code, refused.json["code"]) == (409, "archived")
    person = empty_world.person("kendal.kabid")
    assert person.send(f"/rooms/room/{pk}/restore", {}, form_at="/rooms/room/add").status_code == 302
    assert pk in staff.api("GET", "room/").json["ids"]


def test_a_change_over_a_newer_one_is_refused_when_the_version_is_sent(staff: Browserish) -> None:
    pk = staff.api("POST", "room/", {"name": "Ruang Versi"}).json["id"]
    assert staff.api("PUT", f"room/{pk}", {"floor": "1", "version": 1}).status_code == 200
    stale = staff.api("PUT", f"room/{pk}", {"floor": "2", "version": 1})
    assert (stale.status_code, stale.json["code"]) == (409, "stale")
    assert staff.api("GET", f"room/{pk}").json["result"]["floor"] == "1"
    for wrong in ("1", True, 1.5, [1]):
        refused = staff.api("PUT", f"room/{pk}", {"floor": "3", "version": wrong})
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["version"]), wrong


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("room/", {"name": 1}, "name"),
        ("room/", {"name": ["x"]}, "name"),
        ("room/", {"name": {"a": 1}}, "name"),
        ("room/", {"name": True}, "name"),
        ("room/", {"name": None}, "name"),
        ("room/", {"name": ""}, "name"),
        ("room/", {"name": "   "}, "name"),
        ("room/", {}, "name"),
        ("room/", {"name": "x" * 101}, "name"),
        ("room/", {"name": "x\x00y"}, "name"),
        ("room/", {"name": "x\ud800y"}, "name"),
        ("room/", {"name": "x", "capacity": "12"}, "capacity"),
        ("room/", {"name": "x", "capacity": 1.5}, "capacity"),
        ("room/", {"name": "x", "capacity": True}, "capacity"),
        ("room/", {"name": "x", "capacity": 2**31}, "capacity"),
        ("room/", {"name": "x", "capacity": 10**40}, "capacity"),
        ("room/", {"name": "x", "capacity": 0}, "capacity"),
        ("room/", {"name": "x", "colour": "red"}, "colour"),
        ("partner/", {"name": "x", "level": "galactic"}, "level"),
        ("partner/", {"name": "x", "level": 1}, "level"),
        ("partner/", {"name": "x", "level": "local", "is_internal_unit": "yes"}, "is_internal_unit"),
        ("partner/", {"name": "x", "level": "local", "is_internal_unit": 1}, "is_internal_unit"),
        ("partner/", {"name": "x", "level": "local", "kind": "1"}, "kind"),
        ("partner/", {"name": "x", "level": "local", "kind": 1.0}, "kind"),
        ("partner/", {"name": "x", "level": "local", "kind": [1]}, "kind"),
        ("partner/", {"name": "x", "level": "local", "kind": {"name": "y"}}, "kind"),
        ("agreement/", {"title": "x", "signed_on": "31-12-2024"}, "signed_on"),
        ("agreement/", {"title": "x", "signed_on": "2024-02-30"}, "signed_on"),
        ("agreement/", {"title": "x", "signed_on": "9999-01-01"}, "signed_on"),
        ("agreement/", {"title": "x", "signed_on": 20240101}, "signed_on"),
        ("booking/", {"purpose": "x", "starts_at": "soon"}, "starts_at"),
        ("booking/", {"purpose": "x", "starts_at": "0001-01-01T00:00+14:00"}, "starts_at"),
        ("booking/", {"purpose": "x", "starts_at": 1}, "starts_at"),
    ],
)
def test_values_of_the_wrong_type_or_size_are_refused_by_name(
    staff: Browserish, path: str, body: dict[str, Any], field: str
) -> None:
    answer = staff.api("POST", path, body)
    assert answer.status_code == 422, answer.text
    assert answer.json["code"] == "invalid"
    assert answer.json["message"].endswith(".")
    assert field in answer.json["errors"]
    assert all(isinstance(text, str) and text for text in answer.json["errors"][field])


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b'"x"', b"null", b"7", b"\xff\xfe{", b"[" * 200_000, b'{"name": NaN']
)
def test_a_body_that_is_no_json_object_is_a_400(staff: Browserish, body: bytes) -> None:
    for method, path in (("POST", "/api/v1/room/"), ("PUT", "/api/v1/room/1")):
        answer = staff.http.open(path, method=method, data=body, headers=staff.headers, content_type="application/json")
        assert (answer.status_code, answer.json["code"]) == (400, "bad_json")
    answer = staff.http.post("/api/v1/room/", data=b"name=x", headers=staff.headers, content_type="text/plain")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_json")


def test_what_does_not_exist_is_a_404_in_english(staff: Browserish) -> None:
    headers = {"Accept-Language": "id"}
    assert staff.get("/api/v1/room/1", headers=headers).status_code == 200
    for path in ("room/999999", "room/0", "room/99999999999999999999", "room/related/name", "room/related/nothing",
                 "nothing/", "nothing/1", "room/x", ""):  # fmt: skip
        answer = staff.get(f"/api/v1/{path}", headers=headers)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found"), path
        assert answer.json["message"] in {
            "This page does not exist.",
            "This record does not exist, or you may not see it.",
        }
    answer = staff.http.patch("/api/v1/room/1", headers=staff.headers)
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")


def test_without_the_right_it_is_a_403_and_without_a_token_a_401(empty_world: World, staff: Browserish) -> None:
    reader = empty_world.program("kendal.kadis")
    assert "Aula" in reader.api("GET", "room/").text
    for method, path, body in (
        ("POST", "room/", {"name": "Baru"}),
        ("PUT", "room/1", {"floor": "9"}),
        ("DELETE", "room/1", None),
    ):
        answer = reader.api(method, path, body)
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden"), method
        assert answer.json["message"] == "You do not have the right to do this."
        nobody = empty_world.app.test_client().open(f"/api/v1/{path}", method=method, json=body)
        assert (nobody.status_code, nobody.json["code"]) == (401, "not_authenticated")
    assert empty_world.column("kendal", "rooms.Room", "floor", 1) == "1"
    assert empty_world.column("kendal", "rooms.Room", "active", 1) is True


def test_what_is_not_made_or_changed_directly_says_so(empty_world: World) -> None:
    admin = empty_world.person("admin")
    token = {"X-CSRFToken": token_of(admin)}
    made = admin.http.post("/api/v1/task/", json={}, headers={**admin.headers, **token})
    assert (made.status_code, made.json["code"]) == (403, "not_created_directly")


# Description -----------------------------------------------------------------------------------------------------


def test_info_describes_what_can_be_sent_and_what_the_person_may(empty_world: World, staff: Browserish) -> None:
    info = staff.api("GET", "booking/_info").json
    assert set(info["permissions"]) == {"read", "create", "write", "archive", "cancel", "mark_used"}
    columns = {item["name"]: item for item in info["add_columns"]}
    assert list(columns) == [
        "room", "purpose", "starts_at", "ends_at", "requester", "participants", "responsible", "equipment", "note",
        "case",
    ]  # fmt: skip
    assert columns["room"]["type"] == "Related"
    assert columns["room"]["required"] is True
    assert columns["starts_at"]["type"] == "DateTime"
    assert columns["purpose"]["validate"] == [{"max": 200}]
    assert "room" in info["filters"]
    assert {item["operator"] for item in info["filters"]["purpose"]} >= {"eq", "ct", "sw"}
    assert empty_world.program("kendal.kadis").api("GET", "booking/_info").json["permissions"] == ["read"]
    level = next(item for item in staff.api("GET", "partner/_info").json["add_columns"] if item["name"] == "level")
    assert level["validate"][0]["choices"] == ["local", "national", "international"]


def test_related_lists_what_a_link_may_point_to(staff: Browserish) -> None:
    found = staff.api("GET", "booking/related/room?q=(filter:aul)").json
    assert found == {"count": 1, "result": [{"value": 2, "text": "Aula"}]}
    assert staff.api("GET", "booking/related/room?q=(page:50)").json["result"] == []


def test_the_openapi_description_lists_every_resource_of_the_enabled_addons(
    empty_world: World, staff: Browserish
) -> None:
    from app.access.acting import institution_id_of
    from app.registry.enablement import enabled_addons
    from app.views.model_view import views

    description = staff.api("GET", "_openapi").json
    assert description["openapi"].startswith("3.")
    with empty_world.app.app_context():
        here = enabled_addons(institution_id_of("kendal")) | {"kernel"}
    assert "dummy" not in here
    for key, view in views.items():
        if view.resource and key.split(".")[0] not in here:
            assert f"/api/v1/{view.resource}/" not in description["paths"]
        elif view.resource:
            assert set(description["paths"][f"/api/v1/{view.resource}/"]) >= {"get", "post"}, view.resource
            assert set(description["paths"][f"/api/v1/{view.resource}/{{pk}}"]) >= {"get", "put", "delete"}
    assert "/api/v1/security/login" in description["paths"]
    assert empty_world.app.test_client().get("/api/v1/_openapi").status_code == 401
    assert empty_world.person("kendal.staf").get("/api/v1/_openapi").status_code == 200
    assert staff.get("/api/v9/_openapi").status_code == 404


HANDLES = ("partner", "agreement", "letter", "disposition", "room", "booking", "activity", "case", "task")


@pytest.mark.parametrize("resource", HANDLES)
def test_the_promised_resources_answer(empty_world: World, resource: str) -> None:
    answer = empty_world.program("kendal.staf").api("GET", f"{resource}/")
    assert answer.status_code == 200
    assert isinstance(answer.json["result"], list)
    assert answer.json["count"] >= 0


# Institution, session, token -----------------------------------------------------------------------------------------


def test_the_header_chooses_the_institution(empty_world: World) -> None:
    script = empty_world.program("kendal.kabid")
    default = script.api("GET", "partner/").text
    assert "Desa Contohsari" in default
    same = script.get("/api/v1/partner/", headers={"X-Institution": "kendal"})
    assert same.text == default
    other = script.get("/api/v1/partner/", headers={"X-Institution": "unair"})
    assert (other.status_code, other.json["code"]) == (403, "institution_forbidden")
    for unknown in ("atlantis", "bersama", "", "Kendal", "x" * 5000, "kendal\x7f"):
        answer = script.get("/api/v1/partner/", headers={"X-Institution": unknown})
        assert (answer.status_code, answer.json["code"]) == (404, "institution_unknown"), unknown
    admin = Browserish(empty_world.app).with_token("admin")
    assert "Desa Contohsari" in admin.get("/api/v1/partner/", headers={"X-Institution": "kendal"}).text
    assert "SMA Contoh Surabaya" in admin.get("/api/v1/partner/", headers={"X-Institution": "unair"}).text


def test_a_person_of_two_institutions_works_in_one_at_a_time(empty_world: World) -> None:
    with empty_world.owner() as connection:
        connection.execute(
            "INSERT INTO role_assignment (institution_id, user_id, role) SELECT i.id, u.id, 'unair.kepala'"
            " FROM institution i, ab_user u WHERE i.code = 'unair' AND u.username = 'kendal.subkoor'"
        )
        connection.execute("UPDATE registry_state SET access_version = access_version + 1")
    script = Browserish(empty_world.app).with_token("kendal.subkoor")
    ours = script.get("/api/v1/partner/", headers={"X-Institution": "kendal"}).text
    theirs = script.get("/api/v1/partner/", headers={"X-Institution": "unair"}).text
    assert "Desa Contohsari" in ours
    assert "Desa Contohsari" not in theirs
    assert "SMA Contoh Surabaya" in theirs
    assert "SMA Contoh Surabaya" not in ours
    forbidden = script.http.post(
        "/api/v1/partner/", json={"name": "Baru"}, headers={**script.headers, "X-Institution": "unair"}
    )
    assert forbidden.status_code == 403
    person = Browserish(empty_world.app).sign_in("kendal.subkoor")
    assert "Desa Contohsari" in person.get("/partners/partner/").text
    moved = person.send("/institution", {"institution": "unair"}, form_at="/partners/partner/add")
    assert moved.status_code == 302
    assert "Desa Contohsari" not in person.get("/partners/partner/").text
    assert "SMA Contoh Surabaya" in person.get("/partners/partner/").text
    token = person.hidden("/partners/partner/")["csrf_token"]
    for code, status in (("polibatam", 403), ("atlantis", 404)):
        refused = person.http.post("/institution", data={"institution": code, "csrf_token": token})
        assert refused.status_code == status
    assert "SMA Contoh Surabaya" in person.get("/partners/partner/").text


def test_a_token_needs_no_form_token_and_a_session_does(empty_world: World, staff: Browserish) -> None:
    assert staff.api("POST", "room/", {"name": "Ruang Token"}).status_code == 201
    person = empty_world.person("kendal.kabid")
    refused = person.http.post("/api/v1/room/", json={"name": "Ruang Sesi"}, headers=person.headers)
    assert (refused.status_code, refused.json["code"]) == (400, "csrf")
    token = person.hidden("/rooms/room/add")["csrf_token"]
    headers = {**person.headers, "X-CSRFToken": token}
    assert person.http.post("/api/v1/room/", json={"name": "Ruang Sesi"}, headers=headers).status_code == 201


# Transitions and tasks -----------------------------------------------------------------------------------------


def test_a_transition_is_taken_once_and_by_whoever_may(empty_world: World, staff: Browserish) -> None:
    day = today() + timedelta(days=3)
    body = {"room": 2, "purpose": "Rapat", "starts_at": moment(day, 8), "ends_at": moment(day, 9)}
    pk = staff.api("POST", "booking/", body).json["id"]
    clash = staff.api("POST", "booking/", {**body, "purpose": "Lain"})
    assert (clash.status_code, clash.json["code"]) == (409, "room_taken")
    assert "Rapat" in clash.json["message"]
    early = staff.api("POST", f"booking/{pk}/do/mark_used")
    assert (early.status_code, early.json["code"]) == (409, "too_early")
    refused = empty_world.program("kendal.kadis").api("POST", f"booking/{pk}/do/cancel")
    assert refused.status_code == 403
    unknown = staff.api("POST", f"booking/{pk}/do/explode")
    assert (unknown.status_code, unknown.json["code"]) == (404, "not_found")
    done = staff.api("POST", f"booking/{pk}/do/cancel")
    assert (done.status_code, done.json["result"]["state"]) == (200, "cancelled")
    again = staff.api("POST", f"booking/{pk}/do/cancel")
    assert (again.status_code, again.json["code"]) == (409, "state_changed")
    assert staff.api("POST", "booking/", {**body, "purpose": "Lain"}).status_code == 201


@pytest.fixture(scope="module")
def case(empty_world: World) -> dict[str, Any]:
    """A case opened by a letter, with the ids that its first task asks for."""
    from app.database.base import models

    staff = empty_world.program("kendal.staf")
    procedure = staff.api("GET", "letter/related/procedure").json["result"][0]["value"]
    body = {
        "received_on": today().isoformat(),
        "sender_name": "SD Contoh",
        "subject": "Kunjungan",
        "procedure": procedure,
    }
    letter = staff.api("POST", "letter/", body)
    assert letter.status_code == 201, letter.text
    found = letter.json["result"]
    wish = f"(filters:!((col:case,opr:rel_o_m,value:{found['case']['id']})))"
    task = staff.get("/api/v1/task/", query_string={"q": wish}).json["result"][0]
    paper, output = models["procedures.StepPaper"], models["procedures.StepOutput"]
    step = empty_world.column("kendal", "procedures.Task", "step_id", task["id"])
    return {
        "case": found["case"]["id"],
        "letter": letter.json["id"],
        "task": task["id"],
        "paper": empty_world.value("kendal", select(paper.id).where(paper.step_id == step, paper.is_mandatory)),
        "other_paper": empty_world.value("kendal", select(paper.id).where(paper.step_id != step)),
        "output": empty_world.value("kendal", select(output.id).where(output.step_id == step)),
    }


def test_a_task_is_taken_and_done_by_the_api_with_its_papers_and_outputs(
    empty_world: World, case: dict[str, Any]
) -> None:
    staff, task = empty_world.program("kendal.staf"), case["task"]
    do = f"task/{task}/do"
    whole = {"papers": [case["paper"]], "outputs": {str(case["output"]): case["letter"]}}

    early = staff.api("POST", f"{do}/done", whole)
    assert (early.status_code, early.json["code"]) == (409, "not_taken")
    for stranger in ("kendal.kadis", "kendal.kabid", "kendal.subkoor"):
        refused = empty_world.program(stranger).api("POST", f"{do}/take")
        assert (refused.status_code, refused.json["code"]) == (403, "not_executor"), stranger
    foreign = empty_world.program("unair.humas").api("POST", f"{do}/take")
    assert (foreign.status_code, foreign.json["code"]) == (404, "not_found")

    taken = staff.api("POST", f"{do}/take")
    assert (taken.status_code, taken.json["result"]["state"]) == (200, "taken")
    assert taken.json["result"]["taken_at"]
    again = staff.api("POST", f"{do}/take")
    assert (again.status_code, again.json["code"]) == (409, "state_changed")

    for body, fields in (
        (None, {"papers", f"output_{case['output']}"}),
        ({}, {"papers", f"output_{case['output']}"}),
        ({"papers": [case["paper"]]}, {f"output_{case['output']}"}),
        ({"outputs": whole["outputs"]}, {"papers"}),
        ({**whole, "papers": [case["paper"], case["other_paper"]]}, {"papers"}),
        ({**whole, "outputs": {str(case["output"]): 999_999}}, {f"output_{case['output']}"}),
        ({**whole, "choice": "nowhere"}, {"choice"}),
        ({**whole, "papers": "all"}, {"papers"}),
        ({**whole, "papers": [[1]]}, {"outputs"}),
        ({**whole, "outputs": [1]}, {"papers"}),
        ({**whole, "choice": 1}, {"choice"}),
    ):
        refused = staff.api("POST", f"{do}/done", body)
        assert refused.status_code == 422, (body, refused.text)
        assert set(refused.json["errors"]) == fields, body
    assert empty_world.column("kendal", "procedures.Task", "state", task) == "taken"

    refused = empty_world.program("kendal.kadis").api("POST", f"{do}/done", whole)
    assert (refused.status_code, refused.json["code"]) == (403, "not_executor")
    done = staff.api("POST", f"{do}/done", whole)
    assert (done.status_code, done.json["result"]["state"]) == (200, "done")
    assert done.json["result"]["done_at"]
    again = staff.api("POST", f"{do}/done", whole)
    assert (again.status_code, again.json["code"]) == (409, "state_changed")

    wish = f"(filters:!((col:case,opr:rel_o_m,value:{case['case']}),(col:state,opr:eq,value:waiting)))"
    waiting = empty_world.program("kendal.kadis").get("/api/v1/task/", query_string={"q": wish}).json["result"]
    assert [row["title"] for row in waiting] == ["2. Mendisposisi surat permohonan"]


def test_a_case_is_opened_by_the_api_with_its_number_and_first_task(empty_world: World) -> None:
    staff = empty_world.program("kendal.staf")
    procedure = staff.api("GET", "case/related/procedure").json["result"][0]["value"]
    partner = staff.api("GET", "case/related/partner?q=(filter:contohsari)").json["result"][0]["value"]
    made = staff.api("POST", "case/", {"title": "Literasi desa", "procedure": procedure, "partner": partner})
    assert made.status_code == 201
    result = made.json["result"]
    assert result["state"] == "open"
    assert result["number"]
    assert result["partner"]["name"] == "Desa Contohsari"
    refused = staff.api("POST", f"case/{made.json['id']}/do/close")
    assert (refused.status_code, refused.json["code"]) == (409, "tasks_open")
    refused = staff.api("PUT", f"case/{made.json['id']}", {"procedure": procedure})
    assert refused.json["errors"] == {"procedure": ["Unknown field."]}
