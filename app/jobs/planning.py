"""What the clock wants: each minute, the periodic jobs that are due are queued, institution by institution."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.access.acting import institutions
from app.database.scope import SHARED_INSTITUTION_ID, across_institutions
from app.database.session import db
from app.jobs.declared import Job, jobs
from app.jobs.job_run import JobRun
from app.jobs.performing import working_in
from app.jobs.queue import enqueue, is_silent

PLATFORM_ZONE = "Asia/Jakarta"
CATCH_UP = timedelta(hours=12)
"""How late a job is still started after no worker was there at its time."""


def plan_due_jobs() -> int:
    """Queue every periodic job that is due and was not queued for that time yet; returns how many."""
    session = db.session()
    planned = _already_planned(session)
    found = [item for item in _due(session, clock.now()) if item not in planned]
    return sum(_plan(session, institution_id, name, moment) for institution_id, name, moment in found)


def _due(session: Session, now: datetime) -> Iterator[tuple[int, str, datetime]]:
    periodic = [job for job in jobs.values() if job.every]
    places = [(key, zone) for key, (_code, _name, zone) in institutions().items()]
    for job in periodic:
        if job.runs != "institutions":
            yield from _due_at(job, SHARED_INSTITUTION_ID, PLATFORM_ZONE, now)
        if job.runs != "platform":
            for institution_id, zone in places:
                if not is_silent(session, job, institution_id):
                    yield from _due_at(job, institution_id, zone, now)


def _due_at(job: Job, institution_id: int, zone: str, now: datetime) -> Iterator[tuple[int, str, datetime]]:
    moment = job.last_due(now.astimezone(ZoneInfo(zone)))
    if moment is not None and now - moment < CATCH_UP:
        yield institution_id, job.name, moment


def _already_planned(session: Session) -> set[tuple[int, str, datetime]]:
    with across_institutions(session, "which periodic jobs were queued already") as reader:
        rows = reader.execute(
            select(JobRun.institution_id, JobRun.name, func.max(JobRun.planned_for))
            .where(JobRun.planned_for > clock.now() - CATCH_UP - timedelta(days=1))
            .group_by(JobRun.institution_id, JobRun.name)
        ).all()
    return {(institution_id, name, moment) for institution_id, name, moment in rows if moment}


def _plan(session: Session, institution_id: int, name: str, moment: datetime) -> bool:
    """Queue it, unless another worker was quicker. Two runs of one periodic job never overlap in an institution."""
    with working_in(session, institution_id, "the clock starts periodic jobs"):
        run = JobRun(institution_id=institution_id, name=name, arguments={}, planned_for=moment, lock="periodic")
        try:
            with session.begin_nested():
                session.add(run)
                session.flush()
                enqueue(session, run, key="periodic")
        except (AlreadyEnqueued, IntegrityError):
            return False
        session.commit()
    return True
