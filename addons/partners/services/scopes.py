"""Which rows a right over partner kinds reaches."""

from typing import Any

from sqlalchemy import ColumnElement

from app.addon import Scope, scope
from app.addon import lazy_gettext as _l


@scope("partners.own_institution", _l("rows of the own institution"))
def of_own_institution(model: Any, context: Scope) -> ColumnElement[bool]:
    """The rows of the institution itself; shared ones are read, and changed by the platform only."""
    expression: ColumnElement[bool] = model.institution_id == context.institution_id
    return expression
