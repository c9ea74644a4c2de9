"""Jobs say how far they are, and learn that somebody wants them to stop."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.database.scope import Scope, institution_scope
from app.database.session import WRITES_OWN_INSTITUTION, GuardedSession
from app.jobs.job_progress import JobProgress
from app.jobs.job_run import JobRun

SECONDS_BETWEEN_REPORTS = 0.5
_UNDER_WAY = "job_under_way"
_OWN_WRITE = {WRITES_OWN_INSTITUTION: True, "synchronize_session": False}


class Stopped(Exception):
    """Somebody asked the job to stop: what it did is undone."""


@dataclass
class UnderWay:
    """The job that a session does just now, and what it reported last."""

    institution_id: int
    run_id: int
    total: int | None = None
    done: int = 0
    reported: float | None = None

    def is_due(self, done: int, total: int | None) -> bool:
        """Whether a report is worth a transaction: the first, the last, and one each half second between them."""
        if self.reported is None or total != self.total or done == total:
            return True
        return time.monotonic() - self.reported >= SECONDS_BETWEEN_REPORTS


@contextmanager
def under_way(session: Session, institution_id: int, run_id: int) -> Iterator[UnderWay]:
    """Do the job ``run_id`` with ``session`` for a block."""
    work = UnderWay(institution_id, run_id)
    session.info[_UNDER_WAY] = work
    try:
        yield work
    finally:
        session.info.pop(_UNDER_WAY, None)


def run_under_way(session: Session) -> int | None:
    """The id of the run that ``session`` does just now."""
    work: UnderWay | None = session.info.get(_UNDER_WAY)
    return work.run_id if work is not None else None


def report_progress(session: Session, done: int, total: int | None = None) -> None:
    """Say that ``done`` of ``total`` parts are done; without a total nobody knows how many there will be.

    Others see it at once, whatever becomes of the job. Outside a job it does nothing. When somebody cancelled the job,
    it raises an exception that undoes the job: let it pass.
    """
    work: UnderWay | None = session.info.get(_UNDER_WAY)
    if work is not None and work.is_due(done, total):
        write_progress(session, work, done, total)


def write_progress(session: Session, work: UnderWay, done: int, total: int | None) -> None:
    """Write it down in a transaction of its own. Raises `Stopped`."""
    work.done, work.total, work.reported = done, total, time.monotonic()
    if upsert(session, work.institution_id, work.run_id, done=done, total=total) is not None:
        raise Stopped


def ask_to_stop(session: Session, institution_id: int, run_id: int) -> None:
    """Have a running job stop at its next report; in a transaction of its own, so that it is seen at once."""
    upsert(session, institution_id, run_id, cancel_asked_at=clock.now())


def forget_progress(session: Session, run: JobRun) -> None:
    """Begin anew: nothing is done, and nobody asks it to stop."""
    gone = delete(JobProgress).where(JobProgress.institution_id == run.institution_id, JobProgress.run_id == run.id)
    session.execute(gone, execution_options=_OWN_WRITE)


def upsert(session: Session, institution_id: int, run_id: int, **values: Any) -> datetime | None:
    """Write ``values`` of the run's progress; when somebody asked it to stop, if so."""
    scope = institution_scope(institution_id)
    scope = Scope(institution_id, None, scope.readable, scope.timezone, "a job says how far it is")
    statement = insert(JobProgress).values(institution_id=institution_id, run_id=run_id, **values)
    statement = statement.on_conflict_do_update(index_elements=["institution_id", "run_id"], set_=values)
    with GuardedSession(bind=session.get_bind(), info={"scope": scope}) as own:
        asked = own.scalar(statement.returning(JobProgress.cancel_asked_at), execution_options=_OWN_WRITE)
        own.commit()
    return asked
