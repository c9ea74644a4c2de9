"""What is done with several records chosen in a list: all of it or nothing."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_babel import force_locale, get_locale
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.database.session import db
from app.errors import BadRequest, Conflict, Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.i18n import ngettext
from app.jobs.declared import job
from app.jobs.own_jobs import page_of
from app.jobs.progress import report_progress
from app.jobs.queue import defer
from app.records.transitions import transitions_of
from app.views import listing
from app.views.screen import Screen, views
from app.views.urls import local_target

JOB = "kernel.change_records"
AT_ONCE = 30
"""How many records are changed at once: about two seconds' work. More are changed by a job."""


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
        if name not in {step.name for step in self._every_step()}:
            raise NotFound(_l("There is no such step."))
        target = local_target(request.form.get("next")) or self.url()
        chosen = [listing.whole_number(text, 0) for text in dict.fromkeys(request.form.getlist("id"))]
        if not chosen:
            flash(_l("No record was chosen."), "warning")
            return redirect(target)
        if len(chosen) > listing.LARGEST_PAGE:
            raise BadRequest(_l("Too many records were chosen."), code="too_many")
        if len(chosen) > AT_ONCE:
            return redirect(self._move_later(name, sorted(chosen)))
        self._move_all(name, [self.load(pk) for pk in sorted(chosen)])
        return redirect(target)

    def _move_later(self, name: str, chosen: list[int]) -> str:
        """Have it done by a job; its page."""
        person = current_access().user_id
        label = next(step.label for step in self._every_step() if step.name == name)
        run = defer(
            db.session(), JOB, lock=f"person {person}", about=f"{label}: {self.plural}",
            view=self.key, step=name, ids=chosen, language=str(get_locale()),
        )  # fmt: skip
        return page_of(run)

    def _every_step(self) -> tuple[ChosenStep, ...]:
        return (*self.chosen_steps(archived=True), *self.chosen_steps(archived=False))

    def move_by_job(self, name: str, chosen: list[int]) -> None:
        """Move the records one after the other; a refusal says at which, and undoes them all."""
        self._enter("read")
        if name not in {step.name for step in self._every_step()}:
            raise NotFound(_l("There is no such step."))
        for done, pk in enumerate(chosen):
            report_progress(db.session(), done, len(chosen))
            record = self.load(pk)
            called = str(record)
            try:
                self._move_one(name, record)
            except (Conflict, Invalid) as refusal:
                words = {"record": called, "reason": refusal.message}
                raise Conflict(_l("Nothing was changed. %(record)s: %(reason)s", **words)) from refusal
        report_progress(db.session(), len(chosen), len(chosen))

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


@job(JOB, title=_l("Change of many records"), as_person=True)
def change_records(_session: Session, view: str, step: str, ids: list[int], language: str) -> None:
    """What the button under the list does, with the rights that the person has when it is done."""
    screen: Any = views[view]
    with force_locale(language):
        screen.move_by_job(step, ids)
