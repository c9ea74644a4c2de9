"""Which rows a right over agreement kinds reaches."""

from typing import Any

from sqlalchemy import ColumnElement

from app.addon import Scope, scope


@scope("agreements.own_institution")
def of_own_institution(model: Any, context: Scope) -> ColumnElement[bool]:
    """The rows of the institution itself; shared ones are read, and changed by the platform only."""
    expression: ColumnElement[bool] = model.institution_id == context.institution_id
    return expression
