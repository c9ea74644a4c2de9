"""What moves a record: archiving, restoring and its transitions."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.database.session import db
from app.errors import Conflict, Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.records.transitions import Transition
from app.views.fields import Field
from app.views.forms import bind, form_class, values_of
from app.views.screen import Screen
from app.views.urls import local_target


class RecordSteps(Screen):
    """Archive, restore and the transitions of a life cycle."""

    @expose("/<int:pk>/archive", methods=["POST"])
    def archive(self, pk: int) -> Response:
        """Archive a record."""
        self._enter("archive")
        self.service.archive(self.load(pk))
        told: Any = (str(_l("Archived. You find it again in the list under “Archived”.")), self.url("restore", pk=pk))
        flash(told, "undo")
        return redirect(self.url())

    @expose("/<int:pk>/restore", methods=["POST"])
    def restore(self, pk: int) -> Response:
        """Bring an archived record back."""
        self._enter("archive")
        self.service.restore(self.load(pk))
        flash(_l("Restored."), "success")
        return redirect(self.url("show", pk=pk))

    @expose("/<int:pk>/do/<name>", methods=["POST"])
    def move(self, pk: int, name: str) -> Response:
        """Take a transition; one that asks for something is taken through `ask`."""
        self._enter("read")
        record, step = self.load(pk), self.service.find_transition(name)
        if step.asks:
            return redirect(self.url("ask", pk=pk, name=name))
        try:
            self.service.transition(record, name)
            flash(_l("Done: %(step)s.", step=step.label), "success")
        except (Conflict, Invalid) as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
        return redirect(local_target(request.form.get("next")) or self.url("show", pk=pk))

    @expose("/<int:pk>/act/<name>", methods=["POST"])
    def act(self, pk: int, name: str) -> Response:
        """Do an action with the record."""
        self._enter("read")
        record, action = self.load(pk), self.service.find_action(name)
        try:
            told = self.service.run_action(name, [record])
            flash(told or _l("Done: %(step)s.", step=action.label), "success")
        except (Conflict, Invalid) as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
        return redirect(self.url("show", pk=pk))

    @expose("/<int:pk>/ask/<name>", methods=["GET", "POST"])
    def ask(self, pk: int, name: str) -> Any:
        """The form of what a transition asks for, and the transition."""
        self._enter("read")
        record, step = self.load(pk), self.service.find_transition(name)
        if not step.asks:
            raise NotFound(_l("This page does not exist."))
        current_access().require(self.model, name, db.session(), record)
        if request.method == "GET":
            return self._step_page(record, step, *self.step_form(step))
        return self._step_taken(record, step)

    def step_form(self, step: Transition, data: Any = None) -> tuple[Any, list[Field]]:
        """The form of what ``step`` asks for, filled from posted ``data``, and its fields; it opens without the
        answers of an earlier time.
        """
        fields = self.asked(step)
        return bind(form_class(self.model, tuple(field.name for field in fields)), fields, None, data), fields

    def _step_taken(self, record: Any, step: Transition) -> Any:
        pk, (form, fields) = record.id, self.step_form(step, request.form)
        if not form.validate():
            return self._step_page(record, step, form, fields, 422)
        try:
            self.service.transition(record, step.name, values_of(form, fields))
        except (Conflict, Invalid) as refusal:
            db.session.rollback()
            for name in [name for name in refusal.errors if name in form]:
                form[name].errors = [*form[name].errors, *refusal.errors[name]]
            return self._step_page(self.load(pk), step, form, fields, refusal.status, refusal.message)
        flash(_l("Done: %(step)s.", step=step.label), "success")
        return redirect(self.url("show", pk=pk))

    def _step_page(
        self, record: Any, step: Transition, form: Any, fields: list[Field], status: int = 200, refusal: Any = None
    ) -> tuple[str, int]:
        values = {"view": self, "record": record, "step": step, "form": form, "fields": fields, "refusal": refusal}
        return str(self.render_template("move.html", purpose="move", token=None, target="", **values)), status
