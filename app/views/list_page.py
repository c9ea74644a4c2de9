"""The list of a model: search, filters, groups, chosen columns, sort and pages; and what its other views share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import redirect, request
from flask_appbuilder import expose
from sqlalchemy import Select, inspect

from app.access.access import current_access
from app.database.session import db
from app.errors import BadRequest, NotFound
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.records.saved_filter import KEPT, SHARING, SavedFilter, may_share, preference_of, saved_filters
from app.registry.roles import role_choices
from app.views import listing
from app.views.fields import Field, field_of
from app.views.forms import find_choice
from app.views.grouping import GROUPABLE, groups_of
from app.views.list_filters import PERIODS, Chip, apply_filters, arguments_of, chips_of, filter_arguments
from app.views.modes import Graph, Mode, Pivot
from app.views.screen import Screen
from app.views.text_search import search

WORDS = 200


class ListTools:
    """What stands above a list and its other views; looked up as far as it is shown."""

    def __init__(self, view: ListPages, page: str, arguments: Mapping[str, str]) -> None:
        self.view, self.page, self.arguments = view, page, arguments
        self.filters = view.fields("filter")
        self.words = words_in(arguments)
        self.archived = listing.switch(arguments.get("archived"))
        self.sharing, self.periods = SHARING, PERIODS

    @cached_property
    def linked(self) -> dict[str, str]:
        """The texts of links that the filters name."""
        found = {}
        for field in self.filters:
            value = self.arguments.get(f"f_{field.name}", "")
            if field.kind == "relation" and value.isdigit():
                record = find_choice(field.target, int(value))
                found[field.name] = str(record) if record is not None else _("(not visible to you)")
        return found

    @cached_property
    def chips(self) -> list[Chip]:
        """The active filters."""
        return chips_of(self.filters, self.arguments, self.linked)

    @property
    def plural(self) -> str:
        """What the records are called within a sentence: small, unless it begins with an abbreviation."""
        words = str(self.view.plural)
        return words if words[1:2].isupper() else words[:1].lower() + words[1:]

    @property
    def is_narrowed(self) -> bool:
        """Whether words or filters keep some records out."""
        return bool(self.words or filter_arguments(self.arguments))

    @cached_property
    def saved(self) -> list[SavedFilter]:
        """The kept filters that can be used here and now."""
        return [item for item in saved_filters(db.session(), self.view.key) if self.view.understands(item)]

    @cached_property
    def chosen_filter(self) -> SavedFilter | None:
        """The kept filter that the address came from."""
        wish = self.arguments.get("saved", "")
        return next((item for item in self.saved if str(item.id) == wish), None)

    @cached_property
    def preference(self) -> Any:
        """How the person wants this list."""
        return preference_of(db.session(), self.view.key)

    @property
    def beginning(self) -> SavedFilter | None:
        """The filter that the person begins with."""
        wish = self.preference.default_filter_id if self.preference is not None else None
        return next((item for item in self.saved if item.id == wish), None)

    @property
    def may_share(self) -> bool:
        """Whether the person may share filters."""
        return may_share()

    @property
    def roles(self) -> dict[str, str]:
        """With whom a filter can be shared."""
        return role_choices(current_access().institution_id)

    @cached_property
    def fields(self) -> list[Field]:
        """The columns of the list as the person wants them."""
        wanted = (self.preference.columns if self.preference is not None else None) or ()
        chosen = [field for field in self.view.possible_fields() if field.name in wanted]
        return chosen or self.view.fields("list")

    @property
    def shared(self) -> dict[str, str]:
        """What the list and its other views have in common: words and filters."""
        return {**({"q": self.words} if self.words else {}), **filter_arguments(self.arguments)}

    @property
    def keepable(self) -> str:
        """What can be kept under a name, as the arguments of an address."""
        kept = {name: self.arguments[name] for name in KEPT if self.arguments.get(name)}
        return urlencode({**kept, **filter_arguments(self.arguments)})

    def export_query(self, kind: str) -> str:
        """The arguments by which this list is downloaded as a file of ``kind``."""
        kept = {name: self.arguments[name] for name in ("order", "archived") if self.arguments.get(name)}
        return urlencode({"kind": kind, **self.shared, **kept})

    @property
    def list_query(self) -> str:
        """The arguments by which the list itself is shown again."""
        kept = {name: self.arguments[name] for name in ("order", "archived") if self.arguments.get(name)}
        return urlencode({"all": 1, **self.shared, **kept})

    @property
    def groupable(self) -> list[Field]:
        """The columns that a list can be grouped by."""
        return [field for field in self.filters if field.kind in GROUPABLE]


@dataclass(frozen=True)
class Mark:
    """Where a page of a list begins: the number it is called by, its size, and the record it follows (or precedes)."""

    page: int
    size: int
    cursor: tuple[int, bool] | None


def words_in(arguments: Mapping[str, str]) -> str:
    """The words that a list is searched by."""
    return arguments.get("q", "").strip()[:WORDS]


def mark_in(arguments: Mapping[str, str]) -> Mark:
    """Where the page begins that an address asks for. Raises `BadRequest`."""
    number = listing.whole_number(arguments.get("page"), 0)
    size = listing.whole_number(arguments.get("size"), listing.PAGE_SIZE)
    after, before = (listing.whole_number(arguments.get(name), 0) for name in ("after", "before"))
    pk = after or before
    return Mark(number, size, (pk, not after) if pk and number else None)


class ListPages(Screen):
    """The list, and what its other views ask of it."""

    @expose("/")
    def list_page(self) -> Any:
        """The list: search, filters, sort, groups, pages."""
        self._enter("read")
        tools = ListTools(self, "list", request.args)
        if not request.args and tools.beginning is not None:
            return redirect(self.saved_address(tools.beginning))
        wish, group = request.args.get("order") or self.usual_order, request.args.get("group")
        found: dict[str, Any] = {"groups": None, "page": None}
        if group:
            found["groups"] = self.grouped(request.args, group, archived=tools.archived)
            found["grouped_by"] = field_of(self.model, group)
        else:
            found["page"] = self.find(request.args, archived=tools.archived, wish=wish, fields=tools.fields)
        return str(self.render_template("list.html", view=self, tools=tools, wish=wish, **found))

    def narrowed(self, arguments: Mapping[str, str], *, archived: bool = False) -> Select[Any]:
        """The ids of the records that words and filters of an address leave. Raises `BadRequest`."""
        statement = listing.base_statement(self.model, archived=archived)
        statement = search(statement, self.model, self.searched, words_in(arguments))
        return apply_filters(statement, self.fields("filter"), arguments)

    def find(
        self, arguments: Mapping[str, str], *, archived: bool, wish: str, fields: list[Field] | None = None
    ) -> listing.Page:
        """The page of records that ``arguments`` of an address ask for. Raises `BadRequest`."""
        statement, sort = self.narrowed(arguments, archived=archived), self.sort(wish)
        relations = self.relations(self.fields("list") if fields is None else fields)
        mark = mark_in(arguments)
        if mark.cursor is not None:
            page = listing.fetch_beyond(statement, sort, relations, mark.page, mark.size, mark.cursor)
            if page is not None and page.records:
                return page
        return listing.fetch(statement.order_by(*sort.clauses()), self.model, relations, mark.page, mark.size)

    def sort(self, wish: str) -> listing.Sort:
        """The order of the list. Raises `BadRequest` for a column that it cannot be sorted by."""
        return listing.sort_of(self.model, (*self.allowed_order, self.usual_order.removeprefix("-")), wish)

    def order_fields(self) -> list[Field]:
        """The columns that the list can be sorted by."""
        return [field_of(self.model, name) for name in self.allowed_order if name != "id"]

    def grouped(self, arguments: Mapping[str, str], group: str, *, archived: bool) -> Any:
        """The records counted by the values of the column ``group``. Raises `BadRequest`."""
        return groups_of(self.model, self.narrowed(arguments, archived=archived), self.groupable_field(group))

    def groupable_field(self, name: str) -> Field:
        """A column that records can be counted by: a declared filter that the person sees. Raises `BadRequest`."""
        field = next((item for item in self.fields("filter") if item.name == name and item.kind in GROUPABLE), None)
        if field is None:
            raise BadRequest(_l("The list cannot be grouped by that column."), code="bad_group")
        return field

    def measures(self) -> list[Field]:
        """The numbers that can be summed: those that graphs and pivot tables declare and the person sees."""
        declared = dict.fromkeys(mode.of for mode in self.modes if isinstance(mode, (Graph, Pivot)) and mode.of)
        return [field_of(self.model, name) for name in declared if self._is_open(name)]

    def possible_fields(self) -> list[Field]:
        """The columns that a list can show: its usual ones, and stored ones of the record in one line."""
        usual = self.columns("list")
        more = [name for name in self.columns("show") if name not in usual and self._is_stored(name)]
        fields = [field_of(self.model, name) for name in (*usual, *more)]
        return [field for field in fields if field.name in usual or not field.multiline]

    def _is_stored(self, name: str) -> bool:
        return name in inspect(self.model).attrs and field_of(self.model, name).kind not in {"data", "choices"}

    def understands(self, item: SavedFilter) -> bool:
        """Whether the present person can use a kept filter: it narrows by columns that they see."""
        declared = {name for field in self.fields("filter") for name in arguments_of(field)}
        orders = {"", *self.allowed_order, self.usual_order.removeprefix("-")}
        groups = {"", *(field.name for field in self.fields("filter") if field.kind in GROUPABLE)}
        pages = {"list", *(mode.name for mode in self.offered_modes())}
        return (
            filter_arguments(item.arguments).keys() <= declared
            and item.arguments.get("order", "").removeprefix("-") in orders
            and {item.arguments.get(name, "") for name in ("group", "by", "rows")} <= groups
            and item.page in pages
        )

    def saved_address(self, item: SavedFilter) -> str:
        """Where a kept filter leads."""
        return self.url(self.page_endpoint(item.page), **{**item.arguments, "saved": item.id})

    @staticmethod
    def page_endpoint(page: str) -> str:
        """The method behind the list (``list``) or one of its other views."""
        return "list_page" if page == "list" else page

    def offered_modes(self) -> list[Mode]:
        """The other views of these records whose columns the person sees."""
        return [mode for mode in self.modes if all(self._is_open(name) for name in mode.needs)]

    def ways(self) -> list[tuple[str, Any, str]]:
        """The list and its other views: name, label, icon."""
        return [("list", _("List"), "list"), *((mode.name, mode.label, mode.icon) for mode in self.offered_modes())]

    def mode(self, name: str) -> Any:
        """The declared view called ``name``. Raises `NotFound`."""
        found = next((mode for mode in self.offered_modes() if mode.name == name), None)
        if found is None:
            raise NotFound(_l("This page does not exist."))
        return found
