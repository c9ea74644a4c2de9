"""What procedures name by keys, in the words that people see: kinds of output, states, books."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import inspect

from addons.procedures.models.joins_case import joining_models
from addons.procedures.models.step_output import FILE
from addons.procedures.services.kept_record import book_title


def kind_words(kind: str | None) -> str:
    """The title of the model or book ``kind``; empty for a file or a paper, the key of what no addon here knows."""
    if kind in (None, "", FILE):
        return ""
    model = joining_models().get(str(kind))
    return str(model.__title__) if model is not None else book_title(str(kind)) or str(kind)


def states_of_kind(kind: str | None) -> dict[str, Any]:
    """The states that records of ``kind`` can have, with their titles."""
    model = joining_models().get(str(kind))
    columns = inspect(model).columns if model is not None else {}
    return dict(columns["state"].info.get("choices") or {}) if "state" in columns else {}


def state_words(kinds: Iterable[str | None], states: Iterable[str]) -> list[str]:
    """``states`` by the titles that they have in the first of ``kinds`` that knows them, else as they are."""
    known: dict[str, str] = {}
    for kind in kinds:
        known = {**{key: str(title) for key, title in states_of_kind(kind).items()}, **known}
    return [known.get(state, state) for state in states]


def offer_kinds(step: Mapping[str, Any] | None, outputs: Iterable[str] = ()) -> list[str]:
    """The kinds of the outputs that an optional step asks for: of those named, or of all."""
    names = set(outputs)
    found = (step or {}).get("outputs", ())
    return [item["kind"] for item in found if item.get("kind") and (not names or item["name"] in names)]
