"""The outbox on the screen: one's own institution's, readable unless confidential, and sent again by a click."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.database.session import db
from app.mail.outbox import send_mail
from app.testing.queue import Queue
from tests.mail.conftest import MailServer

PAGE = "/kernel/mail/"


def test_each_institution_reads_its_own_mail_and_the_platform_all(app: Any, write: Any, person: Any) -> None:
    kendal = write("kendal", subject="QZ-kendal", body="QZ-text-kendal")
    unair = write("unair", subject="QZ-unair", body="QZ-text-unair")
    with app.app_context():
        platform = send_mail(db.session(), to="a@b.test", subject="QZ-platform", body="QZ-text-platform").id
        db.session.commit()
    expected = {"kendal.admin": {kendal}, "unair.admin": {unair}, "admin": {kendal, unair, platform}}
    names = {kendal: "kendal", unair: "unair", platform: "platform"}
    for username, visible in expected.items():
        someone = person(username)
        page = someone.get(PAGE).text
        for mail_id, name in names.items():
            answer = someone.get(f"{PAGE}{mail_id}")
            assert (f"QZ-{name}" in page) == (mail_id in visible), (username, name)
            assert answer.status_code == (200 if mail_id in visible else 404)
            assert (f"QZ-text-{name}" in answer.text) == (mail_id in visible)


def test_whoever_has_no_right_is_refused(write: Any, person: Any, run_jobs: Queue) -> None:
    mail_id = write(subject="QZ-kendal")
    staf = person("kendal.staf")
    assert person("kendal.admin").get(f"{PAGE}{mail_id}").status_code == 200
    for path in (PAGE, f"{PAGE}{mail_id}"):
        assert staf.get(path).status_code == 403
    before = run_jobs.execute("SELECT m::text FROM outgoing_mail m")
    assert staf.send(f"{PAGE}{mail_id}/again", {}, form_at="/partners/partner/add").status_code == 403
    other = person("unair.admin").send(f"{PAGE}{mail_id}/again", {}, form_at=PAGE)
    assert other.status_code == 404
    assert run_jobs.execute("SELECT m::text FROM outgoing_mail m") == before


def test_a_failed_mail_is_sent_again_by_a_click_and_the_row_tells_by_whom(
    write: Any, person: Any, server: MailServer, run_jobs: Queue
) -> None:
    server.handler.recipient_answers.append("550 no")
    mail_id = write()
    run_jobs()
    admin = person("kendal.admin")
    page = admin.get(f"{PAGE}{mail_id}").text
    assert "The mail server refused the recipient." in page
    assert "550" in page
    answer = admin.send(f"{PAGE}{mail_id}/again", {}, form_at=f"{PAGE}{mail_id}")
    assert answer.status_code == 302
    who = "SELECT u.username, m.state FROM outgoing_mail m JOIN ab_user u ON u.id = m.changed_by_id"
    assert run_jobs.execute(who) == [("kendal.admin", "queued")]
    run_jobs()
    assert server.subjects == ["Undangan"]


def test_a_sent_mail_can_be_sent_again_under_another_number(
    write: Any, person: Any, server: MailServer, run_jobs: Queue
) -> None:
    mail_id = write()
    run_jobs()
    person("kendal.admin").send(f"{PAGE}{mail_id}/again", {}, form_at=f"{PAGE}{mail_id}")
    run_jobs()
    first, second = server.handler.received
    assert first["Message-ID"] != second["Message-ID"]


def test_what_cannot_be_sent_again_says_why(write: Any, person: Any, server: MailServer, run_jobs: Queue) -> None:
    gone, moving = write(confidential=True), write(subject="Moving")
    run_jobs()
    run_jobs.execute("UPDATE outgoing_mail SET state = 'sending' WHERE id = %s", moving)
    admin = person("kendal.admin")
    for mail_id, words in ((gone, "is gone"), (moving, "is being sent just now")):
        assert f"{PAGE}{mail_id}/again" not in admin.get(f"{PAGE}{mail_id}").text
        answer = admin.send(f"{PAGE}{mail_id}/again", {}, form_at="/partners/partner/add", follow_redirects=True)
        assert words in answer.text
    assert run_jobs.waiting() == 0


def test_a_one_time_link_is_read_by_developers_but_in_production_by_nobody(
    app: Any, write: Any, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_id = write(subject="Invitation", body="https://sinergi.test/QZSECRET", confidential=True)
    admin = person("kendal.admin")
    assert "QZSECRET" in admin.get(f"{PAGE}{mail_id}").text
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], env="production"))
    page = admin.get(f"{PAGE}{mail_id}").text
    assert "Invitation" in page
    assert "QZSECRET" not in page


def test_without_a_server_the_page_says_so_and_without_mail_too(person: Any, write: Any, run_jobs: Queue) -> None:
    admin = person("kendal.admin")
    text = admin.get(PAGE).text
    assert "No mail server is configured (SINERGI_MAIL_SERVER)" in text
    assert "No mail was written yet." in text
    mail_id = write()
    run_jobs()
    assert "No mail server is configured: the mail waits here." in admin.get(f"{PAGE}{mail_id}").text
    assert "Surel keluar" in admin.get(PAGE, headers={"Accept-Language": "id"}).text


def test_a_poisoned_mail_stays_text(write: Any, person: Any) -> None:
    mail_id = write(subject="<script>alert(1)</script>", body="<img src=x onerror=alert(1)>", html="<script>x</script>")
    admin = person("kendal.admin")
    for path in (PAGE, f"{PAGE}{mail_id}"):
        page = admin.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "&lt;script&gt;alert" in admin.get(PAGE).text


@pytest.mark.parametrize("number", [0, 999_999, 2**31, 10**20])
def test_a_mail_that_does_not_exist_is_not_found(app: Any, person: Any, number: int) -> None:
    for username in ("kendal.admin", "admin"):
        someone = person(username)
        assert someone.get(f"{PAGE}{number}").status_code == 404
        for path in (f"{PAGE}{number}/again", f"/kernel/jobs/{number}/retry", f"/kernel/jobs/{number}/cancel"):
            assert someone.send(path, {}, form_at=PAGE).status_code == 404
