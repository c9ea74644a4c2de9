"""Both branches of Kendal's SOP, the loops, the optional tasks and an acting official."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from addons.kendal.tests.conftest import ACTIVITY, EXAMINED, Story

DRAFTS = {"Konsep Perjanjian Kerjasama": "agreement", "Surat balasan": "outgoing_letter"}
SENT = {"Konsep Perjanjian Kerjasama/surat balasan": "outgoing_letter"}
SIGNED = {"Perjanjian Kerjasama yang telah ditandatangani": "agreement"}


def test_with_an_agreement_through_both_loops_to_the_closed_case(story: Story, person: Callable[..., Any]) -> None:
    story.until_coordination()
    assert story.open_steps() == ["4"]
    story.do("4", "dengan_pk")

    story.draft_agreement_and_reply()
    story.do("5", outputs=DRAFTS)
    story.take("6")
    refused = story.finish("6", "tidak")
    assert refused.status_code == 422
    assert "needs a remark" in refused.json["errors"]["remark"][0]
    assert story.finish("6", "tidak", remark="Pasal 3 belum lengkap").status_code == 200

    assert story.open_steps() == ["5"], "the drafts come back"
    page = person("kendal.staf").get(f"/procedures/task/{story.task_id('5')}").text
    assert "Pasal 3 belum lengkap" in page, "who mends the drafts reads why they came back"
    versions = f"/agreements/agreement/{story.records['agreement']}/panel/versions"
    assert "reason=Pasal+3+belum+lengkap" in person("kendal.staf").get(versions).text, "the next draft answers it"
    story.make("kendal.staf", "agreement_version", {"agreement": story.records["agreement"], "reason": "Pasal 3"})
    assert "reason=Pasal" not in person("kendal.staf").get(versions).text, "it was answered"
    story.do("5", outputs=DRAFTS)
    story.examine()

    story.take("7")
    early = story.finish("7", "setuju", outputs=SENT)
    assert early.status_code == 422, "a reply that was not sent is not what step 7 asks for"
    story.send_reply()
    assert story.finish("7", "minta_perubahan", outputs=SENT).json["errors"]["remark"]
    assert story.finish("7", "minta_perubahan", remark="Mitra minta jadwal lain", outputs=SENT).status_code == 200
    assert story.open_steps() == ["5"]
    story.book_room()
    story.mend_agreement("Jadwal lain")
    story.do("5", outputs=DRAFTS)
    story.take("6")
    same = story.finish("6", "ya", outputs=EXAMINED)
    assert "a new one is needed" in str(same.json["errors"]), "the mended draft is sent with a letter of its own"
    story.write_reply()
    story.move("kendal.staf", "outgoing_letter", "submit")
    assert story.finish("6", "ya", outputs=EXAMINED).status_code == 200
    story.take("7")
    story.send_reply()
    assert story.finish("7", "setuju", outputs=SENT).status_code == 200
    story.do("8")

    story.take("9")
    unsigned = story.finish("9", outputs=SIGNED)
    assert unsigned.status_code == 422
    assert "Draft" in str(unsigned.json["errors"])
    story.sign()
    assert story.finish("9", outputs=SIGNED).status_code == 200
    story.carry_out("rutin")
    assert story.open_steps() == ["10"], "a routine activity begins step 10 again"
    story.carry_out("selesai")
    assert story.state() == "closed"
    late = story.call("kendal.staf", "PUT", f"letter/{story.records['letter']}", {"subject": "Diubah"})
    assert (late.status_code, late.json["code"]) == (409, "case_closed")

    staf = person("kendal.staf")
    track = staf.get(f"/procedures/case/{story.case}").text
    assert track.count('class="case-visit"') == 16
    assert "is-ahead" not in track
    thread = staf.get(f"/procedures/case/{story.case}/timeline").text
    for words in ("Pasal 3 belum lengkap", "Mitra minta jadwal lain", "PKS literasi", "bahan.png", "Case closed"):
        assert words in thread
    assert thread.index("Mitra minta jadwal lain") < thread.index("Pasal 3") < thread.index("opened the case")
    assert_every_record_of_the_sop_is_kept(story, staf)


def test_a_step_that_comes_again_asks_for_a_change_of_words(story: Story) -> None:
    story.until_coordination()
    story.do("4", "dengan_pk")
    story.draft_agreement_and_reply()
    story.do("5", outputs=DRAFTS)
    story.move("kendal.staf", "outgoing_letter", "submit")
    story.do("6", "tidak", remark="Perbaiki nama penanda tangan")
    story.move("kendal.kabid", "outgoing_letter", "return_to_draft", {"return_note": "Perbaiki"})
    story.move("kendal.staf", "outgoing_letter", "submit")
    story.take("5")
    same = story.finish("5", outputs=DRAFTS)
    assert same.status_code == 422, "moving a letter to and fro mends nothing"
    assert "nothing was changed" in str(same.json["errors"])

    sides = story.call("kendal.staf", "GET", "agreement_party/").json["result"]
    ours = next(item["id"] for item in sides if item["role"] == "own")
    named = story.call("kendal.staf", "PUT", f"agreement_party/{ours}", {"signatory": "Kadis Contoh Kendal, M.Hum."})
    assert named.status_code == 200, named.text
    assert story.finish("5", outputs=DRAFTS).status_code == 200, "who signs is part of the paper"


def test_step_10_asks_for_an_activity_that_took_place_and_ends_without_another(
    story: Story, person: Callable[..., Any]
) -> None:
    story.until_coordination()
    story.book_room()
    story.do("4", "tanpa_pk", outputs={"Jadwal pemakaian ruang": "booking"})
    story.take("10")
    story.hold_activity()
    held = story.records["activity"]
    begin = datetime.now(ZoneInfo("Asia/Jakarta")) + timedelta(days=7)
    kind = story.call("kendal.staf", "GET", "activity/related/kind").json["result"][0]["value"]
    span = {"starts_at": begin.isoformat(), "ends_at": (begin + timedelta(hours=2)).isoformat()}
    story.make("kendal.staf", "activity", {"title": "Pekan depan", "kind": kind, "case": story.case, **span})
    ahead = story.finish("10", "selesai", outputs=ACTIVITY)
    assert ahead.status_code == 422, "it has not happened"
    story.move("kendal.staf", "activity", "cancel")
    story.records["activity"] = held
    empty = story.finish("10", "selesai")
    assert empty.status_code == 422, "the first visit brings an activity"
    assert story.finish("10", "rutin", outputs=ACTIVITY).status_code == 200

    task = story.take("10")
    page = person("kendal.staf").get(f"/procedures/task/{task}").text
    assert "nothing more is asked for" in page
    assert re.search(rf'<option value="{held}">Kunjungan literasi', page), "what was given is not offered first"
    assert story.finish("10", "rutin").status_code == 422, "one more routine activity has to take place"
    assert story.finish("10", "selesai").status_code == 200
    assert story.state() == "closed"


def assert_every_record_of_the_sop_is_kept(story: Story, staf: Any) -> None:
    """The eight records of the form, in its order, each with what the case left in it."""
    page = staf.get(f"/procedures/records/{story.case}").text
    items = re.findall(r"<li.*?</li>", page, re.DOTALL)
    kept = [" ".join(re.sub(r"<[^>]+>", " ", item).split()) for item in items]
    year = datetime.now(ZoneInfo("Asia/Jakarta")).year
    expected = (
        ("1. Surat Permohonan", "Permohonan kerja sama literasi"),
        ("2. Disposisi", f"D-0001/{year}"),
        ("3. Surat Balasan Permohonan", "Balasan"),
        ("4. Buku Agenda Surat Masuk", f"0001/{year}"),
        ("5. Buku Agenda Surat Keluar", f"0001/{year}"),
        ("6. Buku/Aplikasi Presensi", "Siswa Contoh"),
        ("7. Buku Agenda Pemakaian Tempat/Ruang", "Kunjungan"),
        ("8. Naskah Perjanjian Kerjasama", "PKS literasi"),
    )
    assert len(kept) == len(expected)
    for text, (name, entry) in zip(kept, expected, strict=True):
        assert text.startswith("present " + name), text
        assert entry in text
    for book in re.findall(r'href="(/correspondence/[^"]*from=[^"]*)"', page):
        assert f"0001/{year}" in staf.get(book.replace("&amp;", "&")).text


def test_without_an_agreement_reply_and_publication_may_be_done_or_skipped(
    story: Story, person: Callable[..., Any]
) -> None:
    story.until_coordination()
    story.book_room()
    story.do("4", "tanpa_pk", outputs={"Jadwal pemakaian ruang": "booking"})
    assert story.open_steps() == ["10", "(5)", "(8)"]
    track = person("kendal.staf").get(f"/procedures/case/{story.case}").text
    assert "is-ahead" in track, "steps that were not reached are shown, greyed"

    publication = story.task_id("8")
    silent = story.call("kendal.staf", "POST", f"task/{publication}/do/skip", {})
    assert silent.status_code == 422
    skipped = story.call("kendal.staf", "POST", f"task/{publication}/do/skip", {"remark": "Diminta tidak dipublikasi"})
    assert skipped.json["result"]["state"] == "skipped"
    mandatory = story.call("kendal.staf", "POST", f"task/{story.task_id('10')}/do/skip", {"remark": "Malas"})
    assert (mandatory.status_code, mandatory.json["code"]) == (409, "mandatory")
    assert story.call("kendal.kabid", "POST", f"task/{story.task_id('5')}/do/skip", {"remark": "x"}).status_code == 403

    story.draft_agreement_and_reply()
    story.take("5")
    early = story.finish("5", outputs={"Surat balasan": "outgoing_letter"})
    assert early.status_code == 422, "the task is to write and to send it"
    story.move("kendal.staf", "outgoing_letter", "submit")
    story.send_reply()
    assert story.finish("5", outputs={"Surat balasan": "outgoing_letter"}).status_code == 200
    assert story.open_steps() == ["10"], "nothing follows an optional task"
    story.carry_out()
    assert story.state() == "closed"


def test_the_case_does_not_wait_for_optional_tasks(story: Story) -> None:
    story.until_coordination()
    story.book_room()
    story.do("4", "tanpa_pk", outputs={"Jadwal pemakaian ruang": "booking"})
    reply = story.task_id("5")
    story.carry_out()
    assert story.state() == "closed"
    assert story.open_steps() == []
    late = story.call("kendal.staf", "POST", f"task/{reply}/do/take")
    assert late.status_code == 409


def test_step_3_asks_for_a_disposition_that_was_read(story: Story) -> None:
    story.do("1", outputs={"Surat Masuk permohonan": "letter"})
    story.dispose()
    story.do("2", outputs={"Disposisi": "disposition"})
    story.take("3")
    refused = story.finish("3", outputs={"Disposisi": "disposition"})
    assert refused.status_code == 422
    assert "Unread" in str(refused.json["errors"])


def test_the_applicants_answer_after_the_case_was_closed_is_refused(story: Story, acting: Callable[..., Any]) -> None:
    from addons.procedures.models.case import Case
    from app.access.acting import acting_as_system
    from app.database.session import db

    story.until_coordination()
    story.do("4", "dengan_pk")
    story.draft_agreement_and_reply()
    story.do("5", outputs=DRAFTS)
    story.examine()
    story.take("7")
    story.send_reply()
    with story.app.app_context():
        with acting_as_system("kendal", "closed meanwhile"):
            db.session.get(Case, story.case).state = "closed"
        db.session.commit()
    late = story.finish("7", "setuju", outputs=SENT)
    assert (late.status_code, late.json["code"]) == (409, "case_closed")


def test_an_acting_head_signs_until_the_term_ends(story: Story) -> None:
    story.until_coordination()
    story.do("4", "dengan_pk")
    story.draft_agreement_and_reply()
    story.do("5", outputs=DRAFTS)
    story.examine()
    story.take("7")
    story.send_reply()
    story.finish("7", "setuju", outputs=SENT)
    story.do("8")
    story.sign()

    appoint(story, "kendal.subkoor", until=-1)
    ended = story.call("kendal.subkoor", "POST", f"task/{story.task_id('9')}/do/take")
    assert (ended.status_code, ended.json["code"]) == (403, "not_executor"), "the term ended this morning"
    appoint(story, "kendal.subkoor", until=0)
    task = story.take("9", who="kendal.subkoor")
    assert story.finish("9", outputs=SIGNED, who="kendal.subkoor").status_code == 200
    said = story.get("kendal.staf", "task", task)
    assert (said["taken_as"], said["finished_as"]) == ("Plt. Kepala Dinas", "Plt. Kepala Dinas")
    assert story.open_steps() == ["10"]


def appoint(story: Story, username: str, until: int) -> None:
    """Make somebody Plt. Kepala Dinas, up to and including ``until`` days from today."""
    from sqlalchemy import select

    from addons.organization.models.holder import Holder
    from app.access.acting import acting_as_system
    from app.database.session import db
    from app.i18n.formats import today_here

    with story.acting(username, "kendal") as access:
        user_id = access.user_id
    position = story.position("kepala_dinas")
    with story.app.app_context():
        with acting_as_system("kendal", "an acting head"):
            day = today_here()
            row = db.session.scalar(select(Holder).where(Holder.position_id == position, Holder.kind == "acting"))
            if row is None:
                row = Holder(position_id=position, user_id=user_id, kind="acting", date_from=day - timedelta(days=30))
                db.session.add(row)
            row.date_to = day + timedelta(days=until)
        db.session.commit()
