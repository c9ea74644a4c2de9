"""What a declaration of screens means here and now: columns, fields, links, rights, states."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from flask import g, has_app_context, url_for
from flask_appbuilder import BaseView
from sqlalchemy import select
from sqlalchemy.orm import joinedload, lazyload

from app.access.access import current_access
from app.access.column_rights import is_hidden, is_locked, is_masked, masked_columns
from app.database.base import Archivable, Model, Versioned
from app.database.session import db
from app.errors import Forbidden, NotFound
from app.i18n import lazy_gettext as _l
from app.prints.printed import Print
from app.records.actions import RecordAction, actions_of
from app.records.service import RecordService, service_of
from app.records.transitions import Transition, transitions_of
from app.views import operations
from app.views.fields import Field, as_list, field_of
from app.views.modes import Mode

views: dict[str, Screen] = {}
"""The registered screens by model key."""


@dataclass(frozen=True, slots=True)
class Related:
    """A tab on the record page: the records of ``model`` whose ``relation`` points here."""

    model: str
    relation: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows within the form: the records of ``model`` whose ``relation`` points here, with these ``columns``. ``order``
    is the column that keeps their order when people move them, ``name`` what forms and programs call them.
    """

    name: str
    model: str
    relation: str
    columns: tuple[str, ...]
    order: str = ""
    in_add: bool = True


@dataclass(frozen=True, slots=True)
class When:
    """When a form asks for a column: while ``column`` has one of ``values``; without values, while it is filled in."""

    column: str
    values: tuple[str, ...] = ()

    def holds(self, value: Any) -> bool:
        """Whether ``value`` of the other column fits."""
        found = [str(item) for item in as_list(value) if item not in (False, "")]
        return any(item in self.values for item in found) if self.values else bool(found)

    @property
    def told(self) -> str:
        """The condition for the page's script."""
        return json.dumps({"column": self.column, "values": self.values})


class Screen(BaseView):
    """A model's declared columns and what they mean for the person who looks. The pages are in its subclasses."""

    model: ClassVar[type[Model]]
    resource: ClassVar[str] = ""
    icon: ClassVar[str] = "list"
    sequence: ClassVar[int] = 50
    in_menu: ClassVar[bool] = True
    list_columns: ClassVar[tuple[str, ...]] = ()
    form_columns: ClassVar[tuple[str, ...]] = ()
    add_columns: ClassVar[tuple[str, ...] | None] = None
    edit_columns: ClassVar[tuple[str, ...] | None] = None
    show_columns: ClassVar[tuple[str, ...] | None] = None
    search_columns: ClassVar[tuple[str, ...]] = ()
    filter_columns: ClassVar[tuple[str, ...]] = ()
    order_columns: ClassVar[tuple[str, ...]] = ()
    default_order: ClassVar[str] = "-id"
    fieldsets: ClassVar[tuple[tuple[Any, tuple[str, ...]], ...]] = ()
    """Titles with the columns under them; a column that none names stays with the one before it."""

    shown_when: ClassVar[Mapping[str, When]] = MappingProxyType({})
    """Columns that forms ask for, and pages show, under a condition only. What is not asked for is emptied."""

    lines: ClassVar[tuple[Lines, ...]] = ()
    related: ClassVar[tuple[Related, ...]] = ()
    attachments: ClassVar[bool] = False
    may_add: ClassVar[bool] = True
    may_edit: ClassVar[bool] = True
    show_template: ClassVar[str] = "record.html"
    prints: ClassVar[tuple[Print, ...]] = ()
    eager: ClassVar[tuple[str, ...]] = ()
    """Links that a property among the columns reads, loaded together with the rows."""
    modes: ClassVar[tuple[Mode, ...]] = ()
    """Other views of the same records: `Board`, `Calendar`, `Graph`, `Pivot`."""
    quick_edit: ClassVar[tuple[str, ...]] = ()
    """Columns that are changed in the list itself."""
    empty_hint: ClassVar[Any] = ""
    """What an empty list says of how records come to be; without it what fits every model."""

    @property
    def key(self) -> str:
        """The model's key."""
        return self.model.__model_key__

    @property
    def service(self) -> RecordService:
        """The rules of the model."""
        return service_of(self.model)

    @property
    def title(self) -> Any:
        """One record's name."""
        return self.model.__title__ or self.model.__name__

    @property
    def plural(self) -> Any:
        """Several records' name."""
        return self.model.__plural__ or self.title

    @property
    def has_archive(self) -> bool:
        """Whether records are archived."""
        return issubclass(self.model, Archivable)

    @property
    def allowed_order(self) -> tuple[str, ...]:
        """Columns a list can be sorted by."""
        columns = (*self.order_columns, "id") if "id" not in self.order_columns else self.order_columns
        return self._open(columns)

    @property
    def usual_order(self) -> str:
        """The order of a list that nobody asked otherwise for."""
        return self.default_order if self._open((self.default_order.removeprefix("-"),)) else "-id"

    @property
    def searched(self) -> tuple[str, ...]:
        """What a list is searched by, for the present person: who does not see a value does not find by it."""
        # Flask-AppBuilder reads every property while it registers a view: nobody acts then.
        enabled = current_access().enabled if has_app_context() and g.get("access") else frozenset()
        more = operations.added("search", self.key, enabled)
        return self._open(tuple(dict.fromkeys((*self.search_columns, *more))))

    def _open(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those of ``names`` whose values the present person sees; ``partner.name`` is looked up at the other model."""
        return tuple(name for name in names if self._is_open(name))

    def _is_open(self, name: str) -> bool:
        link, _dot, attribute = name.rpartition(".")
        model = field_of(self.model, link).target if link else self.model
        linked = not link or not is_hidden(self.model, link)
        return linked and not is_hidden(model, attribute) and not is_masked(model, attribute)

    def may(self, operation: str) -> bool:
        """Whether the present person may do ``operation`` with some records of this model."""
        return current_access().may(self.model, operation)

    def told_saved(self, record: Any) -> Any:
        """What whoever saved ``record`` is told."""
        return _l("Saved.")

    def offers(self, operation: str, record: Any) -> bool:
        """Whether the page of ``record`` offers ``write`` or ``archive``: views take away what its state refuses."""
        return self.may(operation)

    def takes(self, parent: Any) -> bool:
        """Whether the page of ``parent`` offers to add a record of this kind under it."""
        return self.may_add and self.may("create")

    def columns(self, purpose: str) -> tuple[str, ...]:
        """The column names for ``list``, ``show``, ``add``, ``edit`` or ``filter``, as the institution's addons arrange
        them.
        """
        found = tuple(name for name in self._arranged(purpose) if not is_hidden(self.model, name))
        if purpose in {"add", "edit"}:
            # What is masked could only be overwritten unseen; on a new record there is nothing to see yet.
            locked = self.masked if purpose == "edit" else frozenset()
            return tuple(name for name in found if name not in locked and not is_locked(self.model, name))
        return self._open(found) if purpose == "filter" else found

    @property
    def masked(self) -> frozenset[str]:
        """The columns of which the present person sees a mask only."""
        return masked_columns(self.model)

    def shown_in_form(self, purpose: str) -> list[Field]:
        """The fields of a form with those that the person sees and may not change, in their places."""
        names = self._arranged(purpose)
        return [field_of(self.model, name) for name in names if not is_hidden(self.model, name)]

    def _arranged(self, purpose: str) -> tuple[str, ...]:
        enabled = current_access().enabled
        form = {"add": self.add_columns, "edit": self.edit_columns}.get(purpose) or self.form_columns
        if purpose in {"add", "edit"}:
            return operations.arranged(self.key, form, enabled)
        if purpose == "list":
            return operations.arranged(self.key, self.list_columns, enabled, is_list=True)
        if purpose == "filter":
            arranged = operations.arranged(self.key, self.filter_columns, enabled, is_list=True)
            return tuple(dict.fromkeys((*arranged, *operations.added("filter", self.key, enabled))))
        shown = self.show_columns or tuple(
            dict.fromkeys((*self.form_columns, *(self.add_columns or ()), *self.list_columns))
        )
        return operations.arranged(self.key, tuple(name for name in shown if name != "state"), enabled)

    def in_fieldsets(self, fields: list[Field]) -> list[tuple[Any, list[Field]]]:
        """``fields`` under the titles of `fieldsets`; what stands before any title has none."""
        place = {name: index for index, (_title, names) in enumerate(self.fieldsets) for name in names}
        groups: dict[int, list[Field]] = {}
        last = -1
        for field in fields:
            last = place.get(field.name, last)
            groups.setdefault(last, []).append(field)
        return [(self.fieldsets[key][0] if key >= 0 else None, groups[key]) for key in sorted(groups)]

    def fitting(self, fields: list[Field], record: Any) -> list[Field]:
        """Those of ``fields`` whose condition ``record`` meets, or that have a value all the same."""
        rules = self.shown_when
        return [
            field
            for field in fields
            if field.name not in rules
            or getattr(record, field.name)
            or rules[field.name].holds(getattr(record, rules[field.name].column))
        ]

    def creator_of(self, field: Field) -> str | None:
        """The address where the person may make the record that the link ``field`` asks for, or None."""
        other = views.get(getattr(field.target, "__model_key__", ""))
        return other.url("add") if other is not None and other.may_add and other.may("create") else None

    def fields(self, purpose: str) -> list[Field]:
        """The fields of `columns`."""
        return [field_of(self.model, name) for name in self.columns(purpose)]

    def asked(self, step: Transition) -> list[Field]:
        """The fields of what ``step`` asks the present person for."""
        names = [name for name in step.asks if not is_locked(self.model, name) and name not in self.masked]
        return [field_of(self.model, name) for name in names]

    def links(self) -> dict[str, Field]:
        """The links whose choices the person may look up: those of the forms, of the filter and of what the
        transitions ask for.
        """
        fields = [field for purpose in ("add", "edit", "filter") for field in self.fields(purpose)]
        for step in transitions_of(self.model):
            fields += self.asked(step) if self.may(step.name) else []
        return {field.name: field for field in fields if field.kind in {"relation", "relations"}}

    def relations(self, fields: list[Field]) -> list[str]:
        """The links to load together with records of which ``fields`` are shown."""
        return list(dict.fromkeys((*self.eager, *(field.name for field in fields if field.kind == "relation"))))

    def load(self, pk: int, *, links: bool = True) -> Any:
        """The record ``pk`` with its links, in one statement, or without any. Raises `NotFound`."""
        if not self.may("read"):
            raise Forbidden(_l("You do not have the right to do this."))
        if not 0 < pk < 2**31:
            raise NotFound(_l("This record does not exist, or you may not see it."))
        relations = self.relations([*self.fields("show"), *self.fields("edit")]) if links else []
        options = [joinedload(getattr(self.model, name)) for name in relations] if links else [lazyload("*")]
        record = db.session.scalar(select(self.model).where(self.model.id == pk).options(*options))
        if record is None:
            raise NotFound(_l("This record does not exist, or you may not see it."))
        return record

    def url(self, endpoint: str = "list_page", **values: Any) -> str:
        """The address of one of this view's pages."""
        return url_for(f"{self.endpoint}.{endpoint}", **values)

    def path_of(self, pk: int) -> str:
        """The path of a record's page, also outside requests."""
        return f"{self.route_base}/{pk}"

    def _enter(self, operation: str) -> None:
        access = current_access()
        if not access.sees_addon(self.key.split(".")[0]):
            raise NotFound(_l("This page does not exist."))
        if not self.may(operation):
            raise Forbidden(_l("You do not have the right to do this."))

    def state_label(self, record: Any) -> Any:
        """The label of the record's state."""
        return (field_of(self.model, "state").choices or {}).get(record.state, record.state)

    def states(self) -> dict[str, Any]:
        """The states of the life cycle, in order."""
        return dict(field_of(self.model, "state").choices or {}) if transitions_of(self.model) else {}

    def transitions(self, record: Any) -> list[Transition]:
        """The transitions that the person may take from the record's state."""
        if isinstance(record, Archivable) and not record.active:
            return []
        return [step for step in transitions_of(self.model) if record.state in step.from_states and self.may(step.name)]

    @property
    def moves_by_itself(self) -> bool:
        """Whether a transition needs no more than the record; a service with ``act`` asks for more on its own page."""
        return not hasattr(self.service, "act")

    def actions(self, record: Any = None, *, in_list: bool = False) -> list[RecordAction]:
        """The actions that the person may do with ``record``, or with those chosen in the list."""
        if isinstance(record, Archivable) and not record.active:
            return []
        offered = actions_of(self.key, current_access().enabled)
        return [item for item in offered if self.may(item.name) and (item.in_list or not in_list)]

    def version_of(self, record: Any) -> int | None:
        """The version that a form over ``record`` carries."""
        return record.version if isinstance(record, Versioned) else None


def view_of(model: type[Model]) -> Any:
    """The screens of ``model``, if it has any."""
    return views.get(model.__model_key__)
