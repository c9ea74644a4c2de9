"""The log of jobs: what ran, what waits, what failed, and whether anybody works at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.access.acting import institutions
from app.database.session import db
from app.errors import BadRequest, Conflict
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.i18n.formats import format_duration
from app.jobs.administration import cancel, is_anybody_working, progress_here, row_of, runs, try_again
from app.jobs.declared import jobs
from app.jobs.job_run import STATES, JobRun
from app.views.menu import MenuLink, add_menu_link
from app.views.page_view import PageView, route

add_menu_link(MenuLink(_l("Jobs"), "kernel_jobs_page.index", "clock", sequence=93, model="kernel.JobRun"))


class JobsPage(PageView):
    """``/kernel/jobs``."""

    path = "jobs"

    @route("/")
    def index(self) -> str:
        """The log, newest first; the platform's administrator sees that of every institution."""
        self.enter(JobRun)
        session, state = db.session(), request.args.get("state", "")
        found = runs(session, state, page_number())
        return self.render(
            "administration/jobs.html",
            found=found,
            state=state,
            states=STATES,
            progress=progress_here(session, found.records),
            titles={name: item.title for name, item in jobs.items()},
            explain=explanation,
            lasted=duration,
            places=names_of_places(),
            manages=current_access().may(JobRun, "write"),
            is_anybody_working=is_anybody_working(session),
        )

    @route("/<int:pk>/retry", methods=["POST"])
    def retry(self, pk: int) -> Response:
        """Queue it again."""
        return self._change(try_again, pk, _l("The job is queued again."))

    @route("/<int:pk>/cancel", methods=["POST"])
    def cancel(self, pk: int) -> Response:
        """Take it out of the queue."""
        return self._change(cancel, pk, _l("The job is cancelled."))

    @route("/<int:pk>/state")
    def state(self, pk: int) -> str:
        """How far it is, for the script that looks again and again."""
        self.enter(JobRun)
        run = row_of(db.session(), JobRun, pk)
        return self.render("jobs/state.html", run=run, progress=progress_here(db.session(), [run]), states=STATES)

    def _change(self, change: Callable[[Session, int], bool | None], pk: int, sentence: Any) -> Response:
        self.enter(JobRun, "write")
        try:
            is_still_running = change(db.session(), pk) is False
            flash(_l("The job is asked to stop.") if is_still_running else sentence, "success")
        except Conflict as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
        return redirect("/kernel/jobs/")


def page_number() -> int:
    """The page asked for, from 0. Raises `BadRequest`."""
    text = request.args.get("page", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise BadRequest(_l("The page cannot be read."), code="bad_page")
    return int(text)


def names_of_places() -> dict[int, str]:
    """The names of institutions for whoever sees the rows of several, else nothing."""
    if not current_access().is_platform:
        return {}
    return {key: name for key, (_code, name, _zone) in institutions().items()} | {1: _("Platform")}


def explanation(run: JobRun) -> str:
    """Why it failed, in one sentence; an unforeseen fault is named by its kind, the rest stands in the worker's log."""
    if run.fault:
        return _(
            "A fault in the program (%(fault)s); the worker's log says more about job %(id)s.",
            fault=run.fault,
            id=run.id,
        )
    return run.error


def duration(run: JobRun) -> str:
    """How long the last attempt took."""
    seconds = run.seconds
    if seconds is None:
        return ""
    return _("less than a second") if seconds < 1 else format_duration(seconds)
