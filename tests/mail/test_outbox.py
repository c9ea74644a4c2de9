"""The outbox: nothing without a commit, nothing twice, nothing lost, and no line where none belongs."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from app.access.acting import acting_as_system
from app.database.session import db
from app.errors import Invalid
from app.jobs.worker import run_waiting_jobs
from app.mail.outbox import send_mail
from app.mail.recovery import recover_mail
from app.testing.queue import Queue
from tests.mail.conftest import MailServer, free_port

pytestmark = pytest.mark.postgres


def mails(run_jobs: Queue) -> list[dict[str, Any]]:
    """Every row of the outbox."""
    return [row[0] for row in run_jobs.execute("SELECT to_jsonb(m) FROM outgoing_mail m ORDER BY id")]


def test_a_mail_arrives_as_it_was_written(write: Any, server: MailServer, run_jobs: Queue) -> None:
    write(subject="Undangan rapat – Selasa", body="Yth. Bapak/Ibu,\n\nmohon hadir.\n", html="<p>mohon hadir</p>")
    assert server.subjects == []
    run_jobs()
    (message,) = server.handler.received
    assert message["Subject"] == "Undangan rapat – Selasa"
    assert message["To"] == "penerima@contoh.test"
    assert message["From"] == "Sinergi Contoh <sinergi@kampus.test>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@kampus.test>")
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert text.get_content().splitlines() == ["Yth. Bapak/Ibu,", "", "mohon hadir."]
    assert html is not None
    assert html.get_content().strip() == "<p>mohon hadir</p>"
    assert (server.handler.envelopes[0].mail_from, server.handler.envelopes[0].rcpt_tos) == (
        "sinergi@kampus.test",
        ["penerima@contoh.test"],
    )
    (row,) = mails(run_jobs)
    assert (row["state"], row["attempts"], row["last_error"]) == ("sent", 1, "")
    assert row["sent_at"]


def test_what_is_rolled_back_is_never_sent(acting: Any, server: MailServer, run_jobs: Queue) -> None:
    with acting("kendal.admin", "kendal"):
        send_mail(db.session(), to="penerima@contoh.test", subject="Nie", body="x")
        db.session.rollback()
    run_jobs()
    assert server.subjects == []
    assert mails(run_jobs) == []


def test_without_a_server_a_mail_waits_and_leaves_once_there_is_one(
    app: Any, write: Any, smtp: MailServer, configured: Any, run_jobs: Queue
) -> None:
    write()
    run_jobs()
    (row,) = mails(run_jobs)
    assert (row["state"], row["last_error"], row["attempts"]) == ("queued", "no_server", 0)
    assert run_jobs.waiting() == 0
    configured(smtp.port)
    with app.app_context():
        recover_mail()
    assert run_jobs.waiting() == 0  # it was written only just now: its own job may still be on the way
    run_jobs.execute("UPDATE outgoing_mail SET changed_at = now() - interval '11 minutes'")
    for _turn in range(2):
        with app.app_context():
            recover_mail()
    assert run_jobs.waiting() == 1
    run_jobs()
    assert smtp.subjects == ["Undangan"]


def test_a_mail_that_waited_for_days_is_left_to_the_administrator(
    app: Any, write: Any, server: MailServer, run_jobs: Queue
) -> None:
    write()
    run_jobs.execute("DELETE FROM procrastinate_jobs")
    run_jobs.execute("UPDATE job_run SET state = 'cancelled'")
    run_jobs.execute("UPDATE outgoing_mail SET created_at = now() - interval '4 days', changed_at = created_at")
    with app.app_context():
        recover_mail()
    assert run_jobs.waiting() == 0


def test_a_server_that_is_away_is_tried_again_with_growing_waits_until_it_is_there(
    write: Any, configured: Any, run_jobs: Queue, smtp: MailServer
) -> None:
    configured(free_port())
    write()
    run_jobs()
    (row,) = mails(run_jobs)
    assert (row["state"], row["last_error"], row["attempts"]) == ("queued", "unreachable", 1)
    (line,) = run_jobs.runs("kernel.send_mail")
    assert line["state"] == "waiting"
    assert line["error"]
    run_jobs(later=True)
    assert mails(run_jobs)[0]["attempts"] == 2
    configured(smtp.port)
    run_jobs(later=True)
    assert smtp.subjects == ["Undangan"]
    assert mails(run_jobs)[0]["state"] == "sent"


def test_a_server_that_stays_away_makes_the_mail_fail_in_the_end(write: Any, configured: Any, run_jobs: Queue) -> None:
    configured(free_port())
    write()
    for _turn in range(8):
        run_jobs(later=True)
    (row,) = mails(run_jobs)
    assert (row["state"], row["last_error"], row["attempts"]) == ("failed", "unreachable", 7)
    assert run_jobs.waiting() == 0


@pytest.mark.parametrize(
    ("answer", "state", "error", "code"),
    [
        ("550 5.1.1 no QZSECRET here", "failed", "recipient", 550),
        ("450 4.2.0 greylisted QZSECRET", "queued", "recipient", 450),
    ],
)
def test_a_refused_recipient_is_tried_again_only_when_that_may_help(
    write: Any, server: MailServer, run_jobs: Queue, answer: str, state: str, error: str, code: int
) -> None:
    server.handler.recipient_answers.append(answer)
    write()
    run_jobs()
    (row,) = mails(run_jobs)
    assert (row["state"], row["last_error"], row["reply_code"]) == (state, error, code)
    assert "QZSECRET" not in str(run_jobs.execute("SELECT m::text, r::text FROM outgoing_mail m, job_run r"))
    run_jobs(later=True)
    assert len(server.subjects) == (1 if state == "queued" else 0)


def test_a_mail_the_server_refuses_whole_has_failed(write: Any, server: MailServer, run_jobs: Queue) -> None:
    server.handler.data_answers.append("554 5.7.1 looks like spam")
    write()
    run_jobs()
    (row,) = mails(run_jobs)
    assert (row["state"], row["last_error"], row["reply_code"]) == ("failed", "refused", 554)


def test_a_line_that_breaks_after_the_mail_was_handed_over_is_not_taken_for_a_refusal(
    write: Any, server: MailServer, run_jobs: Queue
) -> None:
    """The server has it; only its answer was lost. Sending again by ourselves would be a second mail."""
    server.handler.breaks_off = True
    write()
    run_jobs()
    run_jobs(later=True)
    assert server.subjects == ["Undangan"]
    (row,) = mails(run_jobs)
    assert (row["state"], row["last_error"]) == ("failed", "unknown")


def test_two_workers_send_each_mail_once(app: Any, write: Any, server: MailServer, run_jobs: Queue) -> None:
    server.handler.slow = 0.02
    wanted = [f"Mail {number}" for number in range(10)]
    ids = [write(subject=subject) for subject in wanted]
    for mail_id in ids:  # and each is in the queue a second time, as after a recovery
        run_jobs.execute(
            "WITH r AS (INSERT INTO job_run (institution_id, name, arguments) SELECT institution_id, name, arguments "
            "FROM job_run WHERE arguments ->> 'mail_id' = %s LIMIT 1 RETURNING id, institution_id) "
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) SELECT 'default', 'sinergi.perform', "
            "jsonb_build_object('run_id', id, 'institution_id', institution_id) FROM r",
            str(mail_id),
        )
    assert run_jobs.waiting() == 20
    threads = [threading.Thread(target=run_waiting_jobs, args=(app, run_jobs.addresses.application)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(server.subjects) == wanted
    assert {row["state"] for row in mails(run_jobs)} == {"sent"}


def test_two_workers_at_one_mail_send_it_once_and_without_the_claim_they_would_send_it_twice(
    app: Any, write: Any, server: MailServer, run_jobs: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.mail import outbox

    def both(mail_id: int) -> None:
        barrier = threading.Barrier(2)

        def send() -> None:
            with app.app_context(), acting_as_system("kendal", "a test"):
                barrier.wait()
                outbox.send_one(db.session(), mail_id)

        threads = [threading.Thread(target=send) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    server.handler.slow = 0.1
    both(write(subject="Once"))
    assert server.subjects == ["Once"]
    twice = write(subject="Twice")

    def unguarded(session: Any, mail_id: int) -> Any:
        return session.get(outbox.OutgoingMail, mail_id)

    monkeypatch.setattr(outbox, "_claimed", unguarded)
    both(twice)
    assert server.subjects == ["Once", "Twice", "Twice"]


def test_a_mail_whose_worker_died_while_sending_is_not_sent_again_by_itself(
    app: Any, write: Any, server: MailServer, run_jobs: Queue
) -> None:
    write()
    run_jobs.execute("UPDATE outgoing_mail SET state = 'sending', tried_at = now() - interval '5 minutes'")
    with app.app_context():
        recover_mail()
    assert mails(run_jobs)[0]["state"] == "sending"
    run_jobs.execute("UPDATE outgoing_mail SET tried_at = now() - interval '16 minutes'")
    with app.app_context():
        recover_mail()
    run_jobs()
    (row,) = mails(run_jobs)
    assert (row["state"], row["last_error"]) == ("failed", "unknown")
    assert server.subjects == []


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@", "@b.test", "a b@c.test", "a@b.test\nBcc: c@d.test", "a@b.test, c@d.test", "A <a@b.test>",
     "a@b.test\r\n.", "ü@b.test", "a@b..test", "x" * 300 + "@b.test"],
)  # fmt: skip
def test_what_is_no_address_is_refused(acting: Any, address: str) -> None:
    with acting("kendal.admin", "kendal"), pytest.raises(Invalid) as refusal:
        send_mail(db.session(), to=address, subject="x", body="x")
    assert set(refusal.value.errors) == {"to"}


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        ("Hello\nBcc: c@d.test", "Hello Bcc: c@d.test"),
        ("Hello\r\n\r\nbody", "Hello body"),
        ("a\x00b\u2028c\u202ed\x85e", "a b c d e"),
        ("kata " * 100, "kata " * 39 + "…"),
    ],
)
def test_a_subject_is_one_line_whatever_was_typed(
    write: Any, server: MailServer, run_jobs: Queue, subject: str, line: str
) -> None:
    write(subject=subject)
    run_jobs()
    (message,) = server.handler.received
    assert message["Subject"] == line
    assert message["Bcc"] is None
    assert server.handler.envelopes[0].rcpt_tos == ["penerima@contoh.test"]


@pytest.mark.parametrize("values", [{"subject": " \n "}, {"subject": ""}, {"body": " "}, {"body": "x" * 200_001}])
def test_a_mail_without_subject_or_text_is_refused(acting: Any, values: dict[str, str]) -> None:
    given = {"to": "a@b.test", "subject": "x", "body": "x", **values}
    with acting("kendal.admin", "kendal"), pytest.raises(Invalid) as refusal:
        send_mail(db.session(), **given)
    assert set(refusal.value.errors) == set(values)


def test_the_library_refuses_a_line_break_in_a_header_too_should_one_ever_get_there(app: Any) -> None:
    from app.mail.outgoing_mail import OutgoingMail
    from app.mail.smtp import message_of

    mail = OutgoingMail(recipient="a@b.test", subject="x\nBcc: c@d.test", body="x", message_id="1")
    with pytest.raises(ValueError, match="linefeed"):
        message_of(mail, "Sinergi <sinergi@kampus.test>")


def test_a_body_cannot_end_the_mail_early(write: Any, server: MailServer, run_jobs: Queue) -> None:
    write(body="first\n.\nQUIT\nMAIL FROM:<a@b.test>\n..\nlast")
    run_jobs()
    (message,) = server.handler.received
    assert message.get_content().splitlines() == ["first", ".", "QUIT", "MAIL FROM:<a@b.test>", "..", "last"]


def test_a_confidential_mail_is_forgotten_once_it_was_sent(write: Any, server: MailServer, run_jobs: Queue) -> None:
    write(body="https://sinergi.test/invitation/QZSECRET", html="<p>QZSECRET</p>", confidential=True)
    run_jobs()
    assert "QZSECRET" in str(server.handler.received[0])
    for table in ("outgoing_mail", "job_run", "audit_entry", "procrastinate_jobs"):
        assert "QZSECRET" not in str(run_jobs.execute(f"SELECT t::text FROM {table} t"))


def test_mail_without_an_institution_is_the_platforms(app: Any, run_jobs: Queue, server: MailServer) -> None:
    with app.app_context():
        send_mail(db.session(), to="a@b.test", subject="Kata sandi", body="x")
        db.session.commit()
    assert run_jobs.execute("SELECT institution_id FROM outgoing_mail") == [(1,)]
    run_jobs()
    assert server.subjects == ["Kata sandi"]
