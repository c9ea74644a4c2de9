"""The kernel's own periodic jobs: files that a crash left behind, and the run log growing old."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete
from sqlalchemy.orm import Session

from app import clock
from app.database.scope import current_scope
from app.database.session import WRITES_OWN_INSTITUTION
from app.i18n import lazy_gettext as _l
from app.jobs.declared import job
from app.jobs.job_run import JobRun
from app.jobs.prepared_file import PreparedFile
from app.records.attachment import files_folder, sweep_pending_files

PENDING_FOR = timedelta(days=1)
KEPT = {"succeeded": timedelta(days=30), "cancelled": timedelta(days=30), "failed": timedelta(days=90)}


@job(
    "kernel.sweep_files",
    title=_l("Remove files that no record took"),
    reason="files without a record belong to nobody",
    every="30 2 * * *",
    runs="platform",
)
def sweep_files(_session: Session) -> None:
    """A crash between writing a file and committing its record leaves the file behind."""
    sweep_pending_files(files_folder(), (clock.now() - PENDING_FOR).timestamp())


@job(
    "kernel.prune_runs",
    title=_l("Shorten the log of jobs"),
    reason="old lines of the log go, whoever may read them",
    every="45 2 * * *",
    runs="both",
)
def prune_runs(session: Session) -> None:
    """Thirty days of what went well, ninety of what failed."""
    for state, age in KEPT.items():
        _forget(session, JobRun, JobRun.state == state, JobRun.finished_at < clock.now() - age)


@job(
    "kernel.forget_files",
    title=_l("Remove prepared downloads"),
    reason="files that are no longer offered go, whoever they were made for",
    every="20 * * * *",
    runs="institutions",
)
def forget_files(session: Session) -> None:
    """What jobs made for people is offered for three days."""
    _forget(session, PreparedFile, PreparedFile.kept_until < clock.now())


def _forget(session: Session, model: Any, *conditions: ColumnElement[bool]) -> None:
    """Delete rows of the institution in which the job works."""
    scope = current_scope(session)
    old = delete(model).where(model.institution_id == (scope.institution_id if scope else 0), *conditions)
    session.execute(old.execution_options(**{WRITES_OWN_INSTITUTION: True, "synchronize_session": False}))
