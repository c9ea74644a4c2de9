"""Explaining access: why a person may or may not do something."""

from __future__ import annotations

from flask import request

from app.access.access import current_access
from app.access.administration import people_here
from app.access.explanation import explain
from app.access.role_assignment import RoleAssignment
from app.database.base import models
from app.database.session import db
from app.i18n import lazy_gettext as _l
from app.registry.enablement import registry
from app.registry.loader import operations_of
from app.views.administration.roles import operation_label
from app.views.listing import whole_number
from app.views.menu import MenuLink, add_menu_link
from app.views.page_view import PageView, route

add_menu_link(
    MenuLink(
        _l("Explain access"), "kernel_explanation_page.index", "help-circle", sequence=94, model="kernel.RoleAssignment"
    )
)


class ExplanationPage(PageView):
    """``/kernel/explain``: choose a person, records and what is to be done with them."""

    path = "explain"

    @route("/")
    def index(self) -> str:
        """The question and, once it is complete, the answer with its reasons."""
        self.enter(RoleAssignment)
        user_id, (model, operation) = whole_number(request.args.get("person"), 0), _right(request.args.get("right", ""))
        answer = explain(db.session(), user_id, model, operation) if user_id and model else None
        return self.render(
            "administration/explanation.html",
            people=people_here(db.session()),
            rights=_rights(),
            chosen=(user_id, f"{model}:{operation}"),
            answer=answer,
        )


def _right(text: str) -> tuple[str, str]:
    model, _colon, operation = text.partition(":")
    return model, operation


def _rights() -> dict[str, dict[str, str]]:
    """Addon title → ``model:operation`` → what it is called, for a select in groups."""
    found: dict[str, dict[str, str]] = {}
    enabled = current_access().enabled
    for key, model in models.items():
        addon = key.split(".", maxsplit=1)[0]
        if model.__title__ is None or addon == "kernel" or addon not in enabled:
            continue
        group = found.setdefault(registry().manifests[addon].title, {})
        for operation in operations_of(key, enabled):
            label = operation_label(key, operation)
            group[f"{key}:{operation}"] = f"{model.__plural__ or model.__title__}: {label}"
    return found
