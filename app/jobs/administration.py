"""What an administrator does with jobs: look, try again, cancel. Jobs of others are seen by the platform's only."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import clock
from app.access.access import current_access, require
from app.access.administration import institution_here
from app.database.base import InstitutionOwned
from app.database.scope import Scope, across_institutions
from app.errors import BadRequest, Conflict, NotFound
from app.i18n import lazy_gettext as _l
from app.jobs.declared import jobs
from app.jobs.job_progress import JobProgress
from app.jobs.job_run import STATES, JobRun
from app.jobs.performing import working_in
from app.jobs.progress import ask_to_stop, forget_progress
from app.jobs.queue import enqueue, is_silent, take_out

PAGE_SIZE = 25
COUNT_CAP = 10_000
SILENT_FOR = timedelta(minutes=1)
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Found:
    """A page of rows, newest first, in the words of `app.views.listing.Page`."""

    records: list[Any]
    count: int
    page: int
    size: int = PAGE_SIZE

    @property
    def is_capped(self) -> bool:
        """Whether there are more than were counted."""
        return self.count > COUNT_CAP

    @property
    def last(self) -> int:
        """The number of the last page, from 0."""
        return max(0, (min(self.count, COUNT_CAP) - 1) // self.size)


def reading(session: Session) -> AbstractContextManager[Session]:
    """The session to look with: that of the institution, or one over all of them for the platform's administrator."""
    if current_access().is_platform:
        return across_institutions(session, "the platform's administrator looks after all jobs and mail")
    return nullcontext(session)


def confined(session: Session, statement: Select[Any], model: type[InstitutionOwned]) -> Select[Any]:
    """``statement`` without rows of others: also those that all share are the platform's own here."""
    if current_access().is_platform:
        return statement
    return statement.where(model.institution_id == institution_here(session))


def page_of(session: Session, model: Any, state: str, page: int, states: Any) -> Found:
    """The rows of ``model`` in ``state`` (all when empty), newest first."""
    if state and state not in states:
        raise BadRequest(_l("The filter on %(column)s cannot be read.", column=_l("State")), code="bad_filter")
    wanted = confined(session, select(model), model)
    if state:
        wanted = wanted.where(model.state == state)
    with reading(session) as reader:
        capped = wanted.with_only_columns(model.id).limit(COUNT_CAP + 1).subquery()
        count = reader.scalar(select(func.count()).select_from(capped)) or 0
        rows = list(reader.scalars(wanted.order_by(model.id.desc()).offset(page * PAGE_SIZE).limit(PAGE_SIZE)))
        if reader is not session:
            reader.expunge_all()
    return Found(rows, count, page)


def runs(session: Session, state: str = "", page: int = 0) -> Found:
    """The log of jobs."""
    require(JobRun, "read", session)
    return page_of(session, JobRun, state, page, STATES)


def progress_here(session: Session, rows: Sequence[JobRun]) -> dict[int, JobProgress]:
    """How far those of ``rows`` are that run just now, by their ids."""
    ids = [run.id for run in rows if run.state == "running"]
    if not ids:
        return {}
    with reading(session) as reader:
        found = {item.run_id: item for item in reader.scalars(select(JobProgress).where(JobProgress.run_id.in_(ids)))}
        if reader is not session:
            reader.expunge_all()
    return found


def row_of(session: Session, model: Any, pk: int) -> Any:
    """One row to look at. Raises `NotFound` when it is none of theirs."""
    with reading(session) as reader:
        wanted = confined(session, select(model).where(model.id == pk), model)
        found = reader.scalar(wanted) if pk <= LARGEST_ID else None
        if reader is not session:
            reader.expunge_all()
    if found is None:
        raise NotFound(_l("This record does not exist, or you may not see it."))
    return found


def administering(session: Session, model: Any, pk: int, reason: str) -> AbstractContextManager[Scope]:
    """Work in the institution whose row it is, in the name of the present person. Raises `NotFound` when the row is
    none of theirs.
    """
    return working_in(session, row_of(session, model, pk).institution_id, reason, user_id=current_access().user_id)


def try_again(session: Session, run_id: int) -> None:
    """Queue a job that failed, was cancelled or waits for its next attempt. Raises `Conflict` in any other state."""
    require(JobRun, "write", session)
    with administering(session, JobRun, run_id, "an administrator tries a job again"):
        run = _locked(session, run_id)
        job = jobs.get(run.name)
        if run.state not in {"failed", "cancelled", "waiting"} or job is None:
            raise Conflict(_l("Only a job that failed, waits or was cancelled can be tried again."), code="state")
        if is_silent(session, job, run.institution_id):
            raise Conflict(_l("The addon of this job is switched off here."), code="addon_off")
        take_out(session, run)
        forget_progress(session, run)
        run.state, run.attempts, run.next_at = "queued", 0, None
        run.error, run.fault, run.finished_at = "", "", None
        enqueue(session, run)


def cancel(session: Session, run_id: int) -> bool:
    """Cancel a job; True when it has ended by that, False when it runs and stops at its next report.

    One that never says how far it is does not hear of it and runs to its end. Raises `Conflict` for one that has ended.
    """
    require(JobRun, "write", session)
    return stop(session, run_id, "an administrator cancels a job")


def stop(session: Session, run_id: int, reason: str) -> bool:
    """Take a job out of the queue, or have one that runs stop at its next report, for whoever may; see `cancel`."""
    with administering(session, JobRun, run_id, reason) as scope:
        run = session.get_one(JobRun, run_id)
        if run.state == "running":
            ask_to_stop(session, scope.institution_id, run_id)
            return False
        run = _locked(session, run_id)
        if run.state not in {"queued", "waiting"}:
            raise Conflict(_l("Only a job that has not ended can be cancelled."), code="state")
        take_out(session, run)
        run.state, run.next_at, run.finished_at = "cancelled", None, clock.now()
    return True


def _locked(session: Session, run_id: int) -> JobRun:
    try:
        with session.begin_nested():
            return session.get_one(JobRun, run_id, with_for_update={"nowait": True})
    except OperationalError:
        raise Conflict(_l("This job is running just now."), code="running") from None


def last_sign_of_a_worker(session: Session) -> datetime | None:
    """When a worker was last heard of; None when none is registered."""
    found: datetime | None = session.scalar(text("SELECT max(last_heartbeat) FROM procrastinate_workers"))
    return found


def is_anybody_working(session: Session) -> bool:
    """Whether some worker was heard of lately."""
    last = last_sign_of_a_worker(session)
    return last is not None and clock.now() - last < SILENT_FOR
