"""Conditions: what a case, or a record that waits at a gate, must say for a way to be taken.

A condition is ``{"field": "partner.country", "operator": "!=", "value": "ID"}``; ``in`` and ``not in`` take a list.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from addons.procedures.models.case import Case
from app.addon import as_system
from app.addon import gettext as _
from app.addon import lazy_gettext as _l

CASE_FIELDS: dict[str, Any] = {
    "kind": _l("Kind of the case"),
    "origin": _l("Origin of the case"),
    "partner.country": _l("Country of the partner"),
    "partner.level": _l("Level of the partner"),
    "partner.is_internal_unit": _l("Partner is a unit of our own institution"),
    "partner.kind.name": _l("Kind of the partner"),
}
"""What a branch may ask of a case and its partner."""

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, wanted: value == wanted,
    "!=": lambda value, wanted: value != wanted,
    "in": lambda value, wanted: value in wanted,
    "not in": lambda value, wanted: value not in wanted,
}
OPERATOR_WORDS = {
    "=": _l("is"),
    "!=": _l("is not"),
    "in": _l("is one of"),
    "not in": _l("is none of"),
}
"""The operators as a form offers them."""
WORDS = {
    "=": _l("%(field)s: %(value)s"),
    "!=": _l("%(field)s: not %(value)s"),
    "in": _l("%(field)s: one of %(value)s"),
    "not in": _l("%(field)s: none of %(value)s"),
}


def condition_problem(condition: Any, model: Any = Case) -> str | None:
    """What is wrong with a condition over records of ``model``, in a sentence; None when it can be decided."""
    if not isinstance(condition, Mapping) or set(condition) != {"field", "operator", "value"}:
        return _("A condition consists of field, operator and value.")
    field, operator, value = condition["field"], condition["operator"], condition["value"]
    if not isinstance(field, str) or (model is Case and field not in CASE_FIELDS) or _column(model, field) is None:
        return _("There is no field %(field)s that a condition can ask for.", field=field)
    if operator not in OPERATORS:
        return _("There is no operator %(operator)s.", operator=operator)
    wanted = value if operator in {"in", "not in"} else [value]
    if not isinstance(wanted, list) or not wanted:
        return _("The operator %(operator)s takes a list of values.", operator=operator)
    if any(item is None or isinstance(item, list | dict) for item in wanted):
        return _("A condition compares with texts, numbers or yes and no.")
    choices = choices_of(field, model)
    strange = [str(item) for item in wanted if choices and item not in choices]
    if strange:
        return _("%(field)s has no value %(value)s.", field=field, value=", ".join(strange))
    return None


def holds(session: Session, condition: Mapping[str, Any], record: Any) -> bool | None:
    """Whether ``condition`` holds for ``record``; None when the value it asks for is missing."""
    value = _value(session, record, condition["field"])
    return None if value in (None, "") else OPERATORS[condition["operator"]](value, condition["value"])


def is_value(session: Session, condition: Mapping[str, Any], record: Any) -> str:
    """What ``record`` says where the condition looks, for people: ``Country of the partner: Malaysia``."""
    value = _value(session, record, condition["field"])
    said = _word(value, condition["field"], type(record)) if value not in (None, "") else _("not known")
    return _("%(field)s: %(value)s", field=field_name(condition["field"], type(record)), value=said)


def condition_words(condition: Mapping[str, Any], model: Any = Case) -> str:
    """The condition for people: ``Country of the partner: not Indonesia``."""
    field, value = condition["field"], condition["value"]
    items = value if isinstance(value, list) else [value]
    said = ", ".join(_word(item, field, model) for item in items)
    return str(WORDS[condition["operator"]]) % {"field": field_name(field, model), "value": said}


def field_name(field: str, model: Any = Case) -> str:
    """What the field is called on screen."""
    if model is Case and field in CASE_FIELDS:
        return str(CASE_FIELDS[field])
    found = _column(model, field)
    return str(found.info.get("label") or field) if found is not None else field


def choices_of(field: str, model: Any = Case) -> dict[Any, Any]:
    """The values that the field can have, with their names; empty where anything can be written."""
    found = _column(model, field)
    if found is None:
        return {}
    if found.type.python_type is bool:
        return {True: _l("yes"), False: _l("no")}
    return dict(found.info.get("choices") or {})


def _column(model: Any, field: str) -> Any:
    """The column behind a dotted path over links, or None."""
    *links, name = field.split(".")
    for link in links:
        relation = inspect(model).relationships.get(link)
        if relation is None or relation.uselist:
            return None
        model = relation.mapper.class_
    return inspect(model).columns.get(name)


def _value(session: Session, record: Any, field: str) -> Any:
    with as_system(session, "the data of a case decide its way, whoever may read them"):
        for name in field.split("."):
            record = getattr(record, name, None)
        return record


def _word(value: Any, field: str, model: Any) -> str:
    return str(choices_of(field, model).get(value, value))
