"""What a person does with the jobs that work in their name: follow, cancel, fetch the file. Nobody sees another's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app import clock
from app.access.access import current_access
from app.access.administration import institution_here
from app.errors import Conflict, NotFound
from app.i18n import lazy_gettext as _l
from app.jobs.administration import LARGEST_ID, stop
from app.jobs.declared import Job, jobs
from app.jobs.job_progress import JobProgress
from app.jobs.job_run import ENDED, JobRun
from app.jobs.prepared_file import PreparedFile

SHOWN = 30


@dataclass(frozen=True, slots=True)
class OwnJob:
    """One job with what is known of it: how far it is, and the file that it made."""

    run: JobRun
    job: Job
    progress: JobProgress | None
    file: PreparedFile | None

    @property
    def is_over(self) -> bool:
        """Whether nothing changes any more."""
        return self.run.state in ENDED

    @property
    def may_be_cancelled(self) -> bool:
        """Whether cancelling is of use: it waits, or it hears of it at its next report."""
        asked = self.progress is not None and self.progress.cancel_asked_at is not None
        return self.run.state in {"queued", "waiting"} or (self.run.state == "running" and not asked)


def page_of(run: JobRun | None) -> str:
    """Where somebody follows the job that they asked for; without one, which is being done already, all of theirs."""
    return f"/kernel/my-jobs/{run.id}" if run is not None else "/kernel/my-jobs/"


def _mine(session: Session) -> Select[Any]:
    names = [name for name, job in jobs.items() if job.as_person and current_access().sees_addon(job.addon or "kernel")]
    return select(JobRun).where(
        JobRun.institution_id == institution_here(session),
        JobRun.created_by_id == current_access().user_id,
        JobRun.name.in_(names),
    )


def own_jobs(session: Session, *, under_way: bool = False, limit: int = SHOWN) -> list[OwnJob]:
    """The present person's jobs in the active institution, newest first; only those ``under_way`` if asked for."""
    wanted = _mine(session).order_by(JobRun.id.desc()).limit(limit)
    if under_way:
        wanted = wanted.where(JobRun.state.not_in(ENDED))
    return _known(session, list(session.scalars(wanted)))


def own_job(session: Session, run_id: int) -> OwnJob:
    """One of them. Raises `NotFound` for anybody else's."""
    run = session.scalar(_mine(session).where(JobRun.id == run_id)) if run_id <= LARGEST_ID else None
    if run is None:
        raise NotFound(_l("This job does not exist, or it is not yours."))
    return _known(session, [run])[0]


def _known(session: Session, runs: list[JobRun]) -> list[OwnJob]:
    ids = [run.id for run in runs]
    said = session.scalars(select(JobProgress).where(JobProgress.run_id.in_(ids))) if ids else ()
    progress = {item.run_id: item for item in said}
    offered = select(PreparedFile).where(PreparedFile.run_id.in_(ids), PreparedFile.kept_until > clock.now())
    files = {file.run_id: file for file in session.scalars(offered)} if ids else {}
    return [OwnJob(run, jobs[run.name], progress.get(run.id), files.get(run.id)) for run in runs]


def cancel_own(session: Session, run_id: int) -> None:
    """Take it out of the queue, or have it stop at its next report: what it did is undone. Raises `Conflict`."""
    found = own_job(session, run_id)
    if found.is_over:
        raise Conflict(_l("This job has ended already."), code="state")
    stop(session, found.run.id, "a person cancels a job of their own")


def own_file(session: Session, run_id: int) -> PreparedFile:
    """The file that a job made. Raises `NotFound` when there is none, or no more."""
    file = own_job(session, run_id).file
    if file is None or file.user_id != current_access().user_id:
        raise NotFound(_l("This file is no longer offered. Ask for it again."))
    return file
