"""Doing one job: in its institution, as the system or as a person, in a transaction that also says that it was done."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import Flask, g
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.access.acting import act_as
from app.database.scope import Scope, current_scope, enter_scope, institution_scope
from app.database.session import db
from app.errors import Forbidden, SinergiError
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.i18n.wording import use_wording
from app.jobs.declared import Job, jobs
from app.jobs.job_run import ENDED, JobRun
from app.jobs.progress import Stopped, under_way, write_progress
from app.jobs.queue import is_silent, release_key
from app.registry.enablement import enabled_addons
from app.registry.institution import Institution

log = logging.getLogger("sinergi.jobs")

BUSY_SECONDS = 30


class Again(Exception):
    """The job is to be tried again after ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:.0f} s")
        self.seconds = seconds


@contextmanager
def working_in(session: Session, institution_id: int, reason: str, *, user_id: int | None = None) -> Iterator[Scope]:
    """Work in the institution with rights lifted, for a block of the kernel's own; the former scope comes back.

    ``user_id`` names a person as the author of what is written, instead of nobody.
    """
    before = current_scope(session)
    enter_scope(session, None)
    zone = session.scalar(select(Institution.timezone).where(Institution.id == institution_id)) or "Asia/Jakarta"
    scope = Scope(institution_id, user_id, institution_scope(institution_id).readable, zone, reason)
    enter_scope(session, scope)
    try:
        yield scope
        session.flush()
    except BaseException:
        session.rollback()
        raise
    finally:
        enter_scope(session, before)


@contextmanager
def working_as(session: Session, user_id: int | None, institution_id: int) -> Iterator[None]:
    """Work with the rights that the person has now, for a block; the former scope comes back. Raises `Forbidden`."""
    before = current_scope(session)
    enter_scope(session, None)
    user = session.get(User, user_id) if user_id is not None else None
    if user is None or not user.active:
        raise Forbidden(_l("Whoever asked for it can no longer sign in."), code="person_gone")
    g.user = user
    act_as(user.id, institution_id)
    try:
        yield
        session.flush()
    except BaseException:
        session.rollback()
        raise
    finally:
        g.user = g.access = None
        enter_scope(session, before)


def perform(app: Flask, institution_id: int, run_id: int) -> None:
    """Do the job of the log's row ``run_id``, unless it has been done. Raises `Again` when it is to be tried later."""
    with app.app_context():
        session = db.session()
        with working_in(session, institution_id, "the log of jobs"):
            begun = _begin(session, institution_id, run_id)
            session.commit()
        if begun is None:
            return
        try:
            _do(session, institution_id, run_id, begun)
        except Again:
            session.rollback()
            raise
        except Stopped:
            session.rollback()
            _note_cancelled(session, institution_id, run_id)
        except Exception as error:
            session.rollback()
            wait = _note_failure(session, institution_id, run_id, begun, error)
            if wait is not None:
                raise Again(wait) from None


def _begin(session: Session, institution_id: int, run_id: int) -> Job | None:
    """Note that it begins; None when there is nothing to do: done before, cancelled, silent, or tried too often."""
    run = _locked(session, run_id)
    if run is None or run.state in ENDED:
        return None
    job, now = jobs.get(run.name), clock.now()
    if job is None:
        run.state, run.error, run.finished_at = "failed", _("No installed addon knows this job."), now
    elif is_silent(session, job, institution_id):
        run.state, run.error, run.finished_at = "cancelled", _("Its addon is switched off here."), now
    elif run.attempts >= job.retry.attempts:
        run.state, run.finished_at = "failed", now
        run.error = _("The worker ended every time while it did this job.")
    else:
        run.state, run.started_at, run.finished_at, run.next_at = "running", now, None, None
        run.attempts += 1
        release_key(session, run)
        return job
    return None


def _do(session: Session, institution_id: int, run_id: int, job: Job) -> None:
    # Done and said to be done in one transaction: after a crash it is either both or neither.
    with working_in(session, institution_id, f"{job.name}: {job.reason}"):
        run = _locked(session, run_id)
        if run is None:
            return
        use_wording(enabled_addons(institution_id, session))
        arguments, person = run.arguments, run.created_by_id
        with under_way(session, institution_id, run_id) as work:
            if job.as_person:
                with working_as(session, person, institution_id):
                    job.function(session, **arguments)
            else:
                job.function(session, **arguments)
                session.flush()
        if work.reported is not None:  # whoever cancelled it since the last report is heard, too
            write_progress(session, work, work.done, work.total)
    with working_in(session, institution_id, "the log of jobs"):
        run = session.get_one(JobRun, run_id)
        run.state, run.finished_at, run.error, run.fault = "succeeded", clock.now(), "", ""
        _tell(job, run)
        session.commit()


def _note_cancelled(session: Session, institution_id: int, run_id: int) -> None:
    with working_in(session, institution_id, "the log of jobs"):
        run = session.get_one(JobRun, run_id, with_for_update=True)
        run.state, run.finished_at, run.error, run.fault = "cancelled", clock.now(), "", ""
        session.commit()


def _note_failure(session: Session, institution_id: int, run_id: int, job: Job, error: Exception) -> float | None:
    """Write down what went wrong; the seconds until the next attempt, or None when it was the last."""
    with working_in(session, institution_id, "the log of jobs"):
        run = session.get_one(JobRun, run_id, with_for_update=True)
        # A person is told at once what is wrong; the rule would say the same a minute later.
        is_refused = job.as_person and isinstance(error, SinergiError)
        wait = None if is_refused else job.retry.seconds_after(run.attempts)
        run.finished_at = clock.now()
        run.error, run.fault = explained(error)
        run.state = "failed" if wait is None else "waiting"
        run.next_at = None if wait is None else clock.now() + timedelta(seconds=wait)
        _tell(job, run)
        session.commit()
    level = logging.INFO if is_refused else logging.ERROR if wait is None else logging.WARNING
    log.log(level, "job %s (%s) failed: %s", run_id, job.name, type(error).__name__, exc_info=error)
    return wait


def _tell(job: Job, run: JobRun) -> None:
    """Tell the person in whose name it worked how it ended; they may have gone on to other pages."""
    from app.jobs.own_jobs import page_of
    from app.notifications.notifications import notify

    if not job.as_person or run.created_by_id is None or run.state not in ENDED:
        return
    words = {"title": job.title, "about": run.about}
    if run.state == "succeeded":
        text = _l("%(title)s is done: %(about)s", **words) if run.about else _l("%(title)s is done.", **words)
    else:
        text = _l("%(title)s failed: %(about)s", **words) if run.about else _l("%(title)s failed.", **words)
    where = run.page if run.state == "succeeded" and run.page else page_of(run)
    notify([run.created_by_id], text, url=where, key=f"job {run.id} {run.state} {run.attempts}")


def explained(error: Exception) -> tuple[str, str]:
    """The sentence of a foreseen error, or the kind of another one: its text may hold what nobody should read."""
    if isinstance(error, SinergiError):
        return str(error.message)[:500], ""
    return "", type(error).__name__[:100]


def _locked(session: Session, run_id: int) -> JobRun | None:
    """The row, locked; None when it is gone. Raises `Again` while another worker holds it.

    The lock lets rows that point to it be written: its progress.
    """
    wanted = select(JobRun).where(JobRun.id == run_id)
    locking = wanted.with_for_update(skip_locked=True, key_share=True).execution_options(populate_existing=True)
    run = session.scalar(locking)
    if run is None and session.scalar(wanted) is not None:
        raise Again(BUSY_SECONDS)
    return run
