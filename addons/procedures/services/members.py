"""What joined a case."""

from typing import Any

from sqlalchemy import inspect, select

from addons.procedures.models.case import Case
from addons.procedures.models.joins_case import joining_models
from app.addon import Archivable, current_access, models


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


def details_of(session: Any, members: list[tuple[Any, list[Any]]]) -> list[Any]:
    """What belongs to the ``members`` of a case without joining it itself: models say so by ``__case_through__``, the
    name of their link to a model that joins.
    """
    found: list[Any] = []
    records = {model: [item.id for item in items] for model, items in members}
    for model in models.values():
        link = getattr(model, "__case_through__", None)
        if link is None or not current_access().may(model, "read"):
            continue
        relation = inspect(model).relationships[link]
        owners = records.get(relation.mapper.class_)
        if owners:
            key = next(iter(relation.local_columns))
            found.extend(session.scalars(select(model).where(key.in_(owners)).order_by(model.id)))
    return found
