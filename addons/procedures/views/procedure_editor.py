"""The editor of procedures: the official form as a table, a step at a time, with checks and chart beside it."""

from typing import Any

from flask import flash, redirect, request
from sqlalchemy import select

from addons.organization.models.position import Position
from addons.organization.services.working_calendar import CLOCK_MODES
from addons.procedures.models.confirmation import CONFIDENCES, Confirmation
from addons.procedures.models.procedure import STATES, Procedure
from addons.procedures.models.step_output import ON_RETURN
from addons.procedures.services.condition import CASE_FIELDS, OPERATOR_WORDS
from addons.procedures.services.procedure_chart import chart_of
from addons.procedures.services.procedure_check import check_document
from addons.procedures.services.procedure_document import Document, document_of, position_names, ways_of
from addons.procedures.services.procedure_drafting import new_procedure
from addons.procedures.services.procedure_editing import Editing
from addons.procedures.services.procedure_graph import longest_time
from addons.procedures.services.procedure_heading import missing_rows
from addons.procedures.services.procedure_part import mark_of
from addons.procedures.services.procedure_trial import run_of
from addons.procedures.services.standard_time import standard_time_words
from addons.procedures.views.procedure_choices import document_kinds, kinds_of_output, offered_in, way_label
from addons.procedures.views.procedure_forms import (
    BLANK_ROWS,
    read_executors_form,
    read_step_form,
    time_typed,
)
from addons.procedures.views.procedure_head_form import (
    head_values,
    kinds_of_record,
    parts_of,
    read_head_form,
    step_values,
    tables_of,
)
from app.addon import (
    Conflict,
    Invalid,
    NotFound,
    PageView,
    SinergiError,
    db,
    require,
    require_seen,
    route,
    service_of,
    view_of,
)
from app.addon import lazy_gettext as _l

NEW = "new"
"""The step that is being written and has no place yet."""


class ProcedureEditor(PageView):
    """``/procedures/editor``: writing a draft."""

    path = "editor"

    @route("/add", methods=["GET", "POST"])
    def add(self) -> Any:
        """A new procedure: code and title, then the editor."""
        self.enter(Procedure, "create")
        errors: dict[str, Any] = {}
        if request.method == "POST":
            try:
                draft = new_procedure(request.form.get("code", ""), request.form.get("title", ""))
                return redirect(self._at(draft.id, part="executors"))
            except (Invalid, Conflict) as refusal:
                db.session.rollback()
                errors = dict(refusal.errors) or {"code": [refusal.message]}
        values = {"record_view": view_of(Procedure), "typed": request.form, "errors": errors}
        return self.render("procedures/editor_new.html", **values), 422 if errors else 200

    @route("/<int:pk>")
    def show(self, pk: int) -> str:
        """The draft; ``?step=4`` opens a step, ``?part=head`` or ``executors`` another part."""
        return self._page(self._editing(pk))

    @route("/<int:pk>/head", methods=["POST"])
    def head(self, pk: int) -> Any:
        """Save identity block, records and their doubts."""
        editing = self._editing(pk, lock=True)
        values = read_head_form(request.form, editing.procedure)
        return self._saved(editing, lambda: editing.save_head(values, self._mark()), "head", values)

    @route("/<int:pk>/executors", methods=["POST"])
    def executors(self, pk: int) -> Any:
        """Save the executors."""
        editing = self._editing(pk, lock=True)
        rows = read_executors_form(request.form)
        return self._saved(editing, lambda: editing.save_executors(rows, self._mark()), "executors", rows)

    @route("/<int:pk>/step", methods=["POST"])
    def step(self, pk: int) -> Any:
        """Save the step ``of``, or a new one ``behind`` another."""
        editing = self._editing(pk, lock=True)
        item, doubts = read_step_form(request.form, _names(editing))
        key, behind = request.form.get("of", ""), request.form.get("behind", "")
        typed = {**item, "doubts": doubts}
        try:
            with service_of(Procedure).saving(editing.procedure):
                if key:
                    number = editing.save_step(key, item, doubts, self._mark())
                else:
                    number = editing.add_step(item, doubts, behind)
        except (Invalid, Conflict) as refusal:
            return self._again(pk, refusal, step=key or NEW, behind=behind, typed=typed)
        flash(_l("Step %(key)s is saved.", key=number), "success")
        if "next" in request.form:
            return redirect(self._at(pk, step=NEW, behind=number, anchor="step-form"))
        return redirect(self._at(pk, at=number, anchor=f"step-{number}"))

    @route("/<int:pk>/order", methods=["POST"])
    def order(self, pk: int) -> Any:
        """Move, give or take away a step, or number all anew: what one button or one drop says."""
        editing, mark = self._editing(pk, lock=True), self._mark()
        what, _colon, rest = request.form.get("act", "").partition(":")
        key, _slash, value = rest.partition("/")
        at: dict[str, str] = {"at": key, "focus": what}
        if what not in {"up", "down"}:  # an anchor would take the focus from the button that is pressed once more
            at["anchor"] = f"step-{key}"
        try:
            with service_of(Procedure).saving(editing.procedure):
                self._do(editing, what, key, value, mark)
        except (Invalid, Conflict, NotFound) as refusal:
            db.session.rollback()
            flash(refusal.message, "danger")
        return redirect(self._at(pk, **(at if what in {"up", "down", "move", "give"} else {"anchor": "steps"})))

    @route("/<int:pk>/preview", methods=["POST"])
    def preview(self, pk: int) -> str:
        """Checks and chart of the draft with the step as it is typed; nothing is saved."""
        editing = self._editing(pk)
        item, _doubts = read_step_form(request.form, _names(editing))
        key, behind = request.form.get("of", ""), request.form.get("behind", "")
        document = document_of(editing.procedure, position_names())
        document = with_step(document, editing, item, key, behind)
        return self.render("procedures/editor_preview.html", **self._preview(document, item.get("key", "")))

    @route("/<int:pk>/trial")
    def trial(self, pk: int) -> str:
        """A run through the steps as they stand; nothing is written. ``?way=1:next`` for each step done."""
        self.enter(Procedure)
        record = service_of(Procedure).get(pk)
        run = run_of(document_of(record, {key: str(key) for key in self._positions()}), request.args.getlist("way"))
        chart = chart_of(document_of(record), dict.fromkeys(run.waiting_keys, "is-here"), narrow=True)
        values = {"record_view": view_of(Procedure), "record": record, "run": run, "chart": chart}
        values["way_label"] = way_label
        return self.render("procedures/trial.html", kinds=kinds_of_output(), time_words=standard_time_words, **values)

    # ---- helpers ----------------------------------------------------------------------------------------------------

    def _editing(self, pk: int, *, lock: bool = False) -> Editing:
        self.enter(Procedure, "write")
        require_seen(Procedure)
        require_seen(Confirmation)
        return Editing(service_of(Procedure).get(pk, lock=lock))

    def _mark(self) -> str:
        return request.form.get("mark", "")

    def _at(self, pk: int, anchor: str = "", **values: str) -> str:
        from flask import url_for

        return url_for("procedures_procedure_editor.show", pk=pk, _anchor=anchor or None, **values)

    def _do(self, editing: Editing, what: str, key: str, value: str, mark: str) -> None:
        if what in {"up", "down"}:
            place = editing.steps[key].place if key in editing.steps else 0
            editing.move_step(key, place + (1 if what == "down" else -1), mark)
        elif what == "move":
            editing.move_step(key, int(value) if value.isdigit() and len(value) < 6 else 0, mark)
        elif what == "give":
            editing.give_step(key, value, mark)
        elif what == "remove":
            turned = editing.remove_step(key, mark)
            flash(_l("Step %(key)s was taken away.", key=key), "success")
            if turned:
                message = _l("These steps led to it and now lead on: %(keys)s. Look at them.", keys=", ".join(turned))
                flash(message, "warning")
        elif what == "number":
            editing.number_anew(mark)
        else:
            raise NotFound(_l("There is no such step."))

    def _saved(self, editing: Editing, save: Any, part: str, typed: Any) -> Any:
        pk = editing.procedure.id
        try:
            with service_of(Procedure).saving(editing.procedure):
                save()
        except (Invalid, Conflict) as refusal:
            return self._again(pk, refusal, part=part, typed=typed)
        flash(_l("Saved."), "success")
        return redirect(self._at(pk, anchor=part))

    def _again(self, pk: int, refusal: SinergiError, **shown: Any) -> tuple[str, int]:
        """The page once more with what was typed: over a newer save, saving again keeps what was typed."""
        db.session.rollback()
        return self._page(self._editing(pk), refusal=refusal, **shown), refusal.status

    def _page(self, editing: Editing, refusal: Any = None, typed: Any = None, **shown: Any) -> str:
        procedure = editing.procedure
        document = document_of(procedure, position_names())
        step = shown.get("step") or request.args.get("step", "")
        if step and step != NEW and step not in editing.steps:
            step = ""
        behind = shown.get("behind") or request.args.get("behind", "")
        open_item = typed if typed is not None and step else self._open_item(editing, step, behind)
        return self.render(
            "procedures/editor.html",
            record=procedure,
            record_view=view_of(Procedure),
            document=document,
            editing=editing,
            mark_of=mark_of,
            open_step=step,
            behind=behind,
            item=open_item,
            ways=ways_of(open_item) if open_item.get("branches") or open_item.get("next") else [],
            part=shown.get("part") or request.args.get("part", ""),
            typed=typed if not step else None,
            refusal=refusal,
            positions=self._positions(),
            kinds=kinds_of_output(),
            parts_of=parts_of,
            missing_rows=missing_rows,
            tables_of=tables_of,
            record_kinds=kinds_of_record(),
            states=STATES,
            head_values=head_values(document),
            step_values=step_values(open_item),
            confidences=CONFIDENCES,
            on_return=ON_RETURN,
            case_fields=CASE_FIELDS,
            operators=OPERATOR_WORDS,
            offered=offered_in(document) if step else None,
            executor_names=_names(editing),
            document_kinds=document_kinds,
            clock_modes=CLOCK_MODES,
            time_words=standard_time_words,
            time_typed=time_typed,
            blank_rows=BLANK_ROWS,
            **self._preview(document, step),
        )

    def _open_item(self, editing: Editing, step: str, behind: str) -> Document:
        if not step:
            return {}
        if step != NEW:
            return editing.step(step)
        number = len(editing.steps) + 1
        while str(number) in editing.steps:
            number += 1
        executor = editing.steps[behind].executor.key if behind in editing.steps else ""
        return {"key": str(number), "executor": executor, "next": "end"}

    def _preview(self, document: Document, here: str) -> dict[str, Any]:
        problems = check_document(document)
        marks = {problem.step: "is-faulty" for problem in problems if problem.is_error and problem.step}
        if here and here != NEW:
            marks[here] = (marks.get(here, "") + " is-here").strip()
        return {
            "problems": problems,
            "chart": chart_of(document, marks, narrow=True),
            "minutes": longest_time(document),
        }

    def _positions(self) -> dict[int, str]:
        require(Procedure, "read", db.session())
        statement = select(Position).where(Position.active).order_by(Position.title, Position.id)
        return {position.id: position.title for position in db.session.scalars(statement)}


def _names(editing: Editing) -> dict[str, str]:
    """What the executors are called, by their keys."""
    return {item.key: item.name for item in editing.procedure.executors}


def with_step(document: Document, editing: Editing, item: Document, key: str, behind: str) -> Document:
    """``document`` with the step as it is typed; what cannot be read yet leaves it as it is."""
    try:
        step = editing.read_step(item, key)
    except Invalid:
        return document
    steps = list(document["steps"])
    places = [str(other["key"]) for other in steps]
    if key in places:
        steps[places.index(key)] = step
    else:
        steps.insert(places.index(behind) + 1 if behind in places else len(steps), step)
    start = step["key"] if key and document["start"] == key else document["start"]
    return {**document, "steps": steps, "start": start if len(steps) > 1 else step["key"]}
