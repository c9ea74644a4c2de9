"""What joined a case."""

from typing import Any

from sqlalchemy import select

from addons.procedures.models.case import Case
from addons.procedures.models.joins_case import joining_models
from app.addon import (
    Archivable,
    current_access,
)


def members_of(session: Any, case: Case) -> list[tuple[Any, list[Any]]]:
    """What joined ``case`` and the present person may read: (model, records), by kind."""
    access = current_access()
    groups = []
    for model in joining_models().values():
        if access.may(model, "read"):
            statement = select(model).where(model.case_id == case.id).order_by(model.id)
            if issubclass(model, Archivable):
                statement = statement.where(model.active)
            if records := list(session.scalars(statement)):
                groups.append((model, records))
    return groups
