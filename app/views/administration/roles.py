"""Roles and what they may do: one plain grid per role."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from app.access.access_override import AccessOverride
from app.access.administration import GridRow, institution_here, restore_shipped, rights_grid, set_right
from app.database.base import models
from app.database.session import db
from app.errors import Conflict, Forbidden, NotFound
from app.i18n import lazy_gettext as _l
from app.records.actions import step_labels
from app.registry.roles import role_choices
from app.views.menu import MenuLink, add_menu_link
from app.views.page_view import PageView, route

add_menu_link(
    MenuLink(
        _l("Roles and rights"), "kernel_roles_page.index", "shield-lock", sequence=91, model="kernel.AccessOverride"
    )
)


def _labels(rows: list[GridRow]) -> dict[tuple[str, str], Any]:
    """What the steps of life cycles are called: (model, operation) → label."""
    return {(row.model, name): label for row in rows for name, label in step_labels(models[row.model]).items()}


class RolesPage(PageView):
    """``/kernel/roles``."""

    path = "roles"

    @route("/")
    def index(self) -> str:
        """The roles of the enabled addons."""
        self.enter(AccessOverride)
        return self.render("administration/roles.html", roles=role_choices(institution_here(db.session())))

    @route("/<role>")
    def grid(self, role: str) -> str:
        """The grid of one role."""
        self.enter(AccessOverride)
        rows = rights_grid(db.session(), role)
        title = role_choices(institution_here(db.session()))[role]
        return self.render("administration/role.html", role=role, title=title, rows=rows, labels=_labels(rows))

    @route("/<role>", methods=["POST"])
    def change(self, role: str) -> Response:
        """Save the boxes that were changed on the page, and no others: somebody else may have saved meanwhile."""
        self.enter(AccessOverride, "write")
        shown, wanted = set(request.form.getlist("was")), set(request.form.getlist("right"))
        try:
            for right in sorted(shown ^ wanted):
                model, _colon, operation = right.rpartition(":")
                set_right(db.session(), role, model, operation, right in wanted)
            flash(_l("Rights changed: %(count)d.", count=len(shown ^ wanted)), "success")
        except (Conflict, Forbidden, NotFound) as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
        return redirect(f"/kernel/roles/{role}")

    @route("/<role>/restore", methods=["POST"])
    def restore(self, role: str) -> Response:
        """Back to the shipped state."""
        self.enter(AccessOverride, "write")
        restore_shipped(db.session(), role)
        flash(_l("The role has its shipped rights again."), "success")
        return redirect(f"/kernel/roles/{role}")
