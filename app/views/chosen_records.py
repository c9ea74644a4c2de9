"""What is done with several records chosen in a list: all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_babel import force_locale, get_locale
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.database.session import db
from app.errors import BadRequest, Conflict, Forbidden, Invalid, NotFound
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.i18n import ngettext
from app.jobs.declared import job
from app.jobs.own_jobs import page_of
from app.jobs.progress import report_progress
from app.jobs.queue import defer
from app.jobs.result_page import offer_page
from app.notifications.notifications import notify
from app.records.actions import RecordAction
from app.records.transitions import transitions_of
from app.views import listing
from app.views.record_steps import RecordSteps
from app.views.screen import views
from app.views.urls import local_target

JOB, ACTION_JOB = "kernel.change_records", "kernel.act_on_records"
AT_ONCE = 30
"""How many records are changed at once: about two seconds' work. More are changed by a job."""


class ChosenStep(NamedTuple):
    """A button under a list: archive, restore or a transition."""

    name: str
    label: Any
    icon: str
    confirm: Any


class Followed(list[Any]):
    """Records that an action is done with: while it goes through them a job says how far it is, and ``present`` is the
    one that it is at.
    """

    present: Any = None

    def __iter__(self) -> Iterator[Any]:
        """The records, one after the other; raises when the job was cancelled."""
        for done, record in enumerate(super().__iter__()):
            report_progress(db.session(), done, len(self))
            self.present = record
            yield record
        self.present = None


class ChosenRecords(RecordSteps):
    """Archiving, restoring, moving and acting on several records at once."""

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
        chosen, target = self._chosen()
        if chosen and len(chosen) <= AT_ONCE:
            self._move_all(name, [self.load(pk) for pk in chosen])
        elif chosen:
            label = next(step.label for step in self._every_step() if step.name == name)
            target = self._do_later(JOB, label, chosen, step=name)
        return redirect(target)

    @expose("/act/<name>", methods=["POST"])
    def act_on_chosen(self, name: str) -> Response:
        """Do an action with the records chosen in the list."""
        self._enter("read")
        action = self._action_on_many(name)
        chosen, target = self._chosen()
        if chosen and len(chosen) <= AT_ONCE:
            self._act_now(action, chosen)
        elif chosen:
            if not self.may(name):
                raise Forbidden(_l("You do not have the right to do this."))
            target = self._do_later(ACTION_JOB, action.label, chosen, action=name)
        return redirect(target)

    def _action_on_many(self, name: str) -> RecordAction:
        action = self.service.find_action(name)
        if not action.in_list:
            raise NotFound(_l("There is no such step."))
        return action

    def _chosen(self) -> tuple[list[int], str]:
        """The ids that the form names, and where the person goes on. Raises `BadRequest`."""
        target = local_target(request.form.get("next")) or self.url()
        chosen = [listing.whole_number(text, 0) for text in dict.fromkeys(request.form.getlist("id"))]
        if not chosen:
            flash(_l("No record was chosen."), "warning")
        if len(chosen) > listing.LARGEST_PAGE:
            raise BadRequest(_l("Too many records were chosen."), code="too_many")
        return sorted(chosen), target

    def _do_later(self, job_name: str, label: Any, chosen: list[int], **more: Any) -> str:
        """Have it done by a job; its page."""
        run = defer(
            db.session(), job_name, lock=f"person {current_access().user_id}", about=f"{label}: {self.plural}",
            view=self.key, ids=chosen, language=str(get_locale()), **more,
        )  # fmt: skip
        return page_of(run)

    def act_by_job(self, name: str, chosen: list[int]) -> None:
        """Do the action with all of the records or with none; the person is told what it says."""
        self._enter("read")
        told, person = self._act_on_all(self._action_on_many(name), chosen), current_access().user_id
        report_progress(db.session(), len(chosen), len(chosen))
        offer_page(db.session(), f"{self.route_base}/")
        if told and person is not None:
            notify([person], told, url=f"{self.route_base}/")

    def _act_now(self, action: RecordAction, chosen: list[int]) -> None:
        try:
            told = self._act_on_all(action, chosen)
            flash(told or _l("Done: %(step)s.", step=action.label), "success")
        except (Conflict, Invalid) as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")

    def _act_on_all(self, action: RecordAction, chosen: list[int]) -> Any:
        """Do the action; what it says. Raises `Conflict` with the record at which it was refused."""
        records = [self.load(pk) for pk in chosen]
        followed, called = Followed(records), {id(record): str(record) for record in records}
        try:
            return self.service.run_action(action.name, records, followed)
        except (Conflict, Invalid) as refusal:
            if followed.present is None:
                raise
            words = {"record": called[id(followed.present)], "reason": refusal.message}
            raise Conflict(_("Nothing was changed. %(record)s: %(reason)s", **words), code=refusal.code) from refusal

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
                raise Conflict(_("Nothing was changed. %(record)s: %(reason)s", **words)) from refusal
        report_progress(db.session(), len(chosen), len(chosen))
        offer_page(db.session(), f"{self.route_base}/")

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


@job(ACTION_JOB, title=_l("Action with many records"), as_person=True)
def act_on_records(_session: Session, view: str, action: str, ids: list[int], language: str) -> None:
    """What an addon offers under the list, with the rights that the person has when it is done."""
    screen: Any = views[view]
    with force_locale(language):
        screen.act_by_job(action, ids)


@job(JOB, title=_l("Change of many records"), as_person=True)
def change_records(_session: Session, view: str, step: str, ids: list[int], language: str) -> None:
    """What the button under the list does, with the rights that the person has when it is done."""
    screen: Any = views[view]
    with force_locale(language):
        screen.move_by_job(step, ids)
