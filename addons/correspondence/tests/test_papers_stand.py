"""What was given, approved, sent or registered stays what it was, whoever may write papers of its kind."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from addons.correspondence.tests.conftest import MORNING, position, service
from addons.correspondence.tests.test_disposition_sheet import words_outside_the_paper
from app import clock
from app.access.acting import acting_as_system
from app.database.base import models
from app.database.session import db
from app.errors import Conflict, Invalid
from app.i18n.formats import today_here
from tests.views.forms import FormReader

SCAN = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def change(acting: Callable[..., Any]) -> Callable[..., None]:
    """``change("kendal.staf", "Letter", pk, subject=...)`` edits a record."""

    def work(who: str, name: str, pk: int, **values: Any) -> None:
        with clock.frozen(MORNING), acting(who, "kendal"):
            rules = service(name)
            rules.update(rules.get(pk), values)
            db.session.commit()

    return work


@pytest.fixture
def archive(acting: Callable[..., Any]) -> Callable[[str, str, int], None]:
    """``archive("kendal.kabid", "Letter", pk)``."""

    def work(who: str, name: str, pk: int) -> None:
        with clock.frozen(MORNING), acting(who, "kendal"):
            rules = service(name)
            rules.archive(rules.get(pk))
            db.session.commit()

    return work


def code_of(attempt: Callable[[], Any]) -> str:
    """The code with which ``attempt`` is refused."""
    with pytest.raises(Conflict) as refusal:
        attempt()
    return refusal.value.code


def test_only_the_giver_changes_a_disposition(
    register: Callable[..., int], dispose: Callable[..., int], change: Callable[..., None], app: Any
) -> None:
    pk = dispose(register(), "kepala_bidang")
    for values in ({"note": "Lain"}, {"instruction": ["file"]}, {"due_on": date(2026, 3, 9)}):
        for other in ("kendal.kabid", "kendal.admin"):
            assert code_of(lambda who=other, new=values: change(who, "Disposition", pk, **new)) == "not_the_giver"
    change("kendal.kadis", "Disposition", pk, note="Diubah pemberi")
    with clock.frozen(MORNING), app.app_context():
        with acting_as_system("kendal", "a correction by the operator"):
            service("Disposition").update(db.session.get(models["correspondence.Disposition"], pk), {"note": "Koreksi"})
        db.session.commit()


def test_a_recipient_changes_nothing_but_the_case_on_the_page(
    register: Callable[..., int], dispose: Callable[..., int], person: Callable[[str], Any], acting: Callable[..., Any]
) -> None:
    with acting("kendal.staf", "kendal"):
        opened = register_with_case().case_id
        db.session.commit()
    pk, kabid = dispose(register(), "kepala_bidang", note="Segera", instruction=["process"]), person("kendal.kabid")
    address = f"/correspondence/disposition/{pk}/edit"
    refused = kabid.send(address, {**FormReader(kabid.get(address).text).fields, "note": "Lain"})
    assert refused.status_code in (409, 422)
    joined = kabid.send(address, {**FormReader(kabid.get(address).text).fields, "case": str(opened)})
    assert joined.status_code == 302, joined.text


def test_nobody_makes_a_disposition_of_another_one_his_own(
    register: Callable[..., int], dispose: Callable[..., int], acting: Callable[..., Any]
) -> None:
    pk = dispose(register(), "sub_koordinator")
    with clock.frozen(MORNING), acting("kendal.kabid", "kendal") as access:
        rules, own = (
            service("Disposition"),
            position(db.session(), "kendal.position_kepala_bidang", access.institution_id),
        )
        assert code_of(lambda: rules.update(rules.get(pk), {"from_position": own})) == "not_the_giver"


def test_a_disposition_joins_a_case_by_whoever_may_write(
    register: Callable[..., int], dispose: Callable[..., int], acting: Callable[..., Any]
) -> None:
    pk = dispose(register(), "kepala_bidang")
    with clock.frozen(MORNING), acting("kendal.kabid", "kendal"):
        rules = service("Disposition")
        assert rules.update(rules.get(pk), {"case": open_case("Kasus lain")}).case is not None


def test_a_disposition_is_archived_by_its_giver_and_not_once_it_was_read(
    register: Callable[..., int], dispose: Callable[..., int], archive: Callable[..., None], step: Callable[..., None]
) -> None:
    letter = register()
    given, own = dispose(letter, "kepala_bidang"), dispose(letter, "sub_koordinator", who="kendal.kabid")
    assert code_of(lambda: archive("kendal.kabid", "Disposition", given)) == "not_the_giver"
    archive("kendal.kabid", "Disposition", own)
    read = dispose(letter, "kepala_bidang")
    step("kendal.kabid", read, "receive")
    assert code_of(lambda: archive("kendal.admin", "Disposition", read)) == "state_changed"
    archive("kendal.admin", "Disposition", given)


def test_the_signed_scan_of_an_approved_letter_is_added_and_stays(
    write_letter: Callable[..., int], approve: Callable[[int], Any], person: Callable[[str], Any], acting: Any
) -> None:
    pk, staf = write_letter(), person("kendal.staf")
    home = f"/correspondence/outgoing_letter/{pk}"

    def add(name: str, content: bytes) -> int:
        staf.send(f"{home}/files", {"files": (io.BytesIO(content), name)}, form_at=home)
        with acting("kendal.staf", "kendal"):
            found = models["kernel.Attachment"]
            return int(db.session.query(found.id).filter_by(name=name).scalar())

    draft, kept = add("konsep.pdf", SCAN), add("lampiran.pdf", SCAN + b"\n")
    staf.send(f"{home}/files/{draft}/archive", {}, form_at=home)
    approve(pk)
    scan = add("scan.pdf", SCAN + b"\n\n")
    for file in (kept, scan):
        staf.send(f"{home}/files/{file}/archive", {}, form_at=home)
    with acting("kendal.staf", "kendal"):
        found = models["kernel.Attachment"]
        active = {name for (name,) in db.session.query(found.name).filter(found.active)}
    assert active == {"lampiran.pdf", "scan.pdf"}


def test_a_sent_letter_is_not_archived(
    write_letter: Callable[..., int], approve: Callable[[int], Any], archive: Callable[..., None], acting: Any
) -> None:
    with clock.frozen(MORNING):
        sent, void = write_letter(), write_letter()
        approve(sent)
        approve(void)
        with acting("kendal.staf", "kendal"):
            rules = service("OutgoingLetter")
            rules.transition(rules.get(sent), "send", {"channel": "post"})
            db.session.commit()
    assert code_of(lambda: archive("kendal.kabid", "OutgoingLetter", sent)) == "letter_sent"
    archive("kendal.kabid", "OutgoingLetter", void)


def test_a_letter_that_was_disposed_or_opened_a_case_is_not_archived(
    register: Callable[..., int], dispose: Callable[..., int], step: Callable[..., None], archive: Callable[..., None],
    acting: Callable[..., Any],
) -> None:  # fmt: skip
    disposed, free = register(), register()
    given = dispose(disposed, "kepala_bidang")
    assert code_of(lambda: archive("kendal.kabid", "Letter", disposed)) == "letter_in_use"
    step("kendal.kadis", given, "withdraw")
    archive("kendal.kabid", "Letter", disposed)
    archive("kendal.kabid", "Letter", free)
    with acting("kendal.staf", "kendal"):
        opened = register_with_case().id
        db.session.commit()
    assert code_of(lambda: archive("kendal.kabid", "Letter", opened)) == "letter_in_use"


def test_the_identity_of_a_disposed_letter_is_corrected_only_by_who_may_archive_it(
    register: Callable[..., int], dispose: Callable[..., int], change: Callable[..., None]
) -> None:
    pk = register()
    change("kendal.staf", "Letter", pk, subject="Permohonan kunjungan")
    dispose(pk, "kepala_bidang")
    for values in (
        {"subject": "Lain"}, {"sender_name": "Lain"}, {"letter_number": "1"}, {"letter_date": date(2026, 2, 1)},
        {"received_on": date(2026, 3, 1)},
    ):  # fmt: skip
        assert code_of(lambda new=values: change("kendal.staf", "Letter", pk, **new)) == "letter_in_use"
    change("kendal.staf", "Letter", pk, note="Catatan tetap boleh")
    change("kendal.kabid", "Letter", pk, subject="Koreksi perihal")


def test_the_identity_of_a_letter_is_fixed_once_its_case_is_closed(
    change: Callable[..., None], acting: Callable[..., Any]
) -> None:
    pk = letter_of_closed_case(acting)
    for who in ("kendal.staf", "kendal.kabid", "kendal.admin"):
        assert code_of(lambda name=who: change(name, "Letter", pk, subject="Lain")) == "case_closed"
    assert code_of(lambda: change("kendal.staf", "Letter", pk, note="Catatan")) == "case_closed"


def test_a_letter_in_review_changes_only_by_who_may_approve_it(
    write_letter: Callable[..., int], change: Callable[..., None]
) -> None:
    pk = write_letter()
    for who in ("kendal.staf", "kendal.subkoor"):
        assert code_of(lambda name=who: change(name, "OutgoingLetter", pk, body="Lain")) == "in_review"
    change("kendal.kadis", "OutgoingLetter", pk, body="Diperbaiki pemeriksa")


def test_the_note_of_a_return_goes_when_the_letter_is_submitted_again(
    write_letter: Callable[..., int], program: Callable[..., Any]
) -> None:
    pk = write_letter()
    program("kendal.kabid").api("POST", f"outgoing_letter/{pk}/do/return_to_draft", {"return_note": "Jam belum ada"})
    again = program("kendal.staf").api("POST", f"outgoing_letter/{pk}/do/submit")
    assert (again.status_code, again.json["result"]["return_note"]) == (200, None)


def test_long_words_stay_on_the_paper(write_letter: Callable[..., int], person: Callable[[str], Any]) -> None:
    word = "Panjangsekali" * 15
    given = dict.fromkeys(("place", "enclosure", "addressee_name", "addressee_address"), word[:100])
    pk = write_letter(**given, subject=word, body=f"{word}\n\n{word.upper()}", copies=word)
    printed = person("kendal.staf").get(f"/correspondence/outgoing_letter/{pk}/print/pdf").data
    assert words_outside_the_paper(printed) == []


@pytest.mark.parametrize("code", ["000.4\nX", "000 4", "{serial}", "é", "000.4\x0b", "000.4\n", "<b>", "٠٠٠"])
def test_a_class_code_has_letters_digits_dots_dashes_and_slashes(write_letter: Callable[..., int], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        write_letter(class_code=code)
    assert list(refusal.value.errors) == ["class_code"]
    assert write_letter(class_code="HK.02-01/a")


def test_a_disposition_or_reply_on_a_letter_of_a_closed_case_stands_without_case(
    dispose: Callable[..., int], acting: Callable[..., Any], write_letter: Callable[..., int]
) -> None:
    letter = letter_of_closed_case(acting)
    pk = dispose(letter, "kepala_bidang")
    with acting("kendal.staf", "kendal"):
        assert db.session.get(models["correspondence.Disposition"], pk).case_id is None
    with acting("kendal.staf", "kendal") as access:
        reply = service("OutgoingLetter").create(
            {
                "subject": "Balasan",
                "body": "Ya.",
                "reply_to": db.session.get(models["correspondence.Letter"], letter),
                "signing_position": position(db.session(), "kendal.position_kepala_dinas", access.institution_id),
            }
        )
        assert (reply.case, reply.addressee_name) == (None, "SD Contoh")


def test_whose_term_ended_does_not_sign_a_letter_dated_within_it(
    write_letter: Callable[..., int], approve: Callable[[int], Any], acting: Callable[..., Any]
) -> None:
    with clock.frozen(MORNING):
        pk = write_letter(letter_date=date(2026, 3, 2))
    with acting("kendal.admin", "kendal") as access:
        head = position(db.session(), "kendal.position_kepala_dinas", access.institution_id)
        holders = models["organization.Holder"]
        db.session.query(holders).filter_by(position_id=head.id).one().date_to = date(2026, 3, 2)
        db.session.commit()
    with clock.frozen(MORNING + timedelta(days=1)):
        assert code_of(lambda: approve(pk)) == "term_ended"
    with clock.frozen(MORNING):
        approve(pk)


def test_a_disposition_is_restored_by_who_may_archive_it(
    register: Callable[..., int], dispose: Callable[..., int], archive: Callable[..., None], acting: Callable[..., Any]
) -> None:
    given = dispose(register(), "sub_koordinator")
    archive("kendal.admin", "Disposition", given)

    def restore(who: str) -> None:
        with acting(who, "kendal"):
            rules = service("Disposition")
            rules.restore(db.session.get(models["correspondence.Disposition"], given))
            db.session.commit()

    assert code_of(lambda: restore("kendal.kabid")) == "not_the_giver"
    restore("kendal.admin")
    with acting("kendal.kadis", "kendal"):
        assert service("Disposition").get(given).active


def test_a_letter_and_its_dispositions_are_papers_of_one_case(
    register: Callable[..., int], dispose: Callable[..., int], acting: Callable[..., Any]
) -> None:
    letter = register()
    first = dispose(letter, "kepala_bidang")
    with acting("kendal.staf", "kendal"):
        one, other = open_case("Kasus satu").id, open_case("Kasus dua").id
        db.session.commit()
    case = models["procedures.Case"]
    dispose(letter, "sub_koordinator", case=one)
    with acting("kendal.staf", "kendal"):
        rules = service("Letter")
        assert rules.get(letter).case_id == one, "the letter came along"
        assert db.session.get(models["correspondence.Disposition"], first).case_id == one, "and what was given before"
        for wish in (db.session.get(case, other), None):
            with pytest.raises(Invalid) as refusal:
                rules.update(rules.get(letter), {"case": wish})
            assert list(refusal.value.errors) == ["case"]
        db.session.rollback()
    with pytest.raises(Invalid) as refused:
        dispose(letter, "sub_koordinator", case=other)
    assert list(refused.value.errors) == ["case"]


def register_with_case() -> Any:
    """A letter that opens a case."""
    procedure = db.session.query(models["procedures.Procedure"]).filter_by(code="SOP-KERJASAMA").one()
    values = {
        "subject": "Membuka kasus",
        "sender_name": "SD Contoh",
        "procedure": procedure,
        "received_on": today_here(),
    }
    return service("Letter").create(values)


def open_case(title: str) -> Any:
    from addons.procedures.services.case import open_case

    procedure = db.session.query(models["procedures.Procedure"]).filter_by(code="SOP-KERJASAMA").one()
    return open_case(procedure, title)


def letter_of_closed_case(acting: Callable[..., Any]) -> int:
    """A letter whose case is closed by now."""
    with clock.frozen(MORNING), acting("kendal.staf", "kendal"):
        letter = register_with_case()
        letter.case.state, letter.case.closed_at = "closed", clock.now()
        db.session.commit()
        return int(letter.id)
