"""What a job made may be a page: a draft, a list of what it changed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.errors import AddonError
from app.jobs.job_run import JobRun
from app.jobs.progress import run_under_way


def offer_page(session: Session, address: str) -> None:
    """Lead whoever asked for the job to the page ``address`` of this application, once the job has succeeded. Raises
    `AddonError` outside a job.
    """
    run_id = run_under_way(session)
    if run_id is None:
        raise AddonError("A page is offered by a job.")
    session.get_one(JobRun, run_id).page = address
