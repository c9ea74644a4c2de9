"""One's own jobs: how far they are, cancelling them, and the files that they made."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import flash, redirect, send_file
from werkzeug.wrappers import Response

from app.database.session import db
from app.errors import Conflict
from app.jobs.administration import is_anybody_working
from app.jobs.job_run import STATES
from app.jobs.own_jobs import OwnJob, cancel_own, own_file, own_job, own_jobs
from app.views.page_view import PageView, route


class MyJobsPage(PageView):
    """``/kernel/my-jobs``: for everybody, each their own."""

    path = "my-jobs"

    @route("/")
    def index(self) -> str:
        """The newest ones."""
        self.enter()
        return self.render("jobs/mine.html", found=own_jobs(db.session()), **page_values())

    @route("/<int:pk>")
    def show(self, pk: int) -> str:
        """One of them."""
        return self._one("jobs/one.html", pk)

    @route("/<int:pk>/progress")
    def progress(self, pk: int) -> str:
        """The changing part of it, for the script that looks again and again."""
        return self._one("jobs/progress.html", pk)

    @route("/<int:pk>/line")
    def line(self, pk: int) -> str:
        """Its line in the list and below the bell."""
        return self._one("jobs/line.html", pk)

    @route("/<int:pk>/cancel", methods=["POST"])
    def cancel(self, pk: int) -> Response:
        """Stop it; what it did is undone."""
        self.enter()
        try:
            cancel_own(db.session(), pk)
        except Conflict as refusal:
            db.session.rollback()
            flash(str(refusal.message), "warning")
        return redirect(f"/kernel/my-jobs/{pk}")

    @route("/<int:pk>/file")
    def file(self, pk: int) -> Response:
        """The file that it made."""
        self.enter()
        kept = own_file(db.session(), pk)
        return send_file(
            BytesIO(kept.content), mimetype=kept.kind, as_attachment=True, download_name=kept.name, max_age=0
        )

    def _one(self, template: str, pk: int) -> str:
        self.enter()
        return self.render(template, item=own_job(db.session(), pk), **page_values())


def page_values() -> dict[str, Any]:
    """What every template with a job needs beside it."""
    return {"states": STATES, "title_of": title_of, "is_anybody_working": is_anybody_working(db.session())}


def title_of(item: OwnJob) -> str:
    """What the job does, and what it is about."""
    return f"{item.job.title}: {item.run.about}" if item.run.about else str(item.job.title)
