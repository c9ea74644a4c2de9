"""What the forms of the procedure editor offer to choose from, by title: nobody types a technical name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select

from addons.procedures.models.case import Case
from addons.procedures.models.joins_case import joining_models_here
from addons.procedures.models.step_output import FILE
from addons.procedures.services.condition import CASE_FIELDS, choices_of, field_name
from addons.procedures.services.procedure_document import Document, ways_of
from addons.procedures.services.procedure_print import kinds_of_document
from addons.procedures.services.procedure_words import offer_kinds, states_of_kind
from app.addon import db, models

OF_CASES = "case"
"""Stands for the case where conditions look at one, as the key of a model does elsewhere."""
MOST_VALUES = 200
"""So many values of a linked list are offered; others can be typed."""
Choices = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Offered:
    """What the form of a step offers."""

    gates: dict[str, str]
    """What a step can keep waiting."""
    gate_fields: dict[str, tuple[str, dict[str, str]]]
    """What can be asked of it."""
    values: dict[str, dict[Any, str]]
    """The values of fields that conditions ask for."""
    dependent: dict[str, Choices]
    """What depends on another choice of the form."""


def offered_in(document: Document) -> Offered:
    """What the form of a step of ``document`` offers."""
    return Offered(gates_to_choose(), fields_to_choose(), values_to_choose(), choices_for(document))


def kinds_of_output() -> dict[str, tuple[Any, dict[str, Any]]]:
    """What a step can bring forth: key of the model → its title and states."""
    return {key: (model.__title__, states_of_kind(key)) for key, model in joining_models_here().items()}


def gates_to_choose() -> dict[str, str]:
    """What a step can keep waiting: ``model:transition`` → words."""
    return {
        f"{key}:{step.name}": f"{model.__title__}: {step.label}"
        for key, model in joining_models_here().items()
        for step in getattr(model, "__transitions__", ())
    }


def choices_for(document: Document) -> dict[str, Choices]:
    """What depends on another choice of the form: states by kind; outputs and their states by optional step."""
    steps = {str(step["key"]): step for step in document["steps"]}
    return {
        "states": {kind: _words(states) for kind, (_title, states) in kinds_of_output().items()},
        "outputs": {key: {name: name for name in _outputs(step)} for key, step in steps.items()},
        "offer_states": {
            key: {state: word for kind in offer_kinds(step) for state, word in _words(states_of_kind(kind)).items()}
            for key, step in steps.items()
        },
    }


def fields_to_choose() -> dict[str, tuple[str, dict[str, str]]]:
    """What a condition of a gate can ask of a record that waits: model → its title, and its fields."""
    return {
        key: (str(model.__title__), _fields(model))
        for key, model in joining_models_here().items()
        if getattr(model, "__transitions__", ())
    }


def values_to_choose() -> dict[str, dict[Any, str]]:
    """``model:field`` → the values that a condition can compare with, each with its title."""
    found = {f"{OF_CASES}:{field}": _words(choices_of(field)) for field in CASE_FIELDS}
    for key, (_title, fields) in fields_to_choose().items():
        found |= {f"{key}:{field}": _values(models[key], field) for field in fields}
    return {name: values for name, values in found.items() if values}


def value_of(words: str, field: str, model: Any = Case) -> Any:
    """The value that people call ``words`` in the field; itself where it has no such name."""
    choices = choices_of(field, model) or (_values(model, field) if field in _fields(model) else {})
    known = {str(label).casefold(): value for value, label in choices.items()}
    known |= {str(value).casefold(): value for value in choices}
    return known.get(words.casefold(), words)


def document_kinds(chosen: str) -> list[str]:
    """The kinds of document that have a printed form, and the one that is ``chosen``."""
    return list(dict.fromkeys([*kinds_of_document(), *([chosen] if chosen else [])]))


def way_label(step: Document, key: str) -> str:
    """What the way ``key`` of a step is called."""
    return next((str(way.get("label") or key) for way in ways_of(step) if way["key"] == key), key)


def _outputs(step: Mapping[str, Any]) -> list[str]:
    return [str(item["name"]) for item in step.get("outputs", ()) if item.get("kind", FILE)]


def _words(choices: Mapping[Any, Any]) -> dict[Any, str]:
    return {value: str(label) for value, label in choices.items()}


def _fields(model: Any) -> dict[str, str]:
    """Fields with certain values, and the codes of linked lists such as the kind of an agreement."""
    mapper = inspect(model)
    found = [key for key, item in mapper.columns.items() if key != "active" and choices_of(key, model) and _label(item)]
    for relation in mapper.relationships:
        target = relation.mapper.columns
        if not relation.uselist and "code" in target and _label(target["code"]) and relation.key != "case":
            found.append(f"{relation.key}.code")
    return {field: _field_words(model, field) for field in found}


def _field_words(model: Any, field: str) -> str:
    link, dot, _name = field.partition(".")
    if not dot:
        return field_name(field, model)
    (column,) = inspect(model).relationships[link].local_columns
    return f"{column.info.get('label') or link}: {field_name(field, model)}"


def _label(column: Any) -> Any:
    return column.info.get("label")


def _values(model: Any, field: str) -> dict[Any, str]:
    link, dot, name = field.partition(".")
    if not dot:
        return _words(choices_of(field, model))
    target = inspect(model).relationships[link].mapper.class_
    statement = select(getattr(target, name)).where(target.active).distinct().limit(MOST_VALUES)
    return {value: str(value) for value in db.session.scalars(statement) if value}
