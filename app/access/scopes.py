"""Scopes: registered functions that say which rows of a model a right reaches. Never evaluated text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement

from app.database.scope import Scope
from app.errors import AddonError
from app.i18n import lazy_gettext as _l

ScopeFunction = Callable[[Any, Scope], ColumnElement[bool]]

scopes: dict[str, ScopeFunction] = {}
scope_titles: dict[str, Any] = {}
"""What scopes are called in the grid of a role."""


def scope(name: str, title: Any = None) -> Callable[[ScopeFunction], ScopeFunction]:
    """Register ``function(model, context) -> SQL expression`` under ``name``, for the last column of access.csv;
    ``title`` says in the grid of a role which rows it means.
    """

    def register(function: ScopeFunction) -> ScopeFunction:
        if name in scopes:
            raise AddonError(f"The scope {name} is declared twice.")
        scopes[name] = function
        scope_titles[name] = title or name
        return function

    return register


@scope("kernel.own", _l("own rows"))
def own_records(model: Any, context: Scope) -> ColumnElement[bool]:
    """The rows that the user created."""
    expression: ColumnElement[bool] = model.created_by_id == context.user_id
    return expression
