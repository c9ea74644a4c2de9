"""Creating, changing, archiving and moving records: the one way that pages, API and other services use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.access.access import require
from app.database.base import Archivable, Model
from app.database.columns import default_of
from app.database.scope import current_scope
from app.database.session import db
from app.errors import Conflict, Invalid, NotFound, SinergiError
from app.i18n import lazy_gettext as _l
from app.records.actions import RecordAction, actions_of
from app.records.attachment import Attachment
from app.records.transitions import Transition, transitions_of
from app.registry.enablement import enabled_addons
from app.registry.hooks import send

_services: dict[str, type[RecordService]] = {}


class RecordService:
    """What can be done with records of one model. Addons subclass it to add rules; it knows no HTTP and never
    commits.
    """

    model: ClassVar[type[Model]]

    def __init__(self, model: type[Model] | None = None) -> None:
        self._model = model or self.model

    def __init_subclass__(cls) -> None:
        """A subclass with a ``model`` becomes that model's service."""
        if "model" in vars(cls):
            _services[cls.model.__model_key__] = cls

    @property
    def session(self) -> Session:
        """The session of the present request or command."""
        session: Session = db.session()
        return session

    # Rules that subclasses add -------------------------------------------------------------------------------

    def check(self, record: Any) -> None:
        """Raise `Invalid` (field errors) or `Conflict` when ``record`` as it now stands does not hold."""

    def before_create(self, record: Any, extra: Mapping[str, Any]) -> None:
        """Complete a new record before it is written; numbers are taken here, last. ``extra`` are values without a
        column.
        """

    def after_create(self, record: Any, extra: Mapping[str, Any]) -> None:
        """What follows from a new record, once it has an id."""

    def before_update(self, record: Any) -> None:
        """Refuse or complete a change, before it is written."""

    def check_files(self, record: Any, removed: Attachment | None = None) -> None:
        """Raise `Conflict` when ``record`` takes no more files or, with ``removed``, when that one must stay."""

    def explain(self, constraint: str, record: Any) -> SinergiError | None:
        """The answer to a violated database constraint of this model, or None for the general one."""
        return None

    # What everybody calls ------------------------------------------------------------------------------------

    def get(self, record_id: int, *, lock: bool = False) -> Any:
        """The record in scope; with ``lock`` its row is held and read anew. Raises `NotFound`."""
        require(self._model, "read", self.session)
        if not 0 < record_id < 2**31:
            raise NotFound(_l("This record does not exist, or you may not see it."))
        statement = select(self._model).where(self._model.id == record_id)
        if lock:
            statement = statement.with_for_update(of=self._model).execution_options(populate_existing=True)
        record = self.session.scalar(statement)
        if record is None:
            raise NotFound(_l("This record does not exist, or you may not see it."))
        return record

    def create(self, values: Mapping[str, Any], extra: Mapping[str, Any] | None = None) -> Any:
        """Write a new record. Raises `Invalid`, `Conflict` or `Forbidden`; nothing is half-saved."""
        require(self._model, "create", self.session)
        record = self._model()
        with self.saving(record):
            with self.session.no_autoflush:
                for name, value in values.items():
                    setattr(record, name, value)
                fill_defaults(record)
                self.check(record)
                self.before_create(record, extra or {})
            self.session.add(record)
            self.session.flush()
            # A right over some rows must also hold for the row as written, or a record could be given away.
            require(self._model, "create", self.session, record)
            self.after_create(record, extra or {})
            self.session.flush()
            self._send("kernel.record_created", record)
        return record

    def update(self, record: Any, values: Mapping[str, Any], version: int | None = None) -> Any:
        """Change ``record``; with ``version``, only if nobody saved a newer one. Raises `Conflict` (stale) among
        others.
        """
        require(self._model, "write", self.session, record)
        if version is not None and record.version != version:
            raise Conflict(_l("Somebody else changed this record in the meantime."), code="stale")
        if isinstance(record, Archivable) and not record.active:
            raise Conflict(_l("This record is archived; restore it first."), code="archived")
        changes = {name: (getattr(record, name), value) for name, value in values.items()}
        changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
        with self.saving(record):
            with self.session.no_autoflush:
                for name, (_before, value) in changes.items():
                    setattr(record, name, value)
                self.check(record)
                self.before_update(record)
            self.session.flush()
            require(self._model, "write", self.session, record)
            if changes:
                self._send("kernel.record_changed", record, changes=changes)
        return record

    def archive(self, record: Any) -> None:
        """Take ``record`` out of lists and choices; it can be restored."""
        self._set_active(record, False)

    def restore(self, record: Any) -> None:
        """Bring an archived record back. Raises `Conflict` when its name was given away meanwhile."""
        self._set_active(record, True)

    def remove_file(self, record: Any, file: Attachment) -> None:
        """Take ``file`` off ``record``; it stays in the store. Raises `Conflict` when it must stay."""
        require(self._model, "write", self.session, record)
        with self.saving(record):
            self.check_files(record, file)
            file.active = False
            self.session.flush()
            self._send("kernel.file_removed", record, file=file)

    def transition(self, record: Any, name: str, values: Mapping[str, Any] | None = None) -> Any:
        """Move the state of ``record``: locks its row, compares the state, checks right, hooks and guard.

        ``values`` are for the columns that the transition asks for; what is not given is emptied.
        """
        transition = self.find_transition(name)
        require(self._model, name, self.session, record)
        self.session.refresh(record, with_for_update={"of": self._model})
        if isinstance(record, Archivable) and not record.active:
            raise Conflict(_l("This record is archived; restore it first."), code="archived")
        if record.state not in transition.from_states:
            raise Conflict(_l("This is no longer possible: the state has changed."), code="state_changed")
        with self.saving(record):
            # What guard and effect look up must not write half a move: it would stand in the history as a move.
            with self.session.no_autoflush:
                self._move(record, transition, values or {})
            self.session.flush()
            self._send("kernel.after_transition", record, transition=transition)
        return record

    def run_action(self, name: str, records: Sequence[Any], given: list[Any] | None = None) -> Any:
        """Do the action ``name`` with all of ``records`` or with none; returns its sentence, if it has one. The action
        gets them as the list ``given``, which may watch how far it is.

        Raises `NotFound` for an unknown action, `Forbidden` when the right does not reach one of the records.
        """
        action = self.find_action(name)
        for record in records:
            require(self._model, name, self.session, record)
            if isinstance(record, Archivable) and not record.active:
                raise Conflict(_l("This record is archived; restore it first."), code="archived")
        with self.saving(records[0] if records else None):
            return action.run(list(records) if given is None else given)

    def find_action(self, name: str) -> RecordAction:
        """The action ``name`` of an addon that is enabled here. Raises `NotFound`."""
        scope = current_scope(self.session)
        enabled = enabled_addons(scope.institution_id, self.session) if scope else frozenset()
        for action in actions_of(self._model.__model_key__, enabled):
            if action.name == name:
                return action
        raise NotFound(_l("There is no such step."))

    def find_transition(self, name: str) -> Transition:
        """The transition ``name``. Raises `NotFound`."""
        for transition in transitions_of(self._model):
            if transition.name == name:
                return transition
        raise NotFound(_l("There is no such step."))

    @contextmanager
    def saving(self, record: Any) -> Iterator[None]:
        """Everything inside is written or nothing is; what the database refuses becomes an answer.

        The savepoint is set before anything changes: SQLAlchemy flushes when it opens one, and a refusal there would
        end
        the whole transaction, so that nobody could look up with whom the record clashes.
        """
        try:
            with self.session.begin_nested():
                yield
                self.session.flush()
        except StaleDataError:
            raise Conflict(_l("Somebody else changed this record in the meantime."), code="stale") from None
        except IntegrityError as error:
            raise self._explained(error, record) from None

    # Helpers -------------------------------------------------------------------------------------------------

    def _set_active(self, record: Any, active: bool) -> None:
        require(self._model, "archive", self.session, record)
        with self.saving(record):
            record.active = active
            self.session.flush()
            self._send("kernel.record_restored" if active else "kernel.record_archived", record)

    def _move(self, record: Any, transition: Transition, values: Mapping[str, Any]) -> None:
        for column in transition.asks:
            setattr(record, column, values.get(column))
        self._send("kernel.before_transition", record, transition=transition)
        if transition.guard is not None:
            transition.guard(record)
        record.state = transition.to_state
        if transition.effect is not None:
            transition.effect(record)

    def _send(self, hook: str, record: Any, **payload: Any) -> None:
        institution_id = getattr(record, "institution_id", None)
        if institution_id is not None:
            send(hook, institution_id, record=record, **payload)

    def _explained(self, error: IntegrityError, record: Any) -> SinergiError:
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""
        answer = self.explain(constraint, record)
        if answer is not None:
            return answer
        kind = type(error.orig).__name__
        if kind == "UniqueViolation":
            return self._duplicate(constraint)
        if kind == "ForeignKeyViolation":
            return Conflict(_l("Other records still refer to this one."), code="referenced")
        if kind == "NotNullViolation":
            column = error.orig.diag.column_name  # type: ignore[union-attr]  # psycopg's errors carry diag
            return Invalid(_l("Some required values are missing."), {str(column): [_l("This field is required.")]})
        if kind == "CheckViolation":
            return Invalid(_l("The values do not fit together."))
        return Conflict(_l("The record clashes with another one."))

    def _duplicate(self, constraint: str) -> SinergiError:
        mapper = inspect(self._model)
        table: Any = self._model.__table__
        for index in table.indexes:
            if index.name == constraint:
                names = [
                    mapper.get_property_by_column(item).key for item in index.columns if item.name != "institution_id"
                ]
                taken = {name: [_l("Already in use.")] for name in names}
                return Conflict(_l("Another record already has this value."), taken, code="duplicate")
        return Conflict(_l("Another record already has this value."), code="duplicate")


def service_of(model: type[Model]) -> RecordService:
    """The service of ``model``: its addon's own, else the general one."""
    return _services.get(model.__model_key__, RecordService)(model)


def fill_defaults(record: Model) -> None:
    """Give ``record`` the defaults of its columns now: SQLAlchemy would wait for the flush, and rules look before."""
    for attribute in inspect(type(record)).column_attrs:
        if getattr(record, attribute.key) is None and (value := default_of(attribute.columns[0])) is not None:
            setattr(record, attribute.key, value)
