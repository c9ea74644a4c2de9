"""What belongs to a closed case stays as it was closed; what goes on without the case goes on."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from addons.kendal.tests.conftest import ACTIVITY, PNG, Story

DRAFTS = {"Konsep Perjanjian Kerjasama": "agreement", "Surat balasan": "outgoing_letter"}
SENT = {"Konsep Perjanjian Kerjasama/surat balasan": "outgoing_letter"}
SIGNED = {"Perjanjian Kerjasama yang telah ditandatangani": "agreement"}


def close(story: Story) -> None:
    """The case is closed, as the last step does it."""
    from addons.procedures.models.case import Case
    from app.access.acting import acting_as_system
    from app.database.session import db

    with story.app.app_context():
        with acting_as_system("kendal", "closed"):
            db.session.get(Case, story.case).state = "closed"
        db.session.commit()


def until_signed(story: Story) -> None:
    """Through the branch with an agreement to its signature."""
    story.until_coordination()
    story.do("4", "dengan_pk")
    story.draft_agreement_and_reply()
    story.do("5", outputs=DRAFTS)
    story.examine()
    story.take("7")
    story.send_reply()
    assert story.finish("7", "setuju", outputs=SENT).status_code == 200
    story.do("8")
    story.sign()
    story.do("9", outputs=SIGNED)


def test_a_case_does_not_close_on_an_agreement_that_went_back_to_draft(story: Story) -> None:
    until_signed(story)
    story.move("kendal.kabid", "agreement", "reopen", {"reopen_reason": "Nama keliru"})
    pk = story.records["agreement"]
    gone = story.call("kendal.kabid", "DELETE", f"agreement/{pk}")
    assert (gone.status_code, gone.json["code"]) == (409, "signed"), "it was signed once"

    story.take("10")
    story.hold_activity()
    early = story.finish("10", "selesai", outputs=ACTIVITY)
    assert (early.status_code, early.json["code"]) == (409, "output_undone")
    assert "PKS literasi" in early.json["message"]
    assert story.state() == "open"
    story.add_signed_scan("Nama diperbaiki")
    story.move("kendal.kadis", "agreement", "sign", {"signed_on": story.today()})
    assert story.finish("10", "selesai", outputs=ACTIVITY).status_code == 200
    assert story.state() == "closed"

    later = story.call("kendal.staf", "PUT", f"agreement/{pk}", {"starts_on": story.today()})
    assert later.status_code == 200, "an agreement goes on after its case"
    story.move("kendal.kadis", "agreement", "activate")
    back = story.call("kendal.kabid", "POST", f"agreement/{pk}/do/reopen", {"reopen_reason": "Lagi"})
    assert (back.status_code, back.json["code"]) == (409, "case_closed")


def test_a_draft_agreement_of_a_closed_case_stays_as_it_is(story: Story) -> None:
    story.draft_agreement_and_reply()
    story.mend_agreement("Sebelum berkas ditutup")
    pk = story.records["agreement"]
    party = story.call("kendal.staf", "GET", "agreement_party/").json["result"][0]["id"]
    close(story)
    for method, path, body in (
        ("PUT", f"agreement/{pk}", {"title": "Lain"}),
        ("PUT", f"agreement_party/{party}", {"signatory": "Orang Lain"}),
        ("POST", "agreement_party/", {"agreement": pk, "name": "Pihak Ketiga", "role": "third"}),
        ("DELETE", f"agreement/{pk}", None),
    ):
        refused = story.call("kendal.kabid" if method == "DELETE" else "kendal.staf", method, path, body)
        assert (refused.status_code, refused.json["code"]) == (409, "case_closed"), (path, refused.text)


def test_files_archiving_and_steps_stop_with_the_case(story: Story, person: Callable[..., Any]) -> None:
    staf, letter = person("kendal.staf"), story.records["letter"]
    page = f"/correspondence/letter/{letter}"
    assert "pindaian.png" in add_file(staf, page), "while the case is open, files come"
    story.until_coordination()
    story.draft_agreement_and_reply()
    story.move("kendal.staf", "outgoing_letter", "submit")
    story.move("kendal.kabid", "outgoing_letter", "approve")
    story.book_room()
    story.hold_activity()
    close(story)

    assert "pindaian2.png" not in add_file(staf, page, "pindaian2.png")
    shown = staf.get(page).text
    file = re.findall(rf"{page}/files/(\d+)/archive", shown)[0]
    staf.send(f"{page}/files/{file}/archive", {}, form_at=page)
    assert "pindaian.png" in staf.get(page).text, "the scan stays"
    for who, resource in (
        ("kendal.kabid", "outgoing_letter"),
        ("kendal.kabid", "activity"),
        ("kendal.admin", "booking"),
    ):
        answer = story.call(who, "DELETE", f"{resource}/{story.records[resource]}")
        assert (answer.status_code, answer.json["code"]) == (409, "case_closed"), answer.text
    sent = story.call(
        "kendal.staf", "POST", f"outgoing_letter/{story.records['outgoing_letter']}/do/send", {"channel": "email"}
    )
    assert (sent.status_code, sent.json["code"]) == (409, "case_closed")


def add_file(person: Any, page: str, name: str = "pindaian.png") -> str:
    """Add a file to the record at ``page``; the page afterwards."""
    person.send(f"{page}/files", {"files": (io.BytesIO(PNG), name)}, form_at=page)
    return str(person.get(page).text)


def test_work_that_was_given_is_finished_after_the_case(story: Story) -> None:
    story.dispose()
    story.book_room()
    close(story)
    story.move("kendal.kabid", "disposition", "receive")
    story.move("kendal.kabid", "disposition", "finish")
    story.move("kendal.subkoor", "booking", "cancel")
    assert story.get("kendal.staf", "booking", story.records["booking"])["state"] == "cancelled"


def test_a_room_that_was_used_is_not_cancelled_after_the_case(story: Story, acting: Callable[..., Any]) -> None:
    from addons.rooms.models.booking import Booking
    from app.access.acting import acting_as_system
    from app.database.session import db

    story.book_room()
    close(story)
    with story.app.app_context():
        with acting_as_system("kendal", "the time has come"):
            booking = db.session.get(Booking, story.records["booking"])
            booking.starts_at = datetime.now(UTC) - timedelta(hours=1)
        db.session.commit()
    late = story.call("kendal.subkoor", "POST", f"booking/{story.records['booking']}/do/cancel")
    assert (late.status_code, late.json["code"]) == (409, "case_closed")
    story.move("kendal.subkoor", "booking", "mark_used")
