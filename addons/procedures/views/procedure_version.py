"""Versions of a procedure: drafted, compared, exported, and read in from a file."""

from typing import Any

from flask import Response, flash, redirect, request

from addons.procedures.models.confirmation import Confirmation
from addons.procedures.models.procedure import STATES, Procedure
from addons.procedures.services.procedure_comparison import compare
from addons.procedures.services.procedure_document import document_of, position_titles
from addons.procedures.services.procedure_drafting import draft_from
from addons.procedures.services.procedure_export import EXPORTS
from addons.procedures.services.procedure_file import AT_ONCE, LARGEST_FILE, import_later, import_procedure, read_file
from addons.procedures.services.procedure_version import versions_of
from addons.procedures.services.promise_steps import promise_cells
from app.addon import (
    Invalid,
    NotFound,
    PageView,
    current_access,
    db,
    fill_slot,
    page_of,
    require_seen,
    route,
    service_of,
    view_of,
)
from app.addon import lazy_gettext as _l


class ProcedureVersionPage(PageView):
    """``/procedures/version``: what is done with a whole version."""

    path = "version"

    @route("/draft/<int:pk>", methods=["POST"])
    def draft(self, pk: int) -> Any:
        """Draft the next version from this one, and write it."""
        self.enter(Procedure, "create")
        draft, is_new = draft_from(service_of(Procedure).get(pk))
        if not is_new:
            flash(_l("Version %(number)s is a draft already.", number=draft.edition), "info")
        return redirect(f"/procedures/editor/{draft.id}")

    @route("/compare/<int:pk>")
    def compare(self, pk: int) -> str:
        """This version beside another: the one named in the address, else the one it was drafted from."""
        record = self._whole(pk)
        versions = [item for item in versions_of(db.session(), record.code) if item.id != record.id]
        wanted = request.args.get("with", "")
        other = next((item for item in versions if str(item.id) == wanted), None) or _usual(record, versions)
        if other is None:
            raise NotFound(_l("There is no other version to compare with."))
        old, new = sorted((other, record), key=lambda item: item.edition)
        titles = position_titles()
        before, after = document_of(old, titles), document_of(new, titles)
        values = {"record": record, "old": old, "new": new, "versions": versions, "states": STATES}
        values |= {"promises": promise_cells(db.session(), before, after), "is_whole": "all" in request.args}
        comparison = compare(before, after)
        return self.render("procedures/compare.html", comparison=comparison, record_view=view_of(Procedure), **values)

    @route("/export/<int:pk>/<kind>")
    def export(self, pk: int, kind: str) -> Response:
        """The version as a file."""
        record = self._whole(pk)
        if kind not in EXPORTS:
            raise NotFound(_l("This page does not exist."))
        export = EXPORTS[kind]
        answer = Response(export.write(record), mimetype=export.mimetype)
        name = "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in record.code)
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{record.edition}.{export.ending}"'
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    def _whole(self, pk: int) -> Procedure:
        """A version to be told from its first word to its last. Raises `Forbidden` where part of it is hidden."""
        self.enter(Procedure)
        require_seen(Procedure)
        require_seen(Confirmation)
        return service_of(Procedure).get(pk)

    @route("/import", methods=["GET", "POST"])
    def import_file(self) -> Any:
        """Read a file in as a draft; every problem is told with its place."""
        self.enter(Procedure, "create")
        if request.method == "GET":
            return self.render("procedures/import.html", record_view=view_of(Procedure), problems=[])
        upload = request.files.get("file")
        document, problems = read_file(upload.stream.read(LARGEST_FILE + 1) if upload else b"")
        errors: list[str] = []
        if not any(problem.breaks for problem in problems):
            try:
                if len(document["steps"]) > AT_ONCE:
                    run = import_later(document)
                    if run is None:
                        flash(_l("This file is being read in already."), "info")
                    return redirect(page_of(run))
                draft = import_procedure(document)
                flash(_l("Read in as a draft, version %(number)s.", number=draft.edition), "success")
                return redirect(f"/procedures/editor/{draft.id}")
            except Invalid as refusal:
                db.session.rollback()
                errors = [str(text) for text in refusal.errors.get("file", [refusal.message])]
        page = self.render("procedures/import.html", record_view=view_of(Procedure), problems=problems, errors=errors)
        return page, 422


def _usual(record: Procedure, versions: list[Procedure]) -> Procedure | None:
    """What a version is compared with unless another is asked for: the one it was drafted from, else its neighbour."""
    found = next((item for item in versions if item.id == record.previous_id), None)
    return (
        found or next((item for item in versions if item.edition < record.edition), None) or next(iter(versions), None)
    )


@fill_slot("kernel.list")
def ways_to_begin(view: Any) -> Any:
    """Above the list of procedures: write a new one, or read one in."""
    is_offered = view.key == Procedure.__model_key__ and current_access().may(Procedure, "create")
    return ("procedures/begin.html", {}) if is_offered else None
