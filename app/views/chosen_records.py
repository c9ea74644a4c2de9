"""What is done with several records chosen in a list: all of it or nothing."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import flash, redirect, request
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from app.database.session import db
from app.errors import BadRequest, Conflict, Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.i18n import ngettext
from app.records.transitions import transitions_of
from app.views import listing
from app.views.screen import Screen
from app.views.urls import local_target


class ChosenStep(NamedTuple):
    """A button under a list: archive, restore or a transition."""

    name: str
    label: Any
    icon: str
    confirm: Any


class ChosenRecords(Screen):
    """Archiving, restoring and moving several records at once; actions of addons are in `RecordSteps`."""

    def chosen_steps(self, *, archived: bool) -> list[ChosenStep]:
        """What the person may do with several records."""
        if archived:
            return [ChosenStep("restore", _l("Restore"), "restore", None)] if self.may("archive") else []
        steps = [
            ChosenStep(step.name, step.label, "arrow-right", step.confirm)
            for step in transitions_of(self.model)
            if not step.asks and self.moves_by_itself and self.may(step.name)
        ]
        if self.has_archive and self.may("archive"):
            question = _l("Archive the chosen records?")
            steps.append(ChosenStep("archive", _l("Archive"), "archive", question))
        return steps

    @expose("/chosen/<name>", methods=["POST"])
    def move_chosen(self, name: str) -> Response:
        """Archive, restore or move the chosen records; a refusal says at which record, and moves none."""
        self._enter("read")
        steps = (*self.chosen_steps(archived=True), *self.chosen_steps(archived=False))
        if name not in {step.name for step in steps}:
            raise NotFound(_l("There is no such step."))
        target = local_target(request.form.get("next")) or self.url()
        chosen = [listing.whole_number(text, 0) for text in dict.fromkeys(request.form.getlist("id"))]
        if not chosen:
            flash(_l("No record was chosen."), "warning")
            return redirect(target)
        if len(chosen) > listing.LARGEST_PAGE:
            raise BadRequest(_l("Too many records were chosen."), code="too_many")
        self._move_all(name, [self.load(pk) for pk in sorted(chosen)])
        return redirect(target)

    def _move_all(self, name: str, records: list[Any]) -> None:
        record = None
        try:
            for record in records:
                self._move_one(name, record)
        except (Conflict, Invalid) as refusal:
            called = str(record)
            db.session.rollback()
            flash(_l("Nothing was changed. %(record)s: %(reason)s", record=called, reason=refusal.message), "danger")
            return
        told = ngettext("Done with %(num)d record.", "Done with %(num)d records.", len(records))
        flash(told, "success")

    def _move_one(self, name: str, record: Any) -> None:
        if name == "archive":
            if not self.offers("archive", record):
                raise Conflict(_l("This record is not archived in its present state."))
            self.service.archive(record)
        elif name == "restore":
            self.service.restore(record)
        else:
            self.service.transition(record, name)
