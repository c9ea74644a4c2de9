"""Handing a list out as a file: at once while it is short, by a job when it is long."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_babel import force_locale, get_locale
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.access.disclosure import disclose, disclose_later
from app.database.session import db
from app.i18n import lazy_gettext as _l
from app.jobs.declared import job
from app.jobs.own_jobs import page_of
from app.jobs.prepared_file import offer_file
from app.jobs.queue import defer
from app.prints.printed import answer_with
from app.views.list_file import AT_ONCE, KINDS, ListFile
from app.views.list_page import ListPages
from app.views.screen import views

JOB = "kernel.export_list"


class ListExport(ListPages):
    """``export?kind=xlsx`` beside the list, with its arguments; CSV unless another kind is asked for."""

    export_kinds = KINDS

    @expose("/export")
    def export(self) -> Any:
        """The list as XLSX, CSV or PDF; for a long one, the page that asks whether to have it made."""
        self._enter("read")
        file = ListFile(self, request.args.get("kind", "csv"), request.args)
        if file.is_long:
            return self._long(file)
        printed = file.printed()
        if file.personal:
            disclose_later("export", self.model, None, sorted(file.personal), str(self.plural))
        return answer_with(printed)

    def _long(self, file: ListFile) -> str:
        """The page that asks whether a long list is to be made while the person goes on working."""
        page = self.render_template(
            "jobs/long_list.html",
            title=self.plural,
            count=len(file.ids),
            at_once=AT_ONCE[file.kind],
            kind=file.kind,
            action=f"{self.url('export_later')}?{file.tools.export_query(file.kind)}",
            back=f"{self.url()}?{file.tools.list_query}",
        )
        return str(page)

    @expose("/export", methods=["POST"])
    def export_later(self) -> Response:
        """Have a long list made by a job."""
        self._enter("read")
        file = ListFile(self, request.args.get("kind", "csv"), request.args)
        person, language = current_access().user_id, str(get_locale())
        run = defer(
            db.session(),
            JOB,
            key=f"{person} {self.key} {file.kind} {sorted(file.kept_arguments.items())}"[:250],
            lock=f"person {person}",
            about=f"{self.plural} ({file.kind.upper()})",
            view=self.key,
            kind=file.kind,
            query=file.kept_arguments,
            language=language,
        )
        if run is None:
            flash(_l("This file is being made already."), "info")
        return redirect(page_of(run))


@job(JOB, title=_l("Download of a list"), as_person=True)
def export_list(session: Session, view: str, kind: str, query: dict[str, str], language: str) -> None:
    """The same file that the page would hand out, with the rights that the person has when it is made."""
    screen: Any = views[view]
    screen._enter("read")
    with force_locale(language):
        file = ListFile(screen, kind, query)
        offer_file(session, file.printed())
        if file.personal:
            disclose(session, "export", screen.model, None, sorted(file.personal), str(screen.plural))
