"""The files of a record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, request, send_file
from flask_appbuilder import expose
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.database.base import Model
from app.database.session import db
from app.errors import Conflict, Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.prints import preview
from app.records import attachment
from app.records.service import service_of
from app.views.screen import Screen
from app.views.urls import local_target

PICTURE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


class RecordFiles(Screen):
    """Adding, downloading and taking off files."""

    @expose("/<int:pk>/files", methods=["POST"])
    def upload(self, pk: int) -> Response:
        """Add files to the record."""
        self._enter("write")
        record = self._record_with_files(pk, "write")
        target = local_target(request.form.get("next")) or self.url("show", pk=pk) + "#files"
        try:
            count = self._attach(record)
        except (Conflict, Invalid) as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
            return redirect(target)
        flash(_l("Files added: %(count)d.", count=count), "success") if count else flash(
            _l("No file was chosen."), "warning"
        )
        return redirect(target)

    @expose("/<int:pk>/files/<int:file_id>")
    def download(self, pk: int, file_id: int) -> Response:
        """One file of the record, always as a download."""
        self._enter("read")
        record = self._record_with_files(pk, "read")
        found = attachment.attachment_of(db.session(), record, file_id)
        return send_file(
            attachment.path_of(found), mimetype=found.kind, as_attachment=True, download_name=found.name, max_age=0
        )

    @expose("/<int:pk>/files/<int:file_id>/preview")
    def preview(self, pk: int, file_id: int) -> str:
        """A PDF or a picture to look at, as pictures that we drew."""
        record, found = self._previewed(pk, file_id)
        count = preview.page_count(attachment.path_of(found))
        is_part = request.headers.get("X-Part") == "preview"
        page = self.render_template(
            "parts/file_preview.html" if is_part else "file_preview.html",
            view=self,
            record=record,
            file=found,
            count=count,
            pages=min(count, preview.MOST_PAGES),
        )
        return str(page)

    @expose("/<int:pk>/files/<int:file_id>/preview/<int:page>")
    def preview_page(self, pk: int, file_id: int, page: int) -> Response:
        """One page of a file as PNG: whatever the file holds, this is what the browser gets."""
        _record, found = self._previewed(pk, file_id)
        answer = Response(preview.page_picture(attachment.path_of(found), page), mimetype="image/png")
        answer.headers["Content-Security-Policy"] = PICTURE_POLICY
        return answer

    def _previewed(self, pk: int, file_id: int) -> tuple[Any, attachment.Attachment]:
        self._enter("read")
        record = self._record_with_files(pk, "read")
        found = attachment.attachment_of(db.session(), record, file_id)
        if found.kind not in preview.KINDS:
            raise NotFound(_l("This page does not exist."))
        return record, found

    @expose("/<int:pk>/files/<int:file_id>/archive", methods=["POST"])
    def archive_file(self, pk: int, file_id: int) -> Response:
        """Take a file off the record; it stays in the store."""
        self._enter("write")
        record = self._record_with_files(pk, "write")
        found = attachment.attachment_of(db.session(), record, file_id)
        try:
            self.service.remove_file(record, found)
            flash(_l("The file was taken off the record."), "success")
        except Conflict as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
        return redirect(self.url("show", pk=pk))

    def _record_with_files(self, pk: int, operation: str) -> Any:
        if not self.attachments:
            raise NotFound(_l("This page does not exist."))
        record = self.load(pk)
        current_access().require(self.model, operation, db.session(), record)
        return record

    def _attach(self, record: Any) -> int:
        return len(attach_files(record, request.files.getlist("files")))


def attach_files(record: Model, files: Iterable[FileStorage]) -> list[attachment.Attachment]:
    """Keep the uploaded ``files`` with ``record``.

    Raises `Invalid` for the first that is not accepted, and `Conflict` when the record takes none.
    """
    chosen = [file for file in files if file.filename]
    if chosen:
        service_of(type(record)).check_files(record)
    return [attachment.attach(db.session(), record, file.filename or "", file.stream) for file in chosen]
