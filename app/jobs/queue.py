"""Putting jobs into the queue, in the caller's own transaction: what is rolled back was never asked for."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.database.scope import current_scope
from app.errors import AddonError, NoActiveInstitution
from app.jobs.declared import Job, jobs
from app.jobs.job_run import JobRun
from app.registry.enablement import enabled_addons

TASK = "sinergi.perform"
"""The one task that procrastinate knows; its arguments are ids, because no policy covers them."""


@lru_cache(maxsize=1)
def _deferring() -> App:
    # Never opened: it only writes on connections of ours.
    return App(connector=SyncPsycopgConnector())


def declared(name: str) -> Job:
    """The job ``name``. Raises `AddonError` when no loaded addon declares it."""
    if name not in jobs:
        raise AddonError(f"There is no job {name}.", code="job_unknown")
    return jobs[name]


def is_silent(session: Session, job: Job, institution_id: int) -> bool:
    """Whether the job's addon is switched off in the institution."""
    return job.addon is not None and job.addon not in enabled_addons(institution_id, session)


def defer(
    session: Session,
    name: str,
    *,
    institution_id: int | None = None,
    key: str = "",
    lock: str = "",
    at: datetime | None = None,
    about: str = "",
    **arguments: Any,
) -> JobRun | None:
    """Have the job ``name`` done after the caller's transaction commits, in the active institution, not before ``at``.

    ``key``: while a job with the same key is queued and not begun, this one is not queued too. ``lock``: jobs with the
    same lock run one after the other. ``about`` says in words what it is about, for whoever follows it. ``arguments``
    are plain JSON: ids rather than contents. Returns None when nothing was queued, because the key is taken or the
    addon is off here.
    """
    job, scope = declared(name), current_scope(session)
    if scope is None:
        raise NoActiveInstitution(f"the job {name} needs an institution to work in")
    if job.as_person and (scope.user_id is None or institution_id not in {None, scope.institution_id}):
        raise AddonError(f"The job {name} works as a person of the active institution, and nobody asks for it.")
    institution_id = institution_id or scope.institution_id
    if is_silent(session, job, institution_id):
        return None
    try:
        json.dumps(arguments, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise AddonError(f"The arguments of {name} must be plain JSON ({error}).") from None
    run = JobRun(
        institution_id=institution_id, name=name, about=about[:200], arguments=arguments, next_at=at, lock=lock
    )
    try:
        with session.begin_nested():
            session.add(run)
            session.flush()
            enqueue(session, run, key=key)
    except AlreadyEnqueued:
        return None
    return run


def enqueue(session: Session, run: JobRun, *, key: str = "") -> None:
    """Hand ``run`` to the queue. Raises procrastinate's `AlreadyEnqueued` when ``key`` waits already."""
    where = f"{run.institution_id}:{run.name}"
    connection = session.connection().connection.driver_connection
    task = _deferring().configure_task(
        TASK,
        queueing_lock=f"{where}:{key}" if key else None,
        lock=f"{where}:{run.lock}" if run.lock else None,
        schedule_at=run.next_at,
        connection=connection,
    )
    run.queue_id = task.defer(institution_id=run.institution_id, run_id=run.id)
    session.flush()


def release_key(session: Session, run: JobRun) -> None:
    """Let go of its key, now that it begins: when it is to be tried again, another one may hold the key."""
    session.execute(
        text("UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE id = :id AND queueing_lock IS NOT NULL"),
        {"id": run.queue_id},
    )


def take_out(session: Session, run: JobRun) -> None:
    """Take a job that waits out of the queue; one that runs just now stays."""
    session.execute(text("SELECT procrastinate_cancel_job_v1(:id, false, true)"), {"id": run.queue_id})
