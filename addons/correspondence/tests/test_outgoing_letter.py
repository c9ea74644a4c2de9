"""Outgoing letters: who may do what, when the number is taken, and that an approved letter stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any

import pytest

from addons.correspondence.tests.conftest import outgoing_service, position
from app import clock
from app.database.session import db
from app.errors import Conflict, Forbidden, Invalid

NEW_YEAR_IN_JAKARTA = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)


def test_a_letter_goes_from_draft_to_receipt(write_letter: Callable[..., int], person: Callable[[str], Any]) -> None:
    pk = write_letter(submit=False)
    staf, kabid, address = person("kendal.staf"), person("kendal.kabid"), f"/correspondence/outgoing_letter/{pk}"
    assert staf.send(f"{address}/do/submit", {}, form_at=address).status_code == 302
    assert kabid.send(f"{address}/do/approve", {}, form_at=address).status_code == 302
    page = kabid.get(address).text
    year = clock.today("Asia/Jakarta").year
    assert f"000.4/001/DISARPUS/{year}" in page
    assert f"0001/{year}" in page
    form = f"{address}/ask/send"
    assert "Sent by" in staf.get(form).text
    refused = staf.send(form, {"receipt": "Ibu Contoh"})
    assert refused.status_code == 422
    assert "Say how the letter was sent." in refused.text
    assert "Ibu Contoh" in refused.text, "what was typed stays"
    assert staf.send(form, {"channel": "in_person", "receipt": "Ibu Contoh"}).status_code == 302
    assert "Ibu Contoh" in staf.get(address).text


def test_a_draft_is_returned_only_with_a_new_note(
    write_letter: Callable[..., int], program: Callable[..., Any]
) -> None:
    pk = write_letter()
    kabid, staf = program("kendal.kabid"), program("kendal.staf")
    for body in ({}, {"return_note": "  "}, {"return_note": None}, {"return_note": "\u200b"}, {"return_note": "..."}):
        refused = kabid.api("POST", f"outgoing_letter/{pk}/do/return_to_draft", body)
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["return_note"])
    returned = kabid.api("POST", f"outgoing_letter/{pk}/do/return_to_draft", {"return_note": "Jam belum tertulis"})
    assert returned.json["result"]["state"] == "draft"
    assert returned.json["result"]["return_note"] == "Jam belum tertulis"
    assert staf.api("POST", f"outgoing_letter/{pk}/do/submit").status_code == 200
    again = kabid.api("POST", f"outgoing_letter/{pk}/do/return_to_draft", {})
    assert again.status_code == 422, "the note of the first return does not do for the second"


def test_steps_need_their_rights(write_letter: Callable[..., int], program: Callable[..., Any]) -> None:
    pk = write_letter()
    for username, steps in {
        "kendal.staf": ("approve", "return_to_draft"),
        "kendal.subkoor": ("approve", "return_to_draft", "send"),
        "kendal.kadis": ("submit", "send"),
    }.items():
        for step in steps:
            assert program(username).api("POST", f"outgoing_letter/{pk}/do/{step}", {}).status_code == 403, step
    assert program("kendal.kadis").api("POST", f"outgoing_letter/{pk}/do/approve", {}).status_code == 200
    assert program("unair.kepala").api("GET", f"outgoing_letter/{pk}").status_code == 404


def test_an_approved_letter_no_longer_changes(
    write_letter: Callable[..., int], approve: Callable[[int], Any], acting: Callable[..., Any]
) -> None:
    pk = write_letter()
    approve(pk)
    with acting("kendal.staf", "kendal"):
        service = outgoing_service()
        for values in ({"body": "Lain"}, {"letter_date": date(2025, 1, 1)}, {"subject": "Lain"}, {"channel": "post"}):
            with pytest.raises(Conflict) as refusal:
                service.update(service.get(pk), values)
            assert refusal.value.code == "state_changed"
        service.update(service.get(pk), {"receipt": "Resi 12"})


def test_the_number_is_of_the_year_of_the_letters_date_in_the_institutions_zone(
    write_letter: Callable[..., int], approve: Callable[[int], tuple[str, str]]
) -> None:
    with clock.frozen(datetime(2026, 12, 31, 3, tzinfo=UTC)):
        dated, undated = write_letter(letter_date=date(2026, 12, 31)), write_letter()
    with clock.frozen(NEW_YEAR_IN_JAKARTA):
        assert approve(dated) == ("000.4/001/DISARPUS/2026", "0001/2026")
        assert approve(undated) == ("000.4/001/DISARPUS/2027", "0001/2027")


def test_a_letter_is_not_numbered_before_it_is_complete(
    write_letter: Callable[..., int], approve: Callable[[int], Any]
) -> None:
    with pytest.raises(Invalid) as refusal:
        approve(write_letter(class_code=None))
    assert list(refusal.value.errors) == ["class_code"]
    with pytest.raises(Invalid) as refusal:
        approve(write_letter(letter_date=date(2199, 1, 1)))
    assert list(refusal.value.errors) == ["letter_date"]
    assert approve(write_letter())[1].startswith("0001/"), "what was refused took no number"


def test_letters_approved_at_once_have_no_gap_and_no_double(
    write_letter: Callable[..., int], approve: Callable[[int], tuple[str, str]]
) -> None:
    letters = [write_letter() for _ in range(6)]
    together = Barrier(6)

    def work(pk: int) -> tuple[str, str]:
        together.wait()
        return approve(pk)

    with ThreadPoolExecutor(6) as crowd:
        numbers = list(crowd.map(work, letters))
    assert sorted(int(agenda.split("/")[0]) for _number, agenda in numbers) == [1, 2, 3, 4, 5, 6]
    assert sorted(int(number.split("/")[1]) for number, _agenda in numbers) == [1, 2, 3, 4, 5, 6]


def test_one_letter_approved_twice_at_once_is_numbered_once(
    write_letter: Callable[..., int], approve: Callable[[int], tuple[str, str]]
) -> None:
    pk, together = write_letter(), Barrier(2)

    def work(_worker: int) -> str:
        together.wait()
        try:
            return approve(pk)[1]
        except Conflict as refusal:
            return refusal.code

    with ThreadPoolExecutor(2) as crowd:
        answers = sorted(crowd.map(work, range(2)))
    assert answers[1] == "state_changed"
    assert approve(write_letter())[1].startswith("0002/")


def test_a_unit_with_a_sequence_of_its_own_counts_by_itself(
    app: Any, write_letter: Callable[..., int], approve: Callable[[int], tuple[str, str]]
) -> None:
    from app.access.acting import acting_as_system
    from app.records.sequence import Sequence

    with app.app_context():
        with acting_as_system("kendal", "a register of its own"):
            db.session.add(Sequence(code="correspondence.outgoing.PERPUS", pattern="B-{serial:2}/{roman}/{year}"))
        db.session.commit()
    with clock.frozen(datetime(2026, 3, 2, 3, tzinfo=UTC)):
        of_the_bidang = {"signed_by": "kendal.position_kepala_bidang", "class_code": None}
        assert approve(write_letter(**of_the_bidang)) == ("B-01/III/2026", "0001/2026")
        assert approve(write_letter()) == ("000.4/001/DISARPUS/2026", "0002/2026")
        assert approve(write_letter(**of_the_bidang)) == ("B-02/III/2026", "0003/2026")


def test_a_reply_takes_over_addressee_and_case(acting: Callable[..., Any], write_letter: Callable[..., int]) -> None:
    from addons.correspondence.services.letter import LetterService

    with acting("kendal.staf", "kendal"):
        letter = LetterService().create({"subject": "Permohonan", "sender_name": "Komunitas Contoh"})
        db.session.commit()
        letter_id = letter.id
    with acting("kendal.staf", "kendal") as access:
        service = outgoing_service()
        reply = service.create(
            {
                "subject": "Balasan",
                "body": "Ya.",
                "reply_to": LetterService().get(letter_id),
                "signing_position": position(db.session(), "kendal.position_kepala_dinas", access.institution_id),
            }
        )
        assert (reply.addressee_name, reply.place) == ("Komunitas Contoh", "Kendal")
        with pytest.raises(Invalid):
            service.create({"subject": "Tanpa alamat", "body": "Ya.", "signing_position": reply.signing_position})


def test_a_visitor_of_another_institution_writes_nothing_here(acting: Callable[..., Any]) -> None:
    with pytest.raises(Forbidden), acting("unair.kepala", "kendal"):
        pass


def test_no_number_is_given_with_a_hole_for_the_unit(
    app: Any, write_letter: Callable[..., int], program: Callable[..., Any]
) -> None:
    from sqlalchemy import select

    from addons.organization.models.unit import Unit
    from app.access.acting import acting_as_system

    def set_codes(code: str | None) -> None:
        with app.app_context():
            with acting_as_system("kendal", "units without a code"):
                for unit in db.session.scalars(select(Unit)):
                    unit.code = code if unit.parent is None else None
            db.session.commit()

    pk, kabid = write_letter(), program("kendal.kabid")
    set_codes(None)
    refused = kabid.api("POST", f"outgoing_letter/{pk}/do/approve")
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["signing_position"]), refused.text
    assert "needs a unit code" in refused.json["message"]
    set_codes("DINAS")
    approved = kabid.api("POST", f"outgoing_letter/{pk}/do/approve")
    assert approved.json["result"]["number"].startswith("000.4/001/DINAS/"), "and no number was lost"


def test_a_unit_that_counts_by_itself_goes_on_behind_the_numbers_given_before(
    write_letter: Callable[..., int], approve: Callable[[int], Any], program: Callable[..., Any],
    person: Callable[[str], Any],
) -> None:  # fmt: skip
    admin = program("kendal.admin")
    pattern = {"pattern": "{class_code}/{serial:3}/{unit}/{year}", "reset": "year"}

    def serial(class_code: str = "000.4") -> int:
        return int(approve(write_letter(class_code=class_code))[0].split("/")[1])

    assert [serial(), serial()] == [1, 2]
    unknown = admin.api("POST", "sequence/", {"code": "correspondence.outgoing.perpus", **pattern})
    assert (unknown.status_code, list(unknown.json["errors"])) == (422, ["code"])
    assert "DISARPUS" in unknown.json["message"], "the codes that there are"
    own = admin.api("POST", "sequence/", {"code": "correspondence.outgoing.DISARPUS", **pattern})
    assert own.status_code == 201, own.text
    assert [serial("421.3"), serial()] == [3, 4]
    assert admin.api("DELETE", f"sequence/{own.json['id']}").status_code == 200
    assert [serial(), serial()] == [5, 6], "the shared sequence goes on behind the unit's"
    home = f"/kernel/sequence/{own.json['id']}"
    assert person("kendal.admin").send(f"{home}/restore", {}, form_at="/kernel/sequence/").status_code == 302
    assert serial() == 7
