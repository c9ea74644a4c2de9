"""The thread of a record: messages, mentions, followers, activities; for who may read the record, and nobody else."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from app.testing.client import Browserish

PART = {"X-Part": "thread"}


@pytest.fixture
def partner(person: Callable[[str], Browserish]) -> str:
    """The address of a partner that the staff made."""
    made = person("kendal.staf").send("/partners/partner/add", {"name": "Mitra Berutas", "level": "local"})
    return str(made.headers["Location"])


def say(who: Browserish, path: str, text: str) -> Any:
    """Write a message on the record at ``path``."""
    return who.send(f"{path}/messages", {"text": text}, form_at=f"{path}/timeline", follow_redirects=True)


def user_id(app: Any, username: str) -> int:
    """The id of somebody."""
    from flask_appbuilder.security.sqla.models import User
    from sqlalchemy import select

    from app.database.session import db

    with app.app_context():
        return int(db.session.scalar(select(User.id).where(User.username == username)))


def test_a_message_stands_in_the_thread_with_its_author_and_markup_stays_text(
    person: Callable[[str], Browserish], partner: str
) -> None:
    staff = person("kendal.staf")
    assert say(staff, partner, "Sudah ditelepon <b>dua kali</b>").status_code == 200
    thread = person("kendal.kabid").get(f"{partner}/timeline").text
    assert "Sudah ditelepon &lt;b&gt;dua kali&lt;/b&gt;" in thread
    assert "Staf Contoh Kendal" in thread


@pytest.mark.parametrize("text", ["", "   ", "...", "x" * 5001, "\x00"])
def test_a_message_that_says_nothing_or_too_much_is_refused_and_stays_typed(
    person: Callable[[str], Browserish], partner: str, text: str
) -> None:
    staff = person("kendal.staf")
    refused = staff.send(f"{partner}/messages", {"text": text}, form_at=f"{partner}/timeline")
    assert refused.status_code == 422
    assert "thread-text" in refused.text
    assert staff.get(f"{partner}/timeline").text.count("is-message") == 0


def test_a_mention_tells_the_person_and_lets_them_follow(
    app: Any, person: Callable[[str], Browserish], program: Callable[..., Browserish], partner: str
) -> None:
    head, staff = person("kendal.kabid"), person("kendal.staf")
    found = {item["value"]: item["text"] for item in head.get(f"{partner}/people?q=").json}
    name = found[user_id(app, "kendal.kabid")]
    said = say(staff, partner, f"Mohon ditinjau, @{name}, terima kasih")
    assert f'<b class="mention">@{name}</b>' in person("kendal.staf").get(f"{partner}/timeline").text
    assert said.status_code == 200
    told_now = told(app, "kendal.kabid")[0]
    assert "Staf Contoh Kendal" in told_now
    assert "Mohon ditinjau" not in told_now, "a notice stays with whoever loses the right to read"
    assert "Mitra Berutas" in told_now
    assert "Stop following" in head.get(f"{partner}/timeline").text


def test_files_that_came_and_went_stand_in_the_thread(person: Callable[[str], Browserish], partner: str) -> None:
    staff = person("kendal.staf")
    sent = staff.send(f"{partner}/files", {"files": (io.BytesIO(b"%PDF-1.7 naskah"), "naskah.pdf")}, form_at=partner)
    assert sent.status_code == 302, sent.text
    thread = staff.get(f"{partner}/timeline").text
    assert "added a file" in thread
    address = re.search(rf'href="({partner}/files/\d+)[^"]*"[^>]*>naskah.pdf', thread)
    assert address is not None
    staff.send(f"{address[1]}/archive", {}, form_at=partner)
    thread = staff.get(f"{partner}/timeline").text
    assert "took off a file" in thread
    assert "naskah.pdf" in thread
    assert address[1] not in thread


def told(app: Any, username: str) -> list[str]:
    """What somebody was told, newest first."""
    from sqlalchemy import select

    from app.access.acting import acting
    from app.database.session import db
    from app.notifications.notification import Notification

    with app.app_context(), acting(username, "kendal"):
        own = select(Notification.text).where(Notification.user_id == user_id(app, username))
        return list(db.session.scalars(own.order_by(Notification.id.desc())))


def test_who_may_not_read_the_record_cannot_be_mentioned(
    app: Any, person: Callable[[str], Browserish], partner: str
) -> None:
    from app.thread.messages import mentioned_in
    from app.thread.readers import people_here

    assert callable(people_here)
    assert mentioned_in("tanpa nama", []) == []
    staff = person("kendal.staf")
    assert "unair" not in staff.get(f"{partner}/people?q=unair").text.lower()
    assert staff.get(f"{partner}/people?q=").json


def test_a_follower_is_told_of_messages_until_they_stop(
    app: Any, person: Callable[[str], Browserish], partner: str
) -> None:
    head, staff = person("kendal.kabid"), person("kendal.staf")
    head.send(f"{partner}/follow", {"follow": "1"}, form_at=f"{partner}/timeline")
    say(staff, partner, "Kabar pertama")
    assert told(app, "kendal.kabid") == ["Staf Contoh Kendal menulis pesan: Mitra Berutas"]
    head.send(f"{partner}/follow", {"follow": "0"}, form_at=f"{partner}/timeline")
    say(staff, partner, "Kabar kedua")
    assert told(app, "kendal.kabid") == ["Staf Contoh Kendal menulis pesan: Mitra Berutas"]


def test_an_activity_is_planned_shown_overdue_and_done(
    app: Any, person: Callable[[str], Browserish], partner: str
) -> None:
    staff, head = person("kendal.staf"), person("kendal.kabid")
    wish = {"summary": "Telepon mitra", "deadline": "1 Januari 2020", "assignee": str(user_id(app, "kendal.kabid"))}
    planned = staff.send(f"{partner}/activities", wish, form_at=f"{partner}/timeline", follow_redirects=True)
    assert planned.status_code == 200
    thread = head.get(f"{partner}/timeline").text
    assert "Telepon mitra" in thread
    assert "Overdue" in thread
    done = re.search(r'action="([^"]+/done)"', thread)[1]  # type: ignore[index]  # the open one has a button
    head.send(done, {}, form_at=f"{partner}/timeline")
    after = head.get(f"{partner}/timeline").text
    assert "Overdue" not in after
    assert "1 settled activity" in after
    assert head.send(done, {}, form_at=f"{partner}/timeline").status_code == 409


@pytest.mark.parametrize(
    "wrong", [{"deadline": "kapan-kapan"}, {"summary": ""}, {"assignee": "999999"}, {"deadline": "1/1/1500"}]
)
def test_an_activity_that_cannot_be_is_refused_with_what_was_typed(
    person: Callable[[str], Browserish], partner: str, wrong: dict[str, str]
) -> None:
    staff = person("kendal.staf")
    wish = {"summary": "Kirim surat", "deadline": "2027-01-01", "assignee": "1", **wrong}
    refused = staff.send(f"{partner}/activities", wish, form_at=f"{partner}/timeline")
    assert refused.status_code == 422
    assert wish["summary"] in refused.text


def test_who_is_asked_reads_who_asks_for_what_until_when_and_is_led_to_it(
    app: Any, person: Callable[[str], Browserish], partner: str
) -> None:
    staff, head = person("kendal.staf"), person("kendal.kabid")
    head_id = user_id(app, "kendal.kabid")
    wish = {"summary": "Telepon mitra", "deadline": "besok", "assignee": str(head_id)}
    staff.send(f"{partner}/activities", wish, form_at=f"{partner}/timeline")
    (words,) = told(app, "kendal.kabid")
    assert words.startswith("Staf Contoh Kendal meminta Anda: Telepon mitra – sampai ")
    assert words.endswith("(Mitra Berutas)")
    notices = head.get("/kernel/notifications/").text
    leads = head.send(re.search(r'action="([^"]+/open)"', notices)[1], {}, form_at="/kernel/notifications/")  # type: ignore[index]  # it is there
    target, item = leads.headers["Location"].split("#")
    assert target == partner
    assert f'id="{item}"' in head.get(f"{partner}/timeline").text
    done = f"{partner}/activities/{item.removeprefix('activity-')}/done"
    head.send(done, {}, form_at=f"{partner}/timeline")
    assert any(" oleh " in text and "Telepon mitra (Mitra Berutas)" in text for text in told(app, "kendal.staf"))


def test_people_are_found_by_position_or_role_and_shown_with_it(
    person: Callable[[str], Browserish], partner: str
) -> None:
    staff = person("kendal.staf")
    everybody = staff.get(f"{partner}/people?q=").json
    assert all(item["title"] for item in everybody), everybody
    head = next(item for item in everybody if "Kepala Bidang" in item["title"])
    found = staff.get(f"{partner}/people?q=kepala bidang").json
    assert head in found
    assert all("kepala bidang" in f"{item['text']} {item['title']}".casefold() for item in found)
    assert staff.get(f"{partner}/people?q=kepala dapur").json == []


def test_who_may_not_read_the_record_sees_and_writes_nothing_of_its_thread(
    app: Any, person: Callable[[str], Browserish], program: Callable[..., Browserish], partner: str
) -> None:
    say(person("kendal.staf"), partner, "Rahasia dinas")
    pk = partner.rsplit("/", 1)[1]
    assert "Rahasia dinas" in program("kendal.staf").api("GET", f"partner/{pk}/messages").text
    stranger, script = person("unair.kasie"), program("unair.kasie")
    assert stranger.get(f"{partner}/timeline").status_code == 404
    assert stranger.send(f"{partner}/messages", {"text": "Halo"}, form_at="/").status_code in {400, 404}
    for method, path, body in (
        ("GET", "messages", None), ("POST", "messages", {"text": "Halo"}), ("GET", "activities", None),
        ("POST", "activities", {"summary": "x", "deadline": "2027-01-01", "assignee": 1}),
        ("POST", "activities/1/done", None),
    ):  # fmt: skip
        answer = script.api(method, f"partner/{pk}/{path}", body)
        assert answer.status_code == 404, (path, answer.text)
        assert "Rahasia" not in answer.text


def test_programs_read_and_write_the_thread(app: Any, program: Callable[..., Browserish], partner: str) -> None:
    script, base = program("kendal.staf"), f"partner/{partner.rsplit('/', 1)[1]}"
    written = script.api("POST", f"{base}/messages", {"text": "Lewat program"})
    assert written.status_code == 201, written.text
    (message,) = script.api("GET", f"{base}/messages").json["result"]
    assert (message["text"], message["author"]["name"]) == ("Lewat program", "Staf Contoh Kendal")
    wish = {"summary": "Lewat program", "deadline": "2027-01-01", "assignee": user_id(app, "kendal.staf")}
    pk = script.api("POST", f"{base}/activities", wish).json["id"]
    assert script.api("POST", f"{base}/activities/{pk}/done").json["result"]["outcome"] == "done"
    assert script.api("POST", f"{base}/activities/{pk}/done").status_code == 409
    assert script.api("POST", f"{base}/activities/{pk}/open").status_code == 404
    assert script.api("POST", f"{base}/messages", {"text": 5}).status_code == 422


def test_personal_columns_are_masked_in_the_thread_too(
    person: Callable[[str], Browserish], program: Callable[..., Browserish]
) -> None:
    admin = person("kendal.admin")
    made = admin.send("/partners/contact/add", {"name": "Narahubung", "partner": "1", "phone": "0812 3456 7890"})
    path = made.headers["Location"]
    given = {"name": "Narahubung", "partner": "1", "phone": "0812 3456 7899"}
    assert admin.send(f"{path}/edit", given).status_code == 302
    open_eyes = person("kendal.kabid").get(f"{path}/timeline").text + person("kendal.staf").get(f"{path}/timeline").text
    masked = admin.get(f"{path}/timeline").text
    assert "7899" in open_eyes or "•••••" in masked


def test_messages_are_found_and_erased_with_a_persons_data(app: Any) -> None:
    from app.access.column_rights import erasable_columns
    from app.thread.record_activity import RecordActivity
    from app.thread.record_message import RecordMessage

    assert "text" in erasable_columns(RecordMessage)
    assert "summary" in erasable_columns(RecordActivity)


def test_a_state_that_moved_is_told_to_followers(app: Any, person: Callable[[str], Browserish]) -> None:
    staff, head = person("kendal.staf"), person("kendal.kabid")
    booking = {"room": "1", "purpose": "Rapat berkabar", "responsible": "Petugas"}
    hours = {"starts_at": "2027-03-01T09:00", "ends_at": "2027-03-01T10:00"}
    path = staff.send("/rooms/booking/add", {**booking, **hours}).headers["Location"]
    head.send(f"{path}/follow", {"follow": "1"}, form_at=f"{path}/timeline")
    assert f'action="{path}/do/cancel"' in staff.get(path).text
    staff.send(f"{path}/do/cancel", {}, form_at=path)
    assert len(told(app, "kendal.kabid")) == 1
