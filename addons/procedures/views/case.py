"""The case page: the procedure as a track, what joined, what happened."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from addons.organization.services.working_calendar import CLOCK_MODES
from addons.procedures.models.case import Case
from addons.procedures.models.joins_case import joining_models
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.models.task import STATES as TASK_STATES
from addons.procedures.models.task import Task
from addons.procedures.services.assignee import own_open_tasks
from addons.procedures.services.case_print import case_record
from addons.procedures.services.flow import UNDONE
from addons.procedures.services.kept_record import keepings_of
from addons.procedures.services.members import members_of
from addons.procedures.services.promise_clock import clocks_of_case
from addons.procedures.services.task import outputs_of
from addons.procedures.services.timeline import figures_of, timeline_of, track_of
from app.addon import (
    Board,
    Calendar,
    Graph,
    ModelView,
    PageView,
    Pivot,
    Print,
    ThreadEvent,
    db,
    route,
    view_of,
)
from app.addon import lazy_gettext as _l


class CaseView(ModelView):
    """A case: the procedure as a track, and everything that joined."""

    model = Case
    resource = "case"
    icon = "folder"
    sequence = 10
    empty_hint = _l("A case is opened from an incoming letter or a request, or here.")
    list_columns = ("number", "title", "partner", "procedure", "state", "opened_at")
    add_columns = ("title", "procedure", "partner", "kind", "origin", "opened_at")
    edit_columns = ("title", "partner", "kind", "origin")
    show_columns = (
        "number", "title", "procedure", "partner", "kind", "origin", "unit", "opened_at", "closed_at", "cancel_reason",
        "reopen_reason",
    )  # fmt: skip
    search_columns = ("number", "title", "partner.name")
    filter_columns = ("state", "partner", "procedure", "kind", "origin", "unit", "opened_at")
    order_columns = ("number", "title", "opened_at")
    default_order = "-id"
    show_template = "procedures/case.html"
    modes = (Board(("procedure", "partner")), Calendar("opened_at"), Graph("procedure"), Pivot("procedure", "state"))
    prints = (Print("record", _l("Execution record"), case_record),)

    def fitting(self, fields: list[Any], record: Case) -> list[Any]:
        """What a case has only when it ended or was opened again is shown then."""
        late = {"cancel_reason", "reopen_reason", "closed_at"}
        return [
            field for field in super().fitting(fields, record) if field.name not in late or getattr(record, field.name)
        ]

    def show_values(self, record: Case) -> dict[str, Any]:
        """The procedure as a track with the tasks and their times, and the figures of the case."""
        tasks = tasks_of(record)
        steps = db.session.scalars(
            select(ProcedureStep)
            .where(ProcedureStep.procedure_id == record.procedure_id)
            .order_by(ProcedureStep.place)
            .options(joinedload(ProcedureStep.executor), selectinload(ProcedureStep.branches))
        ).all()
        return {
            "track": track_of(steps, tasks),
            "clock_modes": CLOCK_MODES,
            "figures": figures_of(tasks),
            "has_open_tasks": any(task.state in UNDONE and not task.is_optional for task in tasks),
            "task_states": TASK_STATES,
            "mine": {task.id for task in own_open_tasks(db.session(), tasks)},
            "outputs": outputs_of(db.session, tasks) if tasks else {},
        }

    def thread_events(self, record: Case) -> list[ThreadEvent]:
        """Tasks, records and files of the case in one story."""
        return timeline_of(db.session(), record, tasks_of(record, selectinload(Task.pauses)))


def tasks_of(case: Case, *extra: Any) -> list[Task]:
    """The tasks of ``case`` in the order in which they arrived, with what pages show of them; ``extra`` loads more."""
    statement = (
        select(Task)
        .where(Task.case_id == case.id)
        .order_by(Task.id)
        .options(
            joinedload(Task.step).joinedload(ProcedureStep.executor),
            joinedload(Task.step).selectinload(ProcedureStep.branches),
            joinedload(Task.taken_by),
            joinedload(Task.finished_by),
            joinedload(Task.offer),
            *extra,
        )
    )
    return list(db.session.scalars(statement).unique())


class CaseMembersPage(PageView):
    """``/procedures/members``: what joined a case, loaded after the case page."""

    path = "members"

    @route("/<int:pk>")
    def index(self, pk: int) -> str:
        """The records that joined, by kind."""
        self.enter(Case)
        view: Any = view_of(Case)
        case = view.load(pk)
        creators = [(model, view_of(model)) for model in joining_models().values()]
        addable = [
            (model, item) for model, item in creators if item is not None and item.may("create") and item.may_add
        ]
        return self.render(
            "procedures/members.html",
            case=case,
            groups=members_of(db.session, case),
            addable=addable if case.state == "open" else [],
            clocks=clocks_of_case(db.session(), case),
            clock_modes=CLOCK_MODES,
        )


class CaseRecordsPage(PageView):
    """``/procedures/records``: what the case left in the records that the procedure keeps, loaded after the page."""

    path = "records"

    @route("/<int:pk>")
    def index(self, pk: int) -> str:
        """The kept records in the procedure's order."""
        self.enter(Case)
        view: Any = view_of(Case)
        return self.render("procedures/records.html", keepings=keepings_of(db.session(), view.load(pk)))
