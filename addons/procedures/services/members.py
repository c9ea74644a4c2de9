"""What joined a case."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import inspect, select

from addons.procedures.models.case import Case
from addons.procedures.models.joins_case import joining_models
from app.addon import Archivable, current_access, models

Parts = Callable[[list[Any]], list[Any]]
_parts: dict[str, Parts] = {}


def case_parts(model: str) -> Callable[[Parts], Parts]:
    """Register parts of the records of ``model`` that have no screen: the function gives them for records of a case.
    Their model names in ``__told__`` the columns whose changes are told in the thread.
    """

    def register(function: Parts) -> Parts:
        _parts[model] = function
        return function

    return register


def parts_of(members: list[tuple[Any, list[Any]]]) -> list[Any]:
    """The parts of ``members`` whose changes are told with them."""
    return [part for model, records in members if (find := _parts.get(model.__model_key__)) for part in find(records)]


def members_of(session: Any, case: Case, *, archived: bool = False) -> list[tuple[Any, list[Any]]]:
    """What joined ``case`` and the present person may read: (model, records), by kind; ``archived`` with what was put
    away since.
    """
    access = current_access()
    groups = []
    for model in joining_models().values():
        if access.may(model, "read"):
            statement = select(model).where(model.case_id == case.id).order_by(model.id)
            if issubclass(model, Archivable) and not archived:
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
