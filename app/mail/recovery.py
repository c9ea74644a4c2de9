"""Mail that a crash, or a time without a server, left in the outbox."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, select

from app import clock
from app.database.scope import across_institutions
from app.database.session import db
from app.jobs.job_run import ENDED, JobRun
from app.jobs.performing import working_in
from app.jobs.queue import defer
from app.mail.outbox import SEND, has_server
from app.mail.outgoing_mail import OutgoingMail

LONGEST_SENDING = timedelta(minutes=15)
NOT_NOW = timedelta(minutes=10)
TOO_OLD = timedelta(days=3)
"""A mail that waited longer for a server says what no longer holds; an administrator may still send it."""


def recover_mail() -> None:
    """Give up on what broke off while being sent; queue again what waits without a job."""
    session = db.session()
    now = clock.now()
    with across_institutions(session, "mail that a crash or a missing server left behind") as reader:
        broken = select(OutgoingMail.institution_id, OutgoingMail.id).where(
            OutgoingMail.state == "sending", OutgoingMail.tried_at < now - LONGEST_SENDING
        )
        found = [(*row, "broken") for row in reader.execute(broken)]
        if has_server():
            job = exists().where(
                JobRun.institution_id == OutgoingMail.institution_id,
                JobRun.name == SEND,
                JobRun.state.not_in(ENDED),
                JobRun.arguments["mail_id"].as_integer() == OutgoingMail.id,
            )
            waiting = select(OutgoingMail.institution_id, OutgoingMail.id).where(
                OutgoingMail.state == "queued",
                OutgoingMail.changed_at < now - NOT_NOW,
                OutgoingMail.created_at > now - TOO_OLD,
                ~job,
            )
            found += [(*row, "waiting") for row in reader.execute(waiting)]
    for institution_id, mail_id, what in found:
        _recover(institution_id, mail_id, what)


def _recover(institution_id: int, mail_id: int, what: str) -> None:
    session = db.session()
    with working_in(session, institution_id, "mail is recovered whoever wrote it"):
        mail = session.get_one(OutgoingMail, mail_id, with_for_update=True)
        if what == "broken" and mail.state == "sending":
            mail.state, mail.last_error = "failed", "unknown"
        elif mail.state == "queued":
            defer(session, SEND, key=str(mail_id), mail_id=mail_id)
        session.commit()
