"""Dispositions to several positions: who received what, who acts, what is passed on and taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from addons.correspondence.tests.conftest import position
from app.database.base import models
from tests.views.forms import FormReader


@pytest.fixture
def positions(acting: Callable[..., Any]) -> dict[str, int]:
    """Kendal's positions by their short names."""
    from app.database.session import db

    names = ("kepala_dinas", "kepala_bidang", "sub_koordinator", "staf_pustakawan")
    with acting("kendal.admin", "kendal") as access:
        found = {name: position(db.session(), f"kendal.position_{name}", access.institution_id) for name in names}
        return {name: item.id for name, item in found.items()}


@pytest.fixture
def letter(program: Callable[..., Any]) -> int:
    """A letter in the agenda."""
    answer = program("kendal.staf").api("POST", "letter/", {"subject": "Permohonan", "sender_name": "SD Contoh"})
    assert answer.status_code == 201, answer.text
    return int(answer.json["id"])


@pytest.fixture
def give(program: Callable[..., Any], positions: dict[str, int], letter: int) -> Callable[..., Any]:
    """Kepala Dinas gives a disposition to Kepala Bidang and to Sub Koordinator; returns the answer."""

    def work(who: str = "kendal.kadis", **values: Any) -> Any:
        body = {
            "letter": letter,
            "to_position": positions["kepala_bidang"],
            "also_to": [positions["sub_koordinator"]],
            "instruction": ["coordinate", "process"],
            **values,
        }
        return program(who).api("POST", "disposition/", body)

    return work


def do(program: Callable[..., Any], who: str, pk: int, step: str) -> Any:
    return program(who).api("POST", f"disposition/{pk}/do/{step}")


def test_each_receiver_reads_and_finishes_alone(program: Callable[..., Any], give: Callable[..., Any]) -> None:
    answer = give()
    assert answer.status_code == 201, answer.text
    result, pk = answer.json["result"], answer.json["id"]
    assert [item["name"] for item in result["also_to"]] == ["Sub Koordinator"]
    assert result["instruction"] == ["process", "coordinate"], "in the order of the sheet"

    assert do(program, "kendal.staf", pk, "receive").json["code"] == "not_the_receiver"
    assert do(program, "kendal.kabid", pk, "finish").status_code == 409
    assert do(program, "kendal.subkoor", pk, "receive").json["result"]["state"] == "read"
    assert do(program, "kendal.subkoor", pk, "receive").json["code"] == "state_changed"
    assert do(program, "kendal.subkoor", pk, "finish").json["result"]["state"] == "read", "one of two is done"
    assert do(program, "kendal.kabid", pk, "receive").status_code == 200
    assert do(program, "kendal.kabid", pk, "finish").json["result"]["state"] == "done"


def test_the_history_tells_no_state_that_the_disposition_never_had(
    program: Callable[..., Any], give: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    from app.database.session import db
    from app.records.audit_entry import history_of
    from app.records.service import service_of

    pk = give().json["id"]
    steps = (("kabid", "receive"), ("kabid", "finish"), ("subkoor", "receive"), ("subkoor", "finish"))
    for who, step in steps:
        assert do(program, f"kendal.{who}", pk, step).status_code == 200, (who, step)
    with acting("kendal.kadis", "kendal"):
        lines = history_of(db.session(), service_of(models["correspondence.Disposition"]).get(pk))
    changes = [(line.old["state"], line.new["state"]) for line in reversed(lines) if "state" in (line.old or {})]
    assert changes == [("unread", "read"), ("read", "done")]
    assert sum(line.operation == "update" for line in lines) == 2, "a move is one line"


def test_one_receiver_and_one_instruction_are_posted_as_before(give: Callable[..., Any]) -> None:
    answer = give(also_to=[], instruction="process")
    assert answer.status_code == 201, answer.text
    assert answer.json["result"]["instruction"] == ["process"]
    assert answer.json["result"]["also_to"] == []


def test_what_does_not_hold_is_refused_with_a_sentence(
    give: Callable[..., Any], positions: dict[str, int], acting: Callable[..., Any]
) -> None:
    from addons.organization.models.position import Position
    from app.database.session import db

    with acting("kendal.admin", "kendal"):
        unit = db.session.get(Position, positions["kepala_bidang"]).unit_id
        empty = Position(title="Kepala Seksi Kosong", unit_id=unit)
        db.session.add(empty)
        db.session.commit()
        nobody = empty.id
    for values, field, words in (
        ({"also_to": [nobody]}, "also_to", "Nobody holds the position Kepala Seksi Kosong"),
        ({"to_position": nobody, "also_to": []}, "to_position", "Nobody holds"),
        ({"also_to": [positions["kepala_dinas"]]}, "also_to", "another position"),
        ({"also_to": [999_999]}, "also_to", "Not a valid choice"),
        ({"instruction": []}, "instruction", "required"),
        ({"instruction": ["dance"]}, "instruction", "dance"),
        ({"due_on": "2020-01-01"}, "due_on", "before"),
    ):
        answer = give(**values)
        assert answer.status_code == 422, (values, answer.text)
        assert words in answer.json["errors"][field][0]


def test_withdrawing_takes_it_from_those_who_have_not_read(
    program: Callable[..., Any], give: Callable[..., Any]
) -> None:
    pk = give().json["id"]
    assert do(program, "kendal.kabid", pk, "withdraw").json["code"] == "not_the_giver"
    do(program, "kendal.kabid", pk, "receive")
    assert do(program, "kendal.kadis", pk, "withdraw").json["result"]["state"] == "read"
    assert do(program, "kendal.subkoor", pk, "receive").json["code"] == "state_changed"
    assert do(program, "kendal.kadis", pk, "withdraw").json["code"] == "state_changed", "everybody has read it"
    whole = give().json["id"]
    assert do(program, "kendal.kadis", whole, "withdraw").json["result"]["state"] == "withdrawn"


def test_passing_on_shows_as_a_tree(
    program: Callable[..., Any], person: Callable[..., Any], give: Callable[..., Any], positions: dict[str, int]
) -> None:
    first = give(also_to=[])
    body = {"parent": first.json["id"], "to_position": positions["sub_koordinator"], "also_to": []}
    assert "received can be forwarded" in give("kendal.kabid", **body).json["errors"]["parent"][0]
    do(program, "kendal.kabid", first.json["id"], "receive")
    second = give("kendal.kabid", **body)
    assert second.status_code == 201, second.text
    page = person("kendal.subkoor").get(f"/correspondence/disposition/{second.json['id']}/panel/tree").text
    assert page.index(first.json["result"]["number"]) < page.index(second.json["result"]["number"])
    assert "Kepala Bidang" in page
    assert "Sub Koordinator" in page


def test_the_form_for_passing_on_names_the_letter(
    program: Callable[..., Any], person: Callable[..., Any], give: Callable[..., Any], letter: int
) -> None:
    pk, kabid = give(also_to=[]).json["id"], person("kendal.kabid")
    assert do(program, "kendal.kabid", pk, "receive").status_code == 200
    fields = FormReader(kabid.get(f"/correspondence/disposition/add?parent={pk}").text).fields
    assert (fields["parent"], fields["letter"]) == (str(pk), str(letter))
    assert not FormReader(kabid.get("/correspondence/disposition/add").text).fields.get("letter")


def test_an_acting_official_receives_until_the_term_ends(
    app: Any, program: Callable[..., Any], give: Callable[..., Any], positions: dict[str, int], acting: Any
) -> None:
    from addons.organization.models.holder import Holder
    from app.access.acting import acting_as_system
    from app.database.session import db
    from app.i18n.formats import today_here

    pk = give(also_to=[]).json["id"]
    with acting("kendal.subkoor", "kendal") as access:
        user_id = access.user_id
    with app.app_context():
        with acting_as_system("kendal", "a Plt. until yesterday"):
            day = today_here()
            values = {"position_id": positions["kepala_bidang"], "user_id": user_id, "kind": "acting"}
            holder = Holder(**values, date_from=day - timedelta(days=9), date_to=day - timedelta(days=1))
            db.session.add(holder)
        db.session.commit()
        holder_id = holder.id
    assert do(program, "kendal.subkoor", pk, "receive").json["code"] == "not_the_receiver"
    with app.app_context():
        with acting_as_system("kendal", "the term is longer"):
            db.session.get(Holder, holder_id).date_to = today_here()
        db.session.commit()
    assert do(program, "kendal.subkoor", pk, "receive").status_code == 200


def test_the_page_offers_a_tick_list_and_several_positions(person: Callable[..., Any]) -> None:
    page = person("kendal.kadis").get("/correspondence/disposition/add").text
    assert page.count('type="checkbox" name="instruction"') == 9
    assert 'name="also_to"' in page
    assert "multiple" in page


def test_what_was_given_waits_on_my_work_until_it_is_carried_out(
    program: Callable[..., Any], person: Callable[[str], Any], give: Callable[..., Any]
) -> None:
    number = give().json["result"]["number"]
    kabid, pages = person("kendal.kabid"), "/procedures/my_work/"
    assert number in kabid.get(pages).text
    assert "Unread" in kabid.get(pages).text
    assert number in person("kendal.subkoor").get(pages).text
    for outsider in ("kendal.kadis", "kendal.staf", "unair.kepala"):
        assert number not in person(outsider).get(pages).text, outsider
    pk = program("kendal.kabid").api("GET", "disposition/").json["result"][0]["id"]
    for step in ("receive", "finish"):
        assert number in kabid.get(pages).text
        assert do(program, "kendal.kabid", pk, step).status_code == 200
    assert number not in kabid.get(pages).text


def test_a_disposition_that_is_done_by_withdrawing_the_rest_ended_when_the_last_one_finished(
    program: Callable[..., Any], give: Callable[..., Any]
) -> None:
    pk = give().json["id"]
    assert do(program, "kendal.kabid", pk, "receive").status_code == 200
    assert not do(program, "kendal.kabid", pk, "finish").json["result"]["finished_at"], "one of two is done"
    result = do(program, "kendal.kadis", pk, "withdraw").json["result"]
    assert result["state"] == "done"
    assert result["received_at"] <= result["finished_at"]


def test_nothing_is_given_to_whoever_may_not_receive_it(
    give: Callable[..., Any], acting: Callable[..., Any], app: Any
) -> None:
    from app.access.acting import acting_as_system
    from app.access.role_assignment import RoleAssignment
    from app.database.session import db

    with acting("kendal.sekretaris", "kendal") as access:
        user_id, secretary = access.user_id, position(db.session(), "kendal.position_sekretaris", access.institution_id)
        secretary_id = secretary.id
    for field, values in (("to_position", {"to_position": secretary_id}), ("also_to", {"also_to": [secretary_id]})):
        refused = give(**values)
        assert (refused.status_code, list(refused.json["errors"])) == (422, [field]), refused.text
        assert "may not receive dispositions" in refused.json["errors"][field][0]
    with app.app_context():
        with acting_as_system("kendal", "a role that receives") as scope:
            role = {"institution_id": scope.institution_id, "user_id": user_id, "role": "kendal.sub_koordinator"}
            db.session.add(RoleAssignment(**role))
        db.session.commit()
    assert give(to_position=secretary_id).status_code == 201
