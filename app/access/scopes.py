"""Scopes: registered functions that say which rows of a model a right reaches. Never evaluated text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement

from app.database.scope import Scope
from app.errors import AddonError

ScopeFunction = Callable[[Any, Scope], ColumnElement[bool]]

scopes: dict[str, ScopeFunction] = {}


def scope(name: str) -> Callable[[ScopeFunction], ScopeFunction]:
    """Register ``function(model, context) -> SQL expression`` under ``name``, for the last column of access.csv."""

    def register(function: ScopeFunction) -> ScopeFunction:
        if name in scopes:
            raise AddonError(f"The scope {name} is declared twice.")
        scopes[name] = function
        return function

    return register


@scope("kernel.own")
def own_records(model: Any, context: Scope) -> ColumnElement[bool]:
    """The rows that the user created."""
    expression: ColumnElement[bool] = model.created_by_id == context.user_id
    return expression
