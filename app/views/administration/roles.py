"""Roles and what they may do: one plain grid per role, its columns, and copying from another role."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from app.access.access_override import AccessOverride
from app.access.administration import institution_here
from app.access.institution_role import PREFIX, InstitutionRole
from app.access.own_roles import make_role, remove_role
from app.access.role_copy import copy_rights, differences
from app.access.role_grid import (
    ALL,
    NO,
    GridRow,
    column_cells,
    described,
    restore_shipped,
    rights_grid,
    scope_choices,
    set_right,
)
from app.access.second_factor_role import demand_second_factor, roles_with_second_factor
from app.database.base import models
from app.database.session import db
from app.errors import Conflict, Forbidden, Invalid, NotFound, SinergiError
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.records.actions import step_labels
from app.registry.roles import role_choices
from app.views.fields import field_of
from app.views.listing import switch
from app.views.menu import MenuLink, add_menu_link
from app.views.page_view import PageView, route
from app.views.words import search_words

OPERATIONS = {
    "read": _l("View"),
    "create": _l("Add"),
    "write": _l("Change"),
    "archive": _l("Archive"),
    "unmask": _l("Show personal data of one record"),
    "personal": _l("Always see personal data"),
}

add_menu_link(
    MenuLink(
        _l("Roles and rights"), "kernel_roles_page.index", "shield-lock", sequence=91, model="kernel.AccessOverride"
    )
)


def operation_label(model: str, operation: str) -> str:
    """What an operation is called: ``Change``, the label of a step, or the column it is about."""
    kind, _dot, column = operation.partition(".")
    if column:
        return f"{OPERATIONS[kind]}: {field_of(models[model], column).label}"
    if operation in OPERATIONS:
        return str(OPERATIONS[operation])
    label = step_labels(models[model]).get(operation)
    return str(label or getattr(models[model], "__actions__", {}).get(operation, operation))


class RolesPage(PageView):
    """``/kernel/roles``."""

    path = "roles"

    @route("/")
    def index(self) -> str:
        """The roles of the enabled addons and the institution's own."""
        self.enter(AccessOverride)
        return self._list()

    def _list(self, refusal: object = None) -> str:
        return self.render(
            "administration/roles.html",
            roles=_roles(),
            own=PREFIX,
            strict=_strict(),
            name=request.form.get("name", ""),
            refusal=refusal,
        )

    @route("/", methods=["POST"])
    def make(self) -> Response | tuple[str, int]:
        """A role of the institution's own."""
        self.enter(InstitutionRole, "create")
        try:
            role = make_role(db.session(), request.form.get("name", ""))
            flash(_l("The role was made. Now say what it may do."), "success")
            return redirect(f"/kernel/roles/{role.code}")
        except (Conflict, Invalid) as refusal:
            db.session.rollback()
            return self._list(refusal.message), refusal.status

    @route("/<role>/remove", methods=["POST"])
    def remove(self, role: str) -> Response:
        """Take away a role of the institution's own."""
        self.enter(InstitutionRole, "archive")
        try:
            remove_role(db.session(), role)
            flash(_l("The role was removed."), "success")
        except Conflict as refusal:
            return _refused(refusal, f"/kernel/roles/{role}")
        return redirect("/kernel/roles/")

    @route("/<role>")
    def grid(self, role: str) -> str:
        """The grid of one role, narrowed to models by name and to what differs."""
        self.enter(AccessOverride)
        return self._grid(role, {})

    def _grid(self, role: str, typed: dict[str, str], refusal: Any = None) -> str:
        session = db.session()
        words, only_changed = request.values.get("q", "")[:100], switch(request.values.get("changed"))
        rows = rights_grid(session, role, " ".join(search_words(words, 8)), only_changed=only_changed)
        return self.render(
            "administration/role.html",
            role=role,
            title=_roles()[role],
            others={code: title for code, title in _roles().items() if code != role},
            rows=rows,
            changed=_changed_cells(rights_grid(session, role, only_changed=True)),
            words=words,
            only_changed=only_changed,
            choices={(row.model, name): scope_choices(session, row.model, name) for row in rows for name in row.cells},
            operation_label=operation_label,
            described=described,
            typed=typed,
            refusal=refusal,
            is_own=role.startswith(PREFIX),
            needs_second_factor=role in _strict(),
        )

    @route("/<role>", methods=["POST"])
    def change(self, role: str) -> Response | tuple[str, int]:
        """Save the cells that were changed on the page, and no others: somebody else may have saved meanwhile."""
        self.enter(AccessOverride, "write")
        seen = dict(_cell(text) for text in request.form.getlist("was"))
        wanted = {name: request.form.get(f"scope:{name}", seen.get(name, "")) for name in request.form.getlist("right")}
        names = sorted(name for name in seen.keys() | wanted if seen.get(name, NO) != (wanted.get(name, NO) or ALL))
        try:
            for name in names:
                model, _colon, operation = name.rpartition(":")
                set_right(
                    db.session(), role, model, operation, name in wanted, wanted.get(name) or None, seen.get(name, NO)
                )
        except (Conflict, Forbidden, NotFound) as refusal:
            db.session.rollback()
            return self._grid(role, {name: wanted.get(name, NO) for name in names}, refusal.message), refusal.status
        flash(_l("Rights changed: %(count)d.", count=len(names)), "success")
        return redirect(_back(role))

    @route("/<role>/second-factor", methods=["POST"])
    def second_factor(self, role: str) -> Response:
        """Demand a second factor of whoever has the role here, or demand it no more."""
        self.enter(AccessOverride, "write")
        is_on = request.form.get("on") == "1"
        demand_second_factor(db.session(), role, on=is_on)
        if is_on:
            flash(_l("Whoever has this role sets up a second factor at the next page."), "success")
        else:
            flash(_l("The role asks for no second factor any more."), "success")
        return redirect(f"/kernel/roles/{quote(role)}")

    @route("/<role>/columns/<model>")
    def columns(self, role: str, model: str) -> str:
        """Which columns of a model the role reads and changes."""
        self.enter(AccessOverride)
        if model not in {row.model for row in rights_grid(db.session(), role)}:
            raise NotFound(_l("This page does not exist."))
        return self.render(
            "administration/role_columns.html",
            role=role,
            title=_roles()[role],
            model=model,
            model_title=models[model].__plural__ or models[model].__title__,
            cells=column_cells(db.session(), role, model),
            labels={name: field_of(models[model], name).label for name in column_cells(db.session(), role, model)},
        )

    @route("/<role>/columns/<model>", methods=["POST"])
    def change_columns(self, role: str, model: str) -> Response:
        """Save the changed boxes of the columns."""
        self.enter(AccessOverride, "write")
        seen, wanted = set(request.form.getlist("was")), set(request.form.getlist("right"))
        address = f"/kernel/roles/{role}/columns/{model}"
        try:
            for operation in sorted(seen ^ wanted):
                if "." not in operation:
                    raise NotFound(_l("There is no such right."))
                set_right(db.session(), role, model, operation, operation in wanted)
        except (Conflict, Forbidden, NotFound) as refusal:
            return _refused(refusal, address)
        flash(_l("Rights changed: %(count)d.", count=len(seen ^ wanted)), "success")
        return redirect(address)

    @route("/<role>/copy")
    def copy_preview(self, role: str) -> str:
        """What would change if the role got the rights of another one."""
        self.enter(AccessOverride)
        other = request.args.get("from", "")
        found = differences(db.session(), role, other)
        return self.render(
            "administration/role_copy.html",
            role=role,
            title=_roles()[role],
            other=other,
            other_title=_roles()[other],
            found=[(str(models[item.model].__plural__ or models[item.model].__title__), item) for item in found],
            operation_label=operation_label,
            described=described,
        )

    @route("/<role>/copy", methods=["POST"])
    def copy(self, role: str) -> Response:
        """Give the role the rights of another one."""
        self.enter(AccessOverride, "write")
        count = copy_rights(db.session(), role, request.form.get("from", ""))
        flash(_l("Rights changed: %(count)d.", count=count), "success")
        return redirect(f"/kernel/roles/{role}")

    @route("/<role>/restore", methods=["POST"])
    def restore(self, role: str) -> Response:
        """Back to the shipped state: the whole role, one model (``model``) or one cell (``model:operation``)."""
        self.enter(AccessOverride, "write")
        model, _colon, operation = request.form.get("only", "").partition(":")
        restore_shipped(db.session(), role, model or None, operation or None)
        message = _l("These are the shipped rights again.") if model else _l("The role has its shipped rights again.")
        flash(message, "success")
        return redirect(_back(role))


def _roles() -> dict[str, str]:
    return role_choices(institution_here(db.session()))


def _strict() -> frozenset[str]:
    return roles_with_second_factor(db.session(), institution_here(db.session()))


def _cell(text: str) -> tuple[str, str]:
    """``model:operation=state`` as (``model:operation``, state)."""
    name, _sign, state = text.partition("=")
    return name, state or ALL


def _changed_cells(rows: list[GridRow]) -> list[tuple[GridRow, str, str, str]]:
    """The cells that differ from what is shipped: row, operation, before, now."""
    found = []
    for row in rows:
        for name, cell in row.cells.items():
            if cell.changed:
                found.append((row, name, described(cell.shipped), described(cell.reached)))
        if row.changed_columns:
            found.append((row, "", "", _("columns: %(count)d", count=row.changed_columns)))
    return found


def _back(role: str) -> str:
    query = urlencode({name: request.form[name][:100] for name in ("q", "changed") if request.form.get(name)})
    return f"/kernel/roles/{quote(role)}" + (f"?{query}" if query else "")


def _refused(refusal: SinergiError, address: str) -> Response:
    db.session.rollback()
    flash(str(refusal.message), "danger")
    return redirect(address)
