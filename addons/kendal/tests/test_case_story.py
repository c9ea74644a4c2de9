"""A case tells everything that happened in it, also of what was put away since, and counts only what stands."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from addons.kendal.tests.conftest import PNG, Story


def thread_of(person: Any, story: Story) -> str:
    """The words of the case's thread."""
    page = person.get(f"/procedures/case/{story.case}/timeline").text
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def kept_of(person: Any, story: Story, place: int) -> str:
    """What the case left in the record at ``place`` of the SOP's list."""
    page = person.get(f"/procedures/records/{story.case}").text
    item = re.findall(r"<li.*?</li>", page, re.DOTALL)[place - 1]
    return " ".join(re.sub(r"<[^>]+>", " ", item).split())


def test_what_was_put_away_stays_in_the_story_and_in_the_book(story: Story, person: Callable[..., Any]) -> None:
    staf = person("kendal.staf")
    story.write_reply()
    story.move("kendal.staf", "outgoing_letter", "submit")
    story.move("kendal.kabid", "outgoing_letter", "approve")
    assert "archived" not in kept_of(staf, story, 5)
    assert (
        story.call("kendal.kabid", "DELETE", f"outgoing_letter/{story.records['outgoing_letter']}").status_code == 200
    )
    kept = kept_of(staf, story, 5)
    assert kept.startswith("present"), "its number stays in the agenda book"
    assert kept.endswith("archived")
    assert kept_of(staf, story, 3).startswith("nothing yet"), "a letter that was given up is no reply"
    assert "added Outgoing letter: Balasan archived" in thread_of(staf, story)


def test_a_file_that_was_taken_off_stays_in_the_story(story: Story, person: Callable[..., Any]) -> None:
    staf, page = person("kendal.staf"), f"/correspondence/letter/{story.records['letter']}"
    staf.send(f"{page}/files", {"files": (io.BytesIO(PNG), "pindaian.png")}, form_at=page)
    thread = thread_of(staf, story)
    assert "added a file" in thread
    assert "took off a file" not in thread
    file = re.findall(rf"{page}/files/(\d+)/archive", staf.get(page).text)[0]
    staf.send(f"{page}/files/{file}/archive", {}, form_at=page)
    thread = thread_of(staf, story)
    assert thread.index("took off a file") < thread.index("added a file"), "newest first"
    assert thread.count("pindaian.png archived") == 2


def test_every_recipient_of_a_disposition_is_in_the_story(story: Story, person: Callable[..., Any]) -> None:
    story.dispose(also_to=[story.position("sub_koordinator")])
    story.move("kendal.kabid", "disposition", "receive")
    thread = thread_of(person("kendal.staf"), story)
    assert re.search(r"D-0001/\d+: Kepala Bidang .*?Unread to Read", thread), thread
    assert not re.search(r"D-0001/\d+: Sub Koordinator", thread)
    story.move("kendal.kadis", "disposition", "withdraw")
    thread = thread_of(person("kendal.staf"), story)
    assert re.search(r"D-0001/\d+: Sub Koordinator .*?Unread to Withdrawn", thread), thread


def test_what_was_cancelled_or_withdrawn_does_not_count_as_kept(story: Story, person: Callable[..., Any]) -> None:
    kabid = person("kendal.kabid")
    story.book_room()
    story.dispose()
    assert kept_of(kabid, story, 7).startswith("present")
    assert kept_of(kabid, story, 2).startswith("present")
    story.move("kendal.subkoor", "booking", "cancel")
    story.move("kendal.kadis", "disposition", "withdraw")
    booking, disposition = kept_of(kabid, story, 7), kept_of(kabid, story, 2)
    assert (booking[:11], disposition[:11]) == ("nothing yet", "nothing yet")
    assert booking.endswith("Cancelled")
    assert disposition.endswith("Withdrawn")


def test_a_closed_case_says_what_it_said_and_an_open_one_is_not_put_away(
    story: Story, person: Callable[..., Any]
) -> None:
    path = f"case/{story.case}"
    assert story.call("kendal.staf", "PUT", path, {"title": "Judul baru"}).status_code == 200
    waiting = story.call("kendal.admin", "DELETE", path)
    assert (waiting.status_code, waiting.json["code"]) == (409, "tasks_open")
    story.until_coordination()
    story.book_room()
    story.do("4", "tanpa_pk", outputs={"Jadwal pemakaian ruang": "booking"})
    edit = f"/procedures/case/{story.case}/edit"
    assert edit in person("kendal.staf").get(f"/procedures/case/{story.case}").text
    story.carry_out()
    late = story.call("kendal.staf", "PUT", path, {"title": "Lain"})
    assert (late.status_code, late.json["code"]) == (409, "case_closed")
    assert edit not in person("kendal.staf").get(f"/procedures/case/{story.case}").text
    thread = thread_of(person("kendal.staf"), story)
    assert thread.count("The case ended without the task") == 2
    assert "skipped the task" not in thread, "nobody skipped them"


def test_after_a_message_the_page_opens_at_the_thread(story: Story, person: Callable[..., Any]) -> None:
    page = f"/procedures/case/{story.case}"
    form = f"{page}/timeline"
    answer = person("kendal.staf").send(f"{page}/messages", {"text": "Sudah ditelepon."}, form_at=form)
    assert answer.headers["Location"].endswith(f"{page}/timeline")
    assert 'id="thread"' in person("kendal.staf").get(page).text


def test_no_button_leads_to_a_refusal(story: Story, person: Callable[..., Any]) -> None:
    story.dispose()
    page = f"/correspondence/disposition/{story.records['disposition']}"
    shown = person("kendal.kadis").get(page).text
    assert f"{page}/edit" in shown
    story.move("kendal.kabid", "disposition", "receive")
    shown = person("kendal.kadis").get(page).text
    assert f"{page}/edit" not in shown
    assert f"{page}/archive" not in shown

    story.draft_agreement_and_reply()
    pk = story.records["agreement"]
    page, add = f"/agreements/agreement/{pk}", f"/agreements/agreement_party/add?agreement={pk}"
    kabid, staf = person("kendal.kabid"), person("kendal.staf")
    assert f"{page}/archive" in kabid.get(page).text
    assert add in staf.get(f"{page}/related/0").text
    story.sign()
    assert f"{page}/archive" not in kabid.get(page).text
    assert add not in staf.get(f"{page}/related/0").text
